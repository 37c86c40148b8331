"""Fields that read what pages and strangers post: keys, lists of keys, files by key, amounts that may be zero."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banking.forms import AmountField

# Formats that nobody can mistake for month first: ISO, and day first.
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
UNKNOWN_KEY = -1


def read_key(text: object) -> int:
    """A primary key as posted; `UNKNOWN_KEY` for what is none (so that it is found nowhere)."""
    typed = str(text)
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII) else UNKNOWN_KEY


class KeyField(forms.ChoiceField):
    """One key out of `choices`; 0 for anything else, which the rules then speak of."""

    def clean(self, value: Any) -> int:
        key = read_key(value)
        return key if any(str(key) == str(choice) for choice, _label in self.choices) else 0


def offer_choices(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    """Fill a `KeyField` with what this merchant offers."""
    form.fields[name].choices = choices  # type: ignore[attr-defined]


class KeyListField(forms.Field):
    """Ticked keys, each once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[int, ...]:
        several = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
        return tuple(dict.fromkeys(read_key(each) for each in several))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [str(each) for each in initial or ()] != [str(each) for each in data or ()]


class FileKeysField(forms.Field):
    """Keys of files that were uploaded before. What is no key names a file that does not exist."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> tuple[uuid.UUID, ...]:
        several = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
        return tuple(dict.fromkeys(read_uuid(each) or uuid.UUID(int=0) for each in several))


def read_uuid(text: object) -> uuid.UUID | None:
    """A UUID as posted, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


class ShareField(AmountField):
    """How much of the payment an order gets: blank leaves it to the rule, 0 is nothing."""

    def clean(self, value: Any) -> Decimal | None:
        if re.fullmatch(r"\s*0+([.,]0+)?\s*", str(value or "")):
            return Decimal(0)
        amount: Decimal | None = super().clean(value)
        return amount


class PlainDateField(forms.DateField):
    """A day as `2026-11-24` (what a browser's date field sends) or as people write it, day first."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": _("Write the day on which you paid."),
            "invalid": _("We cannot read this date. Write it as day/month/year, for example 24/11/2026."),
        }
        super().__init__(
            input_formats=DATE_FORMATS, error_messages=messages,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}), **kwargs,
        )  # fmt: skip


def posted_list(data: Mapping[str, Any] | None, name: str) -> Sequence[str]:
    """All values of a name, from a QueryDict or a plain dict."""
    if data is None:
        return []
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name)
    return value if isinstance(value, list | tuple) else [] if value is None else [value]
