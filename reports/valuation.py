"""What transfers are worth in the orders' currency, and which order gets how much. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from banking.money import convert, quantize


@dataclass(frozen=True, kw_only=True)
class Paid:
    """An amount that moved, with how many units of its currency one unit of the orders' currency is (None: the same currency)."""

    amount: Decimal
    currency: str
    rate: Decimal | None = None


def value_transfers(transfers: Sequence[Paid], dues: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Worth of each transfer in `currency`, rounded. `dues` are what the ticked orders owe.

    Who pays the debt as we converted it has paid it: an amount that equals the converted rest of the debt is worth exactly that
    rest, though dividing it by the rate again may be a cent off.
    """
    rest = sum(dues, Decimal(0))
    values: list[Decimal] = []
    for position, transfer in enumerate(transfers):
        value = _worth(transfer, currency)
        if (
            transfer.rate is not None
            and rest > 0
            and transfer.amount in _as_converted(rest, dues if position == 0 else (), transfer.rate, transfer.currency)
        ):
            value = rest
        values.append(value)
        rest -= value
    return values


def _worth(transfer: Paid, currency: str) -> Decimal:
    return quantize(transfer.amount if transfer.rate is None else transfer.amount / transfer.rate, currency)


def _as_converted(rest: Decimal, dues: Sequence[Decimal], rate: Decimal, paid_in: str) -> set[Decimal]:
    """How we may have shown the rest of the debt in the transfer's currency: converted as a sum, or order by order."""
    return {convert(rest, rate, paid_in), sum((convert(due, rate, paid_in) for due in dues), Decimal(0))}


def allocate(
    value: Decimal, dues: Sequence[tuple[int, Decimal]], typed: Mapping[int, Decimal] | None = None
) -> dict[int, Decimal]:
    """Order → amount. `dues` in the order in which the rest is applied (oldest due first); `typed` comes before it.

    Every order of `dues` is in the answer, with 0 when nothing reaches it. The sum is at most `value` when that of `typed` is.
    """
    typed = typed or {}
    rest = value - sum((typed.get(pk, Decimal(0)) for pk, _due in dues), Decimal(0))
    given: dict[int, Decimal] = {}
    for pk, due in dues:
        if pk in typed:
            given[pk] = typed[pk]
            continue
        given[pk] = max(Decimal(0), min(due, rest))
        rest -= given[pk]
    return given
