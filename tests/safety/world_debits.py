"""Debits of Alice's at a merchant: one that took a deposit back, one that may, refunds of her credit in each state."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.actors import Actor
from reconciliation import services as money
from reconciliation.models import Refund, ReturnedDeposit, StatementLine

if TYPE_CHECKING:
    from tests.safety.world import House


class Debits:
    """`free` and `deposit` fit each other; `pair` is in force; `refunds` by state."""

    free: StatementLine
    deposit: StatementLine
    pair: ReturnedDeposit
    refunds: dict[str, Refund]


def debits_of(house: House) -> Debits:
    """Furnish the debits of a merchant, with Alice's word in every text."""
    scene, alice, cast = house.scene, house.alice, house.scene.cast

    def line(amount: str, by: Actor | None = None) -> StatementLine:
        alice.serial += 1
        reference, text = alice.canaries.reference(alice.serial), f"DEV {alice.canaries.word}"
        return scene.line(amount, reference=reference, text=text, by=by or cast.ada)

    def refund(by: Actor) -> Refund:
        return money.refund_credit(
            customer_id=alice.customer.pk, debit_line_id=line("-0.40", cast.carol).pk, amount=Decimal("0.40"),
            note=f"Reembolso {alice.canaries.word}", by=by,
        ).refund  # fmt: skip

    made = Debits()
    made.deposit, made.free = line("45.10"), line("-45.10")
    made.pair = money.return_deposit(
        debit_line_id=line("-46.20").pk, deposit_line_id=line("46.20").pk, reason_id=house.reason("returned_by_bank"),
        note=f"Devuelto {alice.canaries.word}", by=cast.carol,
    ).pair  # fmt: skip
    made.refunds = {
        "to_pay": money.request_refund(
            customer_id=alice.customer.pk, currency=made.free.currency, amount=Decimal("0.30"),
            bank_data=f"Banesco {alice.canaries.digits}, {alice.canaries.word}", by=cast.carol,
        ),
        "waiting": refund(cast.carol),
        "paid": refund(cast.dan),
        "reversing": refund(cast.dan),
    }  # fmt: skip
    Refund.objects.filter(pk=made.refunds["reversing"].pk).update(
        state=Refund.State.REVERSING, reversal_note=f"Error {alice.canaries.word}", reversal_asked_by=cast.dan.user
    )
    return made
