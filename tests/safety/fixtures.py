"""The world as a fixture: built once a module, untouched for each test. Imported by the modules that use it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.once import built_once
from tests.safety.actors import World, make_world

built_world = built_once(make_world)


@pytest.fixture
def world(built_world: World, db: None) -> Iterator[World]:
    """The world; what a test changes is gone after it. Logs are off: each refusal would be a line."""
    logging.disable(logging.CRITICAL)
    yield built_world
    logging.disable(logging.NOTSET)
