"""What many tests of a module look at is built once: in a transaction that ends with the module, as each test ends in its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import transaction

T = TypeVar("T")


def built_once(make: Callable[[], T]) -> Any:
    """A module's fixture that gives what `make` builds. Tests that use it ask for `db` too: what they change is gone after them.

    Python objects are not put back: a test that changes one fetches it anew.
    """

    @pytest.fixture(scope="module")
    def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[T]:
        with django_db_blocker.unblock():
            outer = transaction.atomic()
            outer.__enter__()
            try:
                yield make()
            finally:
                transaction.set_rollback(True)
                outer.__exit__(None, None, None)

    return built
