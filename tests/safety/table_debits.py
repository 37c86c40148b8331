"""The addresses of returned deposits and refunds: whose work each is, and a body with which its act succeeds."""

from __future__ import annotations

from typing import Any

from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table


def free(world: World) -> tuple[int]:
    return (world.andina.debits.free.pk,)


def refund(state: str) -> Any:
    return lambda world: (world.andina.debits.refunds[state].pk,)


def returning(world: World) -> Data:
    house = world.andina
    return {"deposit": str(house.debits.deposit.pk), "reason": str(house.reason("returned_by_bank")), "note": "Volvió"}


def paying(world: World) -> Data:
    return {"to": f"customer-{world.andina.alice.customer.pk}", "amount": "0.20", "note": "Lo pidió"}


def noting(world: World) -> Data:
    return {"currency": world.andina.debits.free.currency, "amount": "0.20", "bank_data": "Banesco 0134", "note": ""}


def signing(state: str, **more: Any) -> Page:
    return Page(who="staff:sign", args=refund(state), post=302, **{"get": NO_WAY, "by": "ada", **more})


DEBITS: Table = {
    "desk:line_return": Page(who="staff:decide", args=free, post=302, by="dan", data=returning),
    "desk:line_refund": Page(
        who="staff:decide", args=free, post=302, by="carol", data=paying,
        query=lambda world: {"q": world.andina.alice.canaries.word},
    ),
    "desk:return_undo": Page(
        who="staff:decide", args=lambda world: (world.andina.debits.pair.pk,), get=NO_WAY, post=302, by="carol"
    ),
    "desk:refunds": Page(who="staff"),
    "desk:refund_new": Page(
        who="staff:decide", args=lambda world: (world.andina.alice.customer.pk,), post=302, by="carol", data=noting
    ),
    "desk:refund_sign": signing("waiting", by="dan"),
    "desk:refund_drop": Page(who="staff:decide", args=refund("to_pay"), get=NO_WAY, post=302, by="carol"),
    "desk:refund_reverse": signing("paid", get=200, by="dan", data=lambda _: {"note": "No llegó"}),
    "desk:refund_sign_reversal": signing("reversing"),
    "desk:refund_keep": signing("reversing"),
}  # fmt: skip
