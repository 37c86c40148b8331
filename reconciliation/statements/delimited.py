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
    text, used = first.text, 1
    while text.count('"') % 2 and used < MOST_LINES_IN_A_ROW and place + used < len(lines):
        text += "\n" + lines[place + used].text
        used += 1
    if not text.count('"') % 2 and len(text) <= LONGEST_ROW:
        cells = _split(text, separator)
        # Joined lines that make a row of another width were not one row: the quotation mark was a stray one.
        if cells and (used == 1 or len(cells) == width):
            damaged = any(line.damaged for line in lines[place : place + used])
            return Cells(first.number, cells, text, "encoding" if damaged else "", lines[place + used - 1].ended), used
    cells = first.text.split(separator)
    # A mark for inches within a cell is no quotation, as long as the row has the width of the others.
    stray = any(cell.lstrip().startswith('"') for cell in cells) or len(cells) != width
    return Cells(first.number, cells, first.text, fault or ("quotes" if stray else ""), first.ended), 1


def _split(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text] if "\n" not in text else text.splitlines(keepends=True), delimiter=separator), [])
    except csv.Error:
        return []
