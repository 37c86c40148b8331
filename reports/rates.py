"""The dated rate between the currency of the orders and that of a transfer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from accounts.models import Merchant
from banking.models import ExchangeRate
from banking.selectors import rate_on

TEN_DIGITS = Decimal(1).scaleb(-10)


@dataclass(frozen=True, kw_only=True)
class DatedRate:
    """One unit of the orders' currency is `rate` units of the transfer's, as of `date`, after `source`."""

    rate: Decimal
    date: dt.date
    source: str


def dated_rate(merchant: Merchant, currency: str, paid_in: str, date: dt.date) -> DatedRate | None:
    """The rate for a payment in `paid_in` of what is owed in `currency`; the table is read in either direction."""
    found = rate_on(merchant, currency, paid_in, date)
    if found is not None:
        return DatedRate(rate=found.rate, date=found.date, source=found.source)
    found = rate_on(merchant, paid_in, currency, date)
    if found is None:
        return None
    inverse = (1 / found.rate).quantize(TEN_DIGITS)
    return DatedRate(rate=inverse, date=found.date, source=found.source) if inverse > 0 else None


def nearest_rate_date(merchant: Merchant, currency: str, paid_in: str, date: dt.date) -> dt.date | None:
    """The day nearest to `date` for which a rate stands in the table, to be named when there is none for `date`."""
    rates = ExchangeRate.objects.filter(Q(base=currency, quote=paid_in) | Q(base=paid_in, quote=currency), merchant=merchant)
    around = [
        rates.filter(date__lte=date).order_by("-date").values_list("date", flat=True).first(),
        rates.filter(date__gt=date).order_by("date").values_list("date", flat=True).first(),
    ]
    return min((day for day in around if day is not None), key=lambda day: abs((day - date).days), default=None)
