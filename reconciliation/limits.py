"""When a second person signs, and how far one person may bend a difference. Compared in the merchant's currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.models import Merchant
from banking.money import quantize
from reports.rates import dated_rate

# The share of what was declared that a member of accounting may book as a named difference; seniors may book more. A
# tenfold typing error is far above it, a bank's fee on an ordinary transfer below.
TOLERANCE = Decimal("0.02")


def in_merchant_currency(merchant: Merchant, value: Decimal, currency: str, date: dt.date) -> Decimal | None:
    """`value` at the dated rate, None when the merchant has no rate for the day."""
    if currency == merchant.currency:
        return value
    rate = dated_rate(merchant, currency, merchant.currency, date)
    return None if rate is None else quantize(value * rate.rate, merchant.currency)


def is_above_limit(merchant: Merchant, value: Decimal, currency: str, date: dt.date) -> bool:
    """Whether one person may not decide alone. Without a rate to compare by, two people look."""
    worth = in_merchant_currency(merchant, value, currency, date)
    return worth is None or worth > merchant.approval_limit
