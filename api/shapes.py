"""Forms of values that several addresses share."""

from __future__ import annotations

import re
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


class FigureIn(serializers.DecimalField):
    """A figure, best sent as text: digits with a decimal point. `Decimal` reads `1_0`, `1e3` and digits of other scripts too."""

    def to_internal_value(self, data: Any) -> Any:
        """The figure. Raises `ValidationError`."""
        if isinstance(data, str) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", data.strip(), re.ASCII):
            self.fail("invalid")
        return super().to_internal_value(data)


class AmountIn(FigureIn):
    """An amount above zero, best sent as text."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("min_value", Decimal("0.0001"))
        super().__init__(max_digits=16, decimal_places=4, max_value=AMOUNT_LIMIT, **more)


class CurrencyIn(serializers.RegexField):
    """A currency's code."""

    def __init__(self, **more: Any) -> None:
        super().__init__(ISO_CURRENCY, max_length=3, **more)
