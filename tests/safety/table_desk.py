"""The desk's addresses: whose work each is, and a body with which its act succeeds."""

from __future__ import annotations

import datetime as dt

from tests.factories import make_bank
from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table
from tests.safety.table_books import BOOKS
from tests.safety.table_debits import DEBITS
from tests.safety.table_imports import IMPORTS
from tests.safety.table_office import OFFICE
from tests.safety.table_portal import ticket
from tests.safety.table_workbench import WORKBENCH
from tests.safety.world import upload


def deposit_chosen(world: World) -> Data:
    """Alice's report in review with the deposit that fits it."""
    alice = world.andina.alice
    return {f"line-{alice.transfer('in_review').pk}": str(alice.lines["free"].pk)}


def other_amount(world: World) -> Data:
    transfer = world.andina.alice.transfer("in_review").pk
    return {
        **deposit_chosen(world),
        f"take-{transfer}": "10.00",
        "note": "Llegó menos",
        "adjustment_kind": "",
        "adjustment_way": "kept",
    }


def until(world: World) -> Data:
    return {"until": (world.andina.scene.today + dt.timedelta(days=3)).isoformat(), "note": "Mañana"}


def queue_filters(world: World) -> Data:
    return {
        "view": "all",
        "account": str(world.andina.scene.cast.account.pk),
        "bank": make_bank(country="VE", code="9998").code,
        "amount_from": "1",
        "amount_to": "9000",
        "age": "",
        "state": "",
        "q": world.andina.alice.canaries.word,
        "page": "1",
    }


def asked_reversal(world: World) -> Data:
    return {"request": str(world.andina.alice.reversal.pk)}


def act(need: str, state: str, by: str = "carol", **more: object) -> Page:
    """An act on Alice's ticket in that state."""
    return Page(who=f"staff:{need}", args=ticket(state), by=by, **{"post": 302, **more})  # type: ignore[arg-type]


TICKETS: Table = {
    "desk:queue": Page(who="staff", query=queue_filters),
    "desk:dashboard": Page(who="staff"),
    "desk:claim_row": act("decide", "submitted", get=NO_WAY),
    "desk:shortcuts": Page(who="staff", get=NO_WAY, post=302, by="carol", data=lambda world: {"on": ""}),
    "desk:ticket": Page(
        who="staff",
        args=ticket("in_review"),
        query=lambda world: {
            **deposit_chosen(world),
            "find": str(world.andina.alice.transfer("in_review").pk),
            "q": world.andina.alice.canaries.digits,
        },
    ),
    "desk:look": Page(who="staff", args=ticket("in_review"), get=204),
    "desk:claim": act("decide", "submitted", get=NO_WAY),
    "desk:release": act("decide", "in_review", get=NO_WAY),
    "desk:wait_for_bank": act("decide", "in_review", data=until),
    "desk:resume": act("decide", "waiting_for_bank", get=NO_WAY),
    "desk:ask_information": act(
        "decide", "in_review", data=lambda world: {"question": "¿Cuál?", "fields_asked": ["reference"]}
    ),
    "desk:take_back": act("decide", "needs_information", get=NO_WAY),
    "desk:verify": act("decide", "in_review", get=NO_WAY, data=deposit_chosen),
    "desk:verify_other": act("decide", "in_review", data=other_amount, query=deposit_chosen),
    "desk:sign": act("sign", "awaiting_approval", "dan", get=NO_WAY),
    "desk:send_back": act("sign", "awaiting_approval", "dan", data=lambda world: {"note": "No cuadra"}),
    "desk:reject": act(
        "decide",
        "in_review",
        data=lambda world: {
            "reason": str(world.andina.reason("duplicate")),
            "note": "Es el mismo",
            "duplicate_of": world.andina.alice.tickets["verified"].number,
        },
    ),
    "desk:reopen": act("decide", "rejected", data=lambda world: {"note": "Apareció"}),
    "desk:reverse": act(
        "sign",
        "verified",
        "dan",
        data=lambda world: {
            "reason": str(world.andina.reason("returned_by_bank")), "note": "Devuelto", "returned_by_bank": "on"
        },
    ),
    "desk:sign_reversal": act("sign", "reversing", "ada", get=NO_WAY, data=asked_reversal),
    "desk:refuse_reversal": act("sign", "reversing", "ada", get=NO_WAY, data=asked_reversal),
    "desk:message": act(
        "write",
        "in_review",
        get=NO_WAY,
        data=lambda world: {"text": "Hola", "kind": "public", "files": [upload("d.jpg")]},
    ),
}  # fmt: skip
DESK: Table = TICKETS | OFFICE | BOOKS | IMPORTS | WORKBENCH | DEBITS
