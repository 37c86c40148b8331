"""What an amount is worth in the currency that people pay in, today. Shown only where a rate of today exists; never booked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language

from accounts.models import Merchant
from banking.money import SYMBOLS, convert, format_number, format_rate, minor_units
from banking.selectors import accounts_of
from reports.rates import DatedRate, dated_rate


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """One unit of `base` is `rate.rate` units of `currency`."""

    base: str
    currency: str
    rate: DatedRate

    @property
    def factor(self) -> str:
        """The rate as a program reads it."""
        return f"{self.rate.rate.normalize():f}"

    @property
    def rate_text(self) -> str:
        return write_rate(self.rate.rate)

    def of(self, amount: Decimal) -> Decimal:
        """`amount` (in `base`) in the other currency, rounded."""
        return convert(amount, self.rate.rate, self.currency)


def write_rate(rate: Decimal) -> str:
    """`36,74` or `36,7412`: at least two decimals and as many as there are, at most ten, as the reader writes numbers."""
    return format_rate(rate, get_language() or "es")


def equivalent_for(merchant: Merchant, currency: str, today: dt.date) -> Equivalent | None:
    """Today's rate from `currency` to the first other currency that the merchant's accounts take; None where there is none."""
    others = dict.fromkeys(account.currency for account in accounts_of(merchant) if account.currency != currency)
    for other in others:
        rate = dated_rate(merchant, currency, other, today)
        if rate is not None:
            return Equivalent(base=currency, currency=other, rate=rate)
    return None


def number_marks(currencies: Iterable[str]) -> dict[str, str]:
    """How the reader writes numbers, for sums that the browser shows: thousands sign, decimal sign, and symbol and decimals of
    each currency as JSON."""
    sample = format_number(Decimal("1234.5"), "USD", get_language() or "es")
    symbols = {currency: [SYMBOLS.get(currency, currency), minor_units(currency)] for currency in set(currencies)}
    return {"thousands": sample[1], "decimal": sample[-3], "symbols": json.dumps(symbols)}
