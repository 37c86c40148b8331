"""Forms of values that several addresses share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from banking.money import AMOUNT_LIMIT, quantize

ISO_CURRENCY = r"^[A-Z]{3}$"


def money(amount: Decimal, currency: str) -> str:
    """An amount as text with the digits of its currency."""
    return str(quantize(amount, currency))


class AmountOut(serializers.CharField):
    """An amount: a decimal number as text, with the digits of its currency."""


class AmountIn(serializers.DecimalField):
    """An amount above zero, best sent as text."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("min_value", Decimal("0.0001"))
        super().__init__(max_digits=16, decimal_places=4, max_value=AMOUNT_LIMIT, **more)


class CurrencyIn(serializers.RegexField):
    """A currency's code."""

    def __init__(self, **more: Any) -> None:
        super().__init__(ISO_CURRENCY, max_length=3, **more)
