"""What a debit takes from a credit that stands in another currency: at the dated rate of the day on which the bank booked it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import Merchant
from banking.money import convert, quantize
from orders.dates import written
from reconciliation.models import StatementLine
from reconciliation.rate_words import rate_words
from reports.rates import DatedRate, dated_rate, nearest_rate_date


@dataclass(frozen=True, kw_only=True)
class Payout:
    """`paid` of a debit takes `amount` from a credit in `currency`; `rate` is None where both are in one currency."""

    paid: Decimal
    paid_currency: str
    amount: Decimal
    currency: str
    rate: DatedRate | None = None

    @property
    def how(self) -> str:
        """The rate in words; empty without one."""
        return rate_words(self.currency, self.paid_currency, self.rate.rate, self.rate.date) if self.rate else ""


def value_payout(paid: Decimal, debit: StatementLine, currency: str, *, whole: Iterable[Decimal] = ()) -> Payout:
    """What `paid` (in the debit's currency) takes from a credit in `currency`, rounded once.

    Who was paid a credit as we converted it has been paid it: when `paid` is one of `whole` converted, it takes exactly that,
    though dividing it by the rate again may be a cent off. Raises `Refused(other_currency)` where there is no rate.
    """
    if currency == debit.currency:
        return Payout(paid=paid, paid_currency=currency, amount=paid, currency=currency)
    rate = require_rate(debit.merchant, currency, debit.currency, debit.booked_on)
    exact = next((each for each in whole if each > 0 and convert(each, rate.rate, debit.currency) == paid), None)
    amount = quantize(paid / rate.rate, currency) if exact is None else exact
    return Payout(paid=paid, paid_currency=debit.currency, amount=amount, currency=currency, rate=rate)


def require_rate(merchant: Merchant, currency: str, paid_in: str, date: dt.date) -> DatedRate:
    """The dated rate, or `Refused(other_currency)` with a sentence that names the nearest one."""
    rate = dated_rate(merchant, currency, paid_in, date)
    if rate is not None:
        return rate
    nearest = nearest_rate_date(merchant, currency, paid_in, date)
    words = {"credit": currency, "movement": paid_in, "date": written(date)}
    if nearest is None:
        said = _("There is no rate from %(credit)s to %(movement)s for %(date)s. Enter it, and the refund can be noted.") % words
    else:
        said = _(
            "There is no rate from %(credit)s to %(movement)s for %(date)s; the nearest one is of %(nearest)s. "
            "Enter it, and the refund can be noted."
        ) % {**words, "nearest": written(nearest)}
    raise Refused(said, code="other_currency", fields=("amount",))
