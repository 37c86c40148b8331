"""Fields that several forms share: days, prices and figures as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.forms import AmountField

# Formats that nobody can mistake for month first: ISO, and day first.
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
ZERO = re.compile(r"\s*0+([.,]0+)?\s*", re.ASCII)


class DayField(forms.DateField):
    """A day as `2026-11-24` (what a browser's date field sends) or as people write it, day first."""

    def __init__(self, *, missing: Any = None, **kwargs: Any) -> None:
        messages = {
            "required": missing or gettext_lazy("Write the date."),
            "invalid": gettext_lazy("We cannot read this date. Write it as day/month/year, for example 24/11/2026."),
        }
        super().__init__(
            input_formats=DATE_FORMATS, error_messages=messages,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}), **kwargs,
        )  # fmt: skip


class ZeroAmountField(AmountField):
    """An amount that may also be nothing: `0` is zero, blank is None."""

    def clean(self, value: Any) -> Decimal | None:
        if ZERO.fullmatch(str(value or "")):
            return Decimal(0)
        amount: Decimal | None = super().clean(value)
        return amount


class FigureField(forms.Field):
    """A plain figure with at most `places` decimals after a comma or point, from 0 to `most`."""

    widget = forms.TextInput

    def __init__(self, *, most: Decimal, places: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.places = most, places
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off", "maxlength": "16"})

    def clean(self, value: Any) -> Decimal | None:
        text = str(value or "").strip().removesuffix("%").strip()
        if not text:
            self.validate("")
            return None
        figure = read_figure(text, places=self.places)
        if figure is None or figure > self.most:
            raise ValidationError(_("Write a figure from 0 to %(most)s.") % {"most": self.most}, code="unreadable")
        return figure


def read_figure(text: str, *, places: int) -> Decimal | None:
    """`1234.5` or `1234,5`: digits with one decimal sign and no thousands signs; None for anything else."""
    if not re.fullmatch(rf"[0-9]{{1,12}}([.,][0-9]{{1,{places}}})?", text, re.ASCII):
        return None
    return Decimal(text.replace(",", "."))


def posted_list(data: Mapping[str, Any] | None, name: str) -> Sequence[str]:
    """All values of a name, from a QueryDict or a plain dict."""
    if data is None:
        return []
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name)
    return value if isinstance(value, list | tuple) else [] if value is None else [value]
