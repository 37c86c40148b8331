"""Cells of a row, before and after they are understood: what every tabular reader gives, and how texts are kept."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from reconciliation.statements import patterns
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import RejectedRow, Row
from reconciliation.statements.unreadable import Unreadable

Cell = str | Decimal | dt.date
LONGEST = {"reference": 80, "payer_id": 30, "origin_bank": 10, "unique_id": 100}
# Longer writing than is kept is cut with a mark; far longer writing is no text of a bank.
KEPT = {"text": 500, "payer_name": 200}
LONGEST_TEXT = 5000
# A spreadsheet has destroyed the digits: unknown, never zeros.
_DESTROYED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII)


class Cells(NamedTuple):
    """One row before it is understood. `fault`: why it cannot be one, blank when it can. `ended`: a line end followed it."""

    number: int
    cells: Sequence[Cell]
    raw: str = ""
    fault: str = ""
    ended: bool = True


# Told about each row, for the preview: what it was taken for, and the movement or the refusal.
Watch = Callable[[Cells, str, Row | RejectedRow | None], None]


def plain(name: object) -> str:
    """A heading without case, accents, spaces and signs: `Leyendas Adicionales 1` is `leyendasadicionales1`."""
    letters = unicodedata.normalize("NFKD", str(name)).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


def begins(row: Cells, words: Sequence[str]) -> bool:
    """Whether a cell of the row begins with one of these words, whatever their case."""
    beginnings = tuple(word.strip().casefold() for word in words if word.strip())
    return bool(beginnings) and any(
        isinstance(cell, str) and cell.strip().casefold().startswith(beginnings) for cell in row.cells
    )


def is_destroyed(cell: str) -> bool:
    """Whether a spreadsheet has turned a number of many digits into `3.46E+10`."""
    return _DESTROYED.fullmatch(cell) is not None


def fill_by_patterns(texts: dict[str, str], profile: Profile) -> None:
    """What a profile's patterns find in the text, for the fields that no column has filled."""
    for field, pattern in profile.patterns.items():
        if not texts.get(field):
            texts[field] = patterns.find(pattern, texts["text"])


def fitting(texts: dict[str, str]) -> dict[str, str]:
    """Texts as long as a line can keep. Raises `Unreadable("too_long")` for what cannot be cut without lying."""
    for field, longest in LONGEST.items():
        if len(texts.get(field, "")) > longest:
            raise Unreadable("too_long", field)
    for field, kept in KEPT.items():
        if len(texts[field]) > LONGEST_TEXT:
            raise Unreadable("too_long", field)
        if len(texts[field]) > kept:
            texts[field] = texts[field][: kept - 1] + "…"
    return texts


def written(cell: Cell) -> str:
    """A cell as text. A workbook's number is its digits; beyond fifteen the workbook itself has lost them."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, Decimal):
        if cell.is_finite() and cell == cell.to_integral_value():
            return f"{cell:.0f}" if abs(cell) < Decimal(10) ** 15 else f"{cell:.2E}"
        return f"{cell:f}" if cell.is_finite() else str(cell)
    return cell.isoformat()
