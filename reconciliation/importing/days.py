"""The days at a file's two ends: which of its rows may be known already, and which may be twins that only look so.

A row that carries neither the bank's own id nor a running balance is told from its twins by counting within the whole booking
day. That works while one of two files holds all that the other holds of a day. A file that begins or ends inside a day that is
known in part from another one can hold the other half: there a person has to say which rows are meant.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIRST, LAST, WHOLE, SINGLE = "first", "last", "whole", "single"


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """A row of the file as far as its day needs it: where it stands, and the digest that twins share."""

    position: int
    identity: str


def role_of(day: dt.date, first: dt.date | None, last: dt.date | None) -> str:
    """Where a day stands in a file: at its `first` or `last` end, between them (`whole`), or alone (`single`)."""
    if first == last:
        return SINGLE
    return FIRST if day == first else LAST if day == last else WHOLE


def doubtful_rows(
    rows: Sequence[DayRow], known: Mapping[str, int], *, role: str, known_roles: Iterable[str], is_ascending: bool
) -> list[DayRow]:
    """Rows of one day, in the file's order, that a person must decide: known, or another movement exactly like it.

    `known` counts the digests that earlier files brought for the day, `known_roles` says where the day stood in those.
    """
    roles = set(known_roles)
    if not known or not rows or WHOLE in (role, *roles):
        return []
    # Two files that both stop inside the day, or both begin inside it, hold one another's rows.
    if roles == {role} and role in (FIRST, LAST):
        return []
    if _may_be_whole(rows, Counter(known), role, is_ascending):
        return []
    seen: Counter[str] = Counter()
    doubtful = []
    for row in rows:
        seen[row.identity] += 1
        if seen[row.identity] <= known.get(row.identity, 0):
            doubtful.append(row)
    return doubtful


def _may_be_whole(rows: Sequence[DayRow], known: Counter[str], role: str, is_ascending: bool) -> bool:
    """Whether the file holds everything that is known of the day, and at the end where the other file must have held it."""
    here = Counter(row.identity for row in rows)
    if known - here:
        return False
    if known == here:
        return True
    size = known.total()
    front, back = (Counter(row.identity for row in part) for part in (rows[:size], rows[-size:]))
    if role == SINGLE:
        return known in (front, back)
    # The other file ended inside the day that this one begins with, or began inside the day that this one ends with.
    early, late = (front, back) if is_ascending else (back, front)
    return known == (early if role == FIRST else late)
