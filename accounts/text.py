"""Searching text as people write it: without regard to case and accents ("nandu" finds "ÑANDÚ")."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import BigIntegerField, F, Func, Q, TextField, Value
from django.db.models.functions import Cast, Lower, StrIndex
from django.db.models.lookups import GreaterThan

from accounts.models import Merchant

MOST_WORDS = 6
# What holds a trigram wherever in a word it stands: three letters or digits, or fewer beside a sign.
HAS_TRIGRAM = re.compile(r"[^\W_]{3}|[\W_][^\W_]|[^\W_]{2}[\W_]")


def fold(text: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def folded(field: str, word: str) -> Q:
    """A condition: `field` holds `word`, case and accents aside. The word is literal: `%` and `_` mean themselves."""
    plain = Func(Lower(F(field)), function="UNACCENT", output_field=TextField())
    return Q(GreaterThan(StrIndex(plain, Value(fold(word))), 0))


def found_by(merchant: Merchant, word: str, path: str = "search") -> Q:
    """A condition: the `SearchText` at `path` holds `word`, literally, case and accents aside.

    Anywhere in it, but what is too short for the index (`7`, `ab`) only where a word begins.
    """
    wanted = word if HAS_TRIGRAM.search(word) else f" {word}"
    text = Func(Value(wanted), function="concilia_fold", output_field=TextField())
    # The index compares keys of its own type alone: a literal 7 is a smaller integer, and would be looked at row by row.
    house = Cast(Value(merchant.pk), BigIntegerField())
    return Q(**{f"{path}__merchant": house, f"{path}__text__contains": text})


def spellings(number: str) -> tuple[str, ...]:
    """A number as it was typed, and as it may be written: for a look into an index, which knows no case."""
    return number, number.upper(), number.lower()
