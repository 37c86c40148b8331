"""What a form's field learns only when the form is made: its choices, its currency. Typed here, once for all forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from banking.forms import AmountField


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give the choice field `name` its choices, pairs of value and label."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


def ask_in(form: forms.BaseForm, name: str, currency: str) -> None:
    """Have the amount field `name` read in `currency`."""
    cast(AmountField, form.fields[name]).currency = currency
