"""Many keys in one condition."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.expressions import RawSQL


def among(keys: Iterable[int]) -> RawSQL:
    """For `pk__in` with thousands of keys: one value, where a list has Django and PostgreSQL look at a parameter for each."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(keys)])
