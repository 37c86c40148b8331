"""Rows of fixed width: each field stands where the profile says, counted from 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciliation.statements.cells import Cells
from reconciliation.statements.decode import decode, lines_of
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import StatementRejected


def places_of(profile: Profile) -> Mapping[str, tuple[int, ...]]:
    """Which cell of `cells_of` holds which field."""
    return {name: (place,) for place, name in enumerate(profile.columns)}


def cells_of(content: bytes, profile: Profile) -> Iterator[Cells]:
    """The rows as cells, in the order of the profile's columns. A row of another length is refused, not shifted.

    Raises `StatementRejected("format")` when not one row has the length that the profile says.
    """
    spans = [
        (int(place[0]) - 1, int(place[0]) - 1 + int(place[1])) for place in profile.columns.values() if isinstance(place, tuple)
    ]
    needed = profile.row_length or max(end for _start, end in spans)
    lines = list(lines_of(decode(content, profile.encoding)))
    if not any(len(line.text) == needed or (not profile.row_length and len(line.text) >= needed) for line in lines):
        raise StatementRejected("format", f"{max(len(line.text) for line in lines)} / {needed}", 1)
    for line in lines:
        text = line.text
        fault = "encoding" if line.damaged else ""
        if text.strip():
            # Editors take spaces off the end of a line; nothing but spaces may be missing, and only in text.
            short = len(text) < needed
            long = bool(profile.row_length) and len(text.rstrip()) > needed
            fault = fault or ("columns" if short or long else "")
        yield Cells(line.number, [text[start:end].strip() for start, end in spans], text, fault, line.ended)
