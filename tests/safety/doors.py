"""How far each person comes at each page, by the tables alone; and the words that somebody must never read."""

from __future__ import annotations

from tests.safety.actors import World
from tests.safety.pages import Page

PERMISSIONS = {
    "alice": {"see_orders", "report", "use_tickets", "manage_services", "manage_contacts"},
    "bob": {"see_orders", "report", "use_tickets", "manage_services", "manage_contacts"},
    "reader": {"see_orders", "use_tickets"},
    "reporter": {"report"},
    "manager": {"manage_contacts"},
    "nora": set(),
}
NEEDS = {
    "sue": {"write", "register"},
    "carol": {"decide", "write", "register", "export"},
    "dan": {"decide", "sign", "write", "register", "export"},
    "new": {"decide", "sign", "write", "register", "export"},  # without a second factor
    "ada": {"decide", "sign", "write", "register", "administer", "export"},
    "otto": {"export"},
}
FAR = ("far_alice", "far_carol", "far_ada", "root")
PEOPLE = ("stranger", *PERMISSIONS, *NEEDS, *FAR)

IN, AWAY, SECOND_FACTOR = "in", "sent to sign in", "sent to set up a second factor"


def door(page: Page, who: str) -> str | int:
    """How far somebody comes: `IN`, away to the sign-in, or the status that turns them back."""
    kind, _colon, asked = page.who.partition(":")
    if kind in ("public", "closed") or (kind == "entry" and who == "stranger"):
        return IN
    if kind == "entry":
        return 302
    if who == "stranger":
        return 404 if kind == "file" else AWAY
    if kind == "signed_in":
        return IN
    if who in FAR:
        return 404
    if kind == "file":
        return IN if who in ("alice", "reader", "reporter") or who in set(NEEDS) - {"new"} else 404
    if kind == "contact":
        return IN if who in PERMISSIONS and who != "bob" else 404
    if kind == "customer":
        if who in NEEDS or not set(asked.split("+")) - {""} <= PERMISSIONS[who]:
            return 403
        return 404 if who == "bob" and page.of_alice else IN
    assert kind == "staff", kind
    if who in PERMISSIONS or (asked and asked not in NEEDS[who]):
        return 403
    return SECOND_FACTOR if who == "new" else IN


def canaries_against(who: str, world: World) -> tuple[str, ...]:
    """What this person must never read."""
    here, far = world.andina, world.litoral
    if who.startswith("far_"):
        return (*here.canaries, *(far.bob.canaries.all if who == "far_alice" else ()))
    mine = {"alice": (here.bob,), "bob": (here.alice,), "stranger": (here.alice, here.bob)}.get(who, ())
    return (*far.canaries, *(each for owner in mine for each in owner.canaries.all))


def leaks(who: str, world: World, text: str) -> list[str]:
    return [word for word in canaries_against(who, world) if word in text]
