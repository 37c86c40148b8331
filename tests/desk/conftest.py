"""A scene with money (`tests.reconciliation.scene`), and browsers of the staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.cast import client_of
from tests.reconciliation.scene import Scene, make_scene

ROLES = ("carol", "dan", "ada", "sue", "otto")


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene(name="Hosting Andina")


@pytest.fixture
def browse(scene: Scene) -> Callable[[str], Client]:
    """The browser of a member of the cast, by first name; the same one each time."""
    clients: dict[str, Client] = {}

    def of(name: str) -> Client:
        if name not in clients:
            clients[name] = client_of(getattr(scene.cast, name))
        return clients[name]

    return of


@pytest.fixture
def post(scene: Scene, browse: Any) -> Callable[..., Any]:
    """POST by somebody: `post("carol", "desk:claim", ticket.number, note="…")`."""

    def send(who: str, page: str, /, *args: Any, **data: Any) -> Any:
        return browse(who).post(scene.cast.url(page, *args), data)

    return send
