"""Fields that read what pages and strangers post: keys, lists of keys, files by key."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms

UNKNOWN_KEY = -1


def read_key(text: object) -> int:
    """A primary key as posted; `UNKNOWN_KEY` for what is none (so that it is found nowhere)."""
    typed = str(text)
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII) else UNKNOWN_KEY


class KeyField(forms.ChoiceField):
    """One key out of `choices`; 0 for anything else, which the rules then speak of."""

    def clean(self, value: Any) -> int:
        key = read_key(value)
        return key if self.valid_value(str(key)) else 0


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
