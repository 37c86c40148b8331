"""Many keys in one condition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models.expressions import RawSQL


def among(keys: Iterable[int]) -> RawSQL:
    """For `pk__in` with thousands of keys: one value, where a list has Django and PostgreSQL look at a parameter for each."""
    return RawSQL("SELECT unnest(%s::bigint[])", [as_array(keys)])


def as_array(keys: Iterable[int | dt.date]) -> str:
    """Keys (or days) as PostgreSQL writes an array of them, for `%s::bigint[]`: the driver would look for the type of each."""
    return f"{{{','.join(map(str, keys))}}}"
