"""The world as a fixture: built once a module, untouched for each test. Imported by the modules that use it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.safety.actors import World, make_world


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, in a transaction that ends with the module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield make_world()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def world(built_world: World, db: None) -> Iterator[World]:
    """The world; what a test changes is gone after it. Logs are off: each refusal would be a line."""
    logging.disable(logging.CRITICAL)
    yield built_world
    logging.disable(logging.NOTSET)
