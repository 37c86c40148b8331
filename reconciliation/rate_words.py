"""How a dated rate between a credit and the movement that paid it out is said, in a page and in a statement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banking.money import format_rate
from orders.dates import written


def rate_words(currency: str, paid_currency: str, rate: Decimal, date: dt.date) -> str:
    """`1 USD = 36,74 VES, tasa del 21/11/2026`: one unit of the credit's currency, and the day of the rate."""
    said = _("1 %(currency)s = %(rate)s %(paid)s, rate of %(date)s")
    number = format_rate(rate, get_language() or "es")
    return said % {"currency": currency, "rate": number, "paid": paid_currency, "date": written(date)}
