"""The books: the one place that inserts ledger entries. What they change (balances) is kept by the database's triggers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconciliation.closed import require_open
from reconciliation.models import Adjustment, CreditBalance, LedgerEntry, Settlement, StatementLine

ENDS = (
    "source_line_id",
    "source_credit_id",
    "source_adjustment_id",
    "target_order_id",
    "target_credit_id",
    "target_adjustment_id",
    "target_line_id",
)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Money from one source to one target. `source_amount` is in the source's currency, `target_amount` in the target's.

    `rate`: units of the bank line's currency for one of the other end's, `None` when both ends are in one currency.
    """

    source: StatementLine | CreditBalance | Adjustment
    target_order_id: int | None = None
    target: CreditBalance | Adjustment | StatementLine | None = None
    source_amount: Decimal
    target_amount: Decimal
    target_currency: str
    rate: Decimal | None = None


def post(*, settlement: Settlement, movements: Sequence[Movement], booked_on: dt.date) -> list[LedgerEntry]:
    """Write one entry per movement, in one statement. The caller holds the locks of every balance that moves.

    The database refuses (IntegrityError) what takes a balance below zero or above its amount, ends of another currency or
    customer, void orders, returned lines. Raises `Refused(period_closed)` for a day whose books are closed.
    """
    require_open(settlement.merchant_id, booked_on)
    return LedgerEntry.objects.bulk_create([_entry(settlement, movement, booked_on) for movement in movements])


def post_many(*, postings: Sequence[tuple[Settlement, Sequence[Movement]]], booked_on: dt.date) -> list[LedgerEntry]:
    """`post` for many settlements of one merchant, in one statement, under the same conditions."""
    if not postings:
        return []
    require_open(postings[0][0].merchant_id, booked_on)
    return LedgerEntry.objects.bulk_create(
        [_entry(settlement, movement, booked_on) for settlement, movements in postings for movement in movements]
    )


def post_mirror(*, settlement: Settlement, booked_on: dt.date) -> list[LedgerEntry]:
    """Write the mirrored row of every entry of the settlement that `settlement` reverses, in one statement."""
    if settlement.reverses_id is None:
        raise ValueError("only a reversal mirrors")
    require_open(settlement.merchant_id, booked_on)
    originals = LedgerEntry.objects.filter(settlement_id=settlement.reverses_id).order_by("pk")
    return LedgerEntry.objects.bulk_create([_mirror(settlement, entry, booked_on) for entry in originals])


def _entry(settlement: Settlement, movement: Movement, booked_on: dt.date) -> LedgerEntry:
    entry = LedgerEntry(
        merchant_id=settlement.merchant_id,
        customer_id=settlement.customer_id,
        settlement=settlement,
        source_amount=movement.source_amount,
        source_currency=movement.source.currency,
        target_order_id=movement.target_order_id,
        target_amount=movement.target_amount,
        target_currency=movement.target_currency,
        rate=movement.rate,
        booked_on=booked_on,
    )
    _set_end(entry, "source", movement.source)
    if movement.target is not None:
        _set_end(entry, "target", movement.target)
    return entry


def _set_end(entry: LedgerEntry, side: str, end: StatementLine | CreditBalance | Adjustment) -> None:
    names = {StatementLine: "line", CreditBalance: "credit", Adjustment: "adjustment"}
    setattr(entry, f"{side}_{names[type(end)]}_id", end.pk)


def _mirror(settlement: Settlement, entry: LedgerEntry, booked_on: dt.date) -> LedgerEntry:
    return LedgerEntry(
        merchant_id=entry.merchant_id,
        customer_id=entry.customer_id,
        settlement=settlement,
        source_amount=entry.source_amount,
        source_currency=entry.source_currency,
        target_amount=entry.target_amount,
        target_currency=entry.target_currency,
        rate=entry.rate,
        reverses=entry,
        booked_on=booked_on,
        **{name: getattr(entry, name) for name in ENDS},
    )
