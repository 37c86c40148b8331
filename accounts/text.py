"""Searching text as people write it: without regard to case and accents ("nandu" finds "ÑANDÚ")."""

from __future__ import annotations

import unicodedata

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan


def fold(text: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def folded(field: str, word: str) -> Q:
    """A condition: `field` holds `word`, case and accents aside. The word is literal: `%` and `_` mean themselves."""
    plain = Func(Lower(F(field)), function="UNACCENT", output_field=TextField())
    return Q(GreaterThan(StrIndex(plain, Value(fold(word))), 0))
