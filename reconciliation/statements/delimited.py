"""Separated values, line by line: one broken quotation never swallows the lines after it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from reconciliation.statements.cells import Cells
from reconciliation.statements.decode import Line, decode, lines_of
from reconciliation.statements.profile import Profile

# A quoted cell may hold line ends; one that is still open after so many lines is a stray quotation mark.
MOST_LINES_IN_A_ROW = 12
LONGEST_ROW = 20_000


def cells_of(content: bytes, profile: Profile) -> Iterator[Cells]:
    """The rows of the file as cells of text."""
    lines = list(lines_of(decode(content, profile.encoding)))
    place = 0
    width = 0
    while place < len(lines):
        row, used = _row(lines, place, profile.separator, width)
        place += used
        width = max(width, len(row.cells)) if not row.fault else width
        yield row


def _row(lines: Sequence[Line], place: int, separator: str, width: int) -> tuple[Cells, int]:
    first = lines[place]
    fault = "encoding" if first.damaged else ""
    if len(first.text) > LONGEST_ROW:
        return Cells(first.number, [first.text[:300]], first.text[:300], "too_long", first.ended), 1
    if '"' not in first.text:
        return Cells(first.number, first.text.split(separator), first.text, fault, first.ended), 1
    cells = _split(first.text, separator)
    if cells:
        return Cells(first.number, cells, first.text, fault, first.ended), 1
    text = first.text
    for used, line in enumerate(lines[place + 1 : place + MOST_LINES_IN_A_ROW], start=2):
        text += "\n" + line.text
        if len(text) > LONGEST_ROW:
            break
        cells = _split(text, separator)
        # Joined lines that make a row of another width were not one row: the quotation mark was a stray one.
        if cells and len(cells) == (width or len(cells)):
            damaged = any(each.damaged for each in lines[place : place + used])
            return Cells(first.number, cells, text, "encoding" if damaged else "", line.ended), used
    return Cells(first.number, first.text.split(separator), first.text, fault or "quotes", first.ended), 1


def _split(text: str, separator: str) -> list[str]:
    """The cells of exactly one row, or nothing: a quotation that stays open or is followed by writing is no quotation."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []
