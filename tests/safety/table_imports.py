"""The addresses of the bank's files."""

from __future__ import annotations

from collections.abc import Callable

from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table
from tests.safety.world_files import odd_row


def file(state: str) -> Callable[[World], tuple[int]]:
    return lambda world: (world.andina.bank_files[state].pk,)


def statement(world: World) -> tuple[int]:
    return (world.andina.statement.pk,)


def row(world: World) -> tuple[int, int]:
    made = world.andina.bank_files["preview"]
    return (made.pk, odd_row(made).pk)


def account(world: World) -> Data:
    return {"account": str(world.andina.scene.cast.account.pk)}


def correction(world: World) -> Data:
    return {
        "act": "correct", "booked_on": world.andina.scene.today.isoformat(), "direction": "in", "amount": "12,50",
        "reference": "00998877", "text": "TRF", "payer_name": "Ana", "payer_id": "V1", "origin_bank_code": "0134", "reason": "",
    }  # fmt: skip


IMPORTS: Table = {
    "desk:imports": Page(who="staff", query=lambda _: {"page": "1"}),
    "desk:imports_together": Page(
        who="staff:decide", post=302, by="carol", data=lambda world: {"file": str(world.andina.bank_files["ready"].pk)}
    ),
    "desk:import_progress": Page(who="staff", args=statement),
    "desk:import_original": Page(who="staff:decide", args=file("asking"), notes="reconciliation_statementdownload"),
    "desk:import_account": Page(who="staff:decide", args=file("asking"), get=NO_WAY, post=302, by="carol", data=account),
    "desk:import_commit": Page(who="staff:decide", args=file("preview"), get=NO_WAY, post=302, by="carol"),
    "desk:import_release": Page(
        who="staff:decide", args=file("held"), get=NO_WAY, post=302, by="carol", data=lambda _: {"note": "El banco redondea"}
    ),
    "desk:import_reread": Page(who="staff:decide", args=file("preview"), get=NO_WAY, post=302, by="carol"),
    "desk:import_discard": Page(who="staff:decide", args=file("held"), get=NO_WAY, post=302, by="carol"),
    "desk:import_undo": Page(
        who="staff:decide", args=statement, get=NO_WAY, post=302, by="carol", data=lambda _: {"reason": "Era de otra cuenta"}
    ),
    "desk:import_row": Page(who="staff:decide", args=row, post=302, by="carol", data=correction),
}
