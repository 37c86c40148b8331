"""T5: numbers of orders are the companies' own. Whatever signs one has, its pages are found and no list that holds it crashes.

Seen to fail: with the slash left as it is (`orders/addresses.py`).
"""

from __future__ import annotations

import pytest

from tests.safety.actors import World, body_of
from tests.safety.fixtures import built_world, world
from tests.safety.table_office import new_order

__all__ = ["built_world", "world"]

NUMBERS = (
    "INV/2026/0042", "/", "//", ".", "..", "../..", "a%2Fb", "a%252Fb", "%", "a b", "a?b#c", "ñandú", "<b>", "50%", "a;b", "a\\b",
    "\u202eabc", "#1", "0",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_an_order_of_any_number_is_found(world: World, number: str) -> None:
    made = world.ask("sue", "post", world.url("desk:order_new"), {**new_order(world), "number": number})
    assert made.status_code == 302
    pages = [("sue", "desk:order"), ("carol", "desk:order_void"), ("alice", "portal:order"), ("alice", "portal:order_print")]
    for who, name in pages:
        url = world.url(name, number)
        assert ".." not in url.split("/")
        answer = world.ask(who, "get", url)
        assert answer.status_code == 200, (name, url)
        assert name == "desk:order_void" or "Dominio" in body_of(answer), name
    assert world.ask("sue", "get", made.headers["Location"]).status_code == 200
    lists = [("sue", "desk:orders"), ("alice", "portal:orders"), ("alice", "portal:home"), ("alice", "portal:report")]
    for who, name in lists:
        assert world.ask(who, "get", world.url(name)).status_code == 200, name
