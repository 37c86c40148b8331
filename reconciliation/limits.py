"""When a second person signs, and how far one person may bend a difference. Compared in the merchant's currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from accounts.models import Merchant
from banking.money import quantize
from reports.rates import DatedRate, dated_rate

# The share of what was declared that a member of accounting may book as a named difference; seniors may book more. A
# tenfold typing error is far above it, a bank's fee on an ordinary transfer below.
TOLERANCE = Decimal("0.02")


RateOf = Callable[[Merchant, str, str, dt.date], DatedRate | None]


def in_merchant_currency(
    merchant: Merchant, value: Decimal, currency: str, date: dt.date, *, rate_of: RateOf = dated_rate
) -> Decimal | None:
    """`value` at the dated rate, None when the merchant has no rate for the day. `rate_of` answers as `dated_rate`."""
    if currency == merchant.currency:
        return value
    rate = rate_of(merchant, currency, merchant.currency, date)
    return None if rate is None else quantize(value * rate.rate, merchant.currency)


def is_above_limit(merchant: Merchant, value: Decimal, currency: str, date: dt.date) -> bool:
    """Whether one person may not decide alone. Without a rate to compare by, two people look."""
    worth = in_merchant_currency(merchant, value, currency, date)
    return worth is None or worth > merchant.approval_limit
