"""Whose credit a debit may have paid out, and what it takes from it: in the debit's currency, or at the dated rate of its day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, Q, Value, When

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import Customer
from accounts.text import folded
from banking.money import convert
from reconciliation.models import CreditBalance, Refund, StatementLine
from reconciliation.rate_words import rate_words
from reconciliation.selectors.returns import refunds_for
from reconciliation.services.refund_rates import require_rate
from reports.rates import DatedRate

MOST_CUSTOMERS = 20


@dataclass(frozen=True, kw_only=True)
class Way:
    """Between a credit's currency and the debit's: the dated rate (None in one currency), or the sentence why there is none."""

    currency: str
    paid_currency: str
    rate: DatedRate | None = None
    refusal: str = ""

    @property
    def words(self) -> str:
        """The rate in words; empty without one."""
        return rate_words(self.currency, self.paid_currency, self.rate.rate, self.rate.date) if self.rate else ""


@dataclass(frozen=True, kw_only=True)
class Payable:
    """A credit, or what was noted of one, that a debit may have paid. `fits`: the debit has exactly that left."""

    key: str
    customer: Customer
    amount: Decimal
    way: Way
    refund: Refund | None = None
    fits: bool = False


def payables_for(actor: Actor, debit: StatementLine, left: Decimal, query: str = "") -> list[Payable]:
    """What was noted first, then customers with something in their favour, those in the debit's currency first, then by name.

    `left` is what of the debit is unexplained; `query` narrows the customers by words of name or number. Staff only; two queries
    and two a currency.
    """
    if not actor.is_staff:
        raise NotAllowed
    noted = list(refunds_for(actor).filter(state=Refund.State.TO_PAY).order_by("pk")[:MOST_CUSTOMERS])
    credits = _credits(actor, debit, query)
    ways = _ways(debit, {*(each.currency for each in noted), *(each.currency for each in credits)})
    found = [
        Payable(
            key=f"refund-{each.pk}", customer=each.customer, amount=each.amount, way=ways[each.currency], refund=each,
            fits=_worth(each.amount, ways[each.currency]) == left,
        )
        for each in noted
    ]  # fmt: skip
    for each in credits:
        key = f"customer-{each.customer_id}" + ("" if each.currency == debit.currency else f"-{each.currency}")
        found.append(Payable(key=key, customer=each.customer, amount=each.balance, way=ways[each.currency]))
    return found


def _credits(actor: Actor, debit: StatementLine, query: str) -> Sequence[CreditBalance]:
    found = CreditBalance.objects.filter(merchant=actor.merchant, balance__gt=0).select_related("customer")
    for word in query.replace("\x00", " ")[:100].split()[:4]:
        found = found.filter(folded("customer__name", word) | Q(customer__number__icontains=word))
    far = Case(When(currency=debit.currency, then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(found.order_by(far, "customer__name", "pk")[:MOST_CUSTOMERS])


def _ways(debit: StatementLine, currencies: Iterable[str]) -> dict[str, Way]:
    ways = {}
    for currency in currencies:
        rate, refusal = None, ""
        if currency != debit.currency:
            try:
                rate = require_rate(debit.merchant, currency, debit.currency, debit.booked_on)
            except Refused as refused:
                refusal = refused.message
        ways[currency] = Way(currency=currency, paid_currency=debit.currency, rate=rate, refusal=refusal)
    return ways


def _worth(amount: Decimal, way: Way) -> Decimal | None:
    """`amount` of the credit in the debit's currency; None without a rate."""
    if way.currency == way.paid_currency:
        return amount
    return convert(amount, way.rate.rate, way.paid_currency) if way.rate else None
