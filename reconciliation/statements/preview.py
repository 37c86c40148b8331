"""What a profile makes of a file, row by row, for the page where people write profiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from reconciliation.statements import delimited, html_table, sheet
from reconciliation.statements.cells import Cells
from reconciliation.statements.decode import decode, lines_of
from reconciliation.statements.profile import TABLES, Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import RejectedRow, Row, Statement, StatementRejected

LONGEST_CELL = 120
MOST_CELLS = 60


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """One row of the file as its cells, and what it was taken for.

    `role`: `skipped` (before the movements), `header`, `row` (then `row` is the movement), `rejected` (then `code` and `column`
    say why), `balance`, `ignored`, `footer`, or `raw` where the profile could not be followed at all.
    """

    number: int
    cells: tuple[str, ...]
    role: str
    row: Row | None = None
    code: str = ""
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows, the first rejected ones behind them, and the whole statement or why there is none."""

    rows: Sequence[PreviewRow] = field(default=())
    statement: Statement | None = None
    refusal: StatementRejected | None = None


def preview(content: bytes, profile: Profile, *, currency: str, account_number: str = "", most: int = 20) -> Preview:
    """Read `content` as `parse` would and keep the first `most` rows with what each became. Raises nothing on purpose."""
    seen: list[PreviewRow] = []
    spare = most  # refused rows further down are worth seeing too

    def watch(row: Cells, role: str, became: Row | RejectedRow | None) -> None:
        nonlocal spare
        if len(seen) >= most:
            if role != "rejected" or not spare:
                return
            spare -= 1
        seen.append(_preview_row(row, role, became))

    try:
        statement = parse(content, profile, currency=currency, account_number=account_number, watch=watch)
    except StatementRejected as refusal:
        shown = seen if any(each.role in {"row", "rejected", "header"} for each in seen) else _raw(content, profile, most)
        return Preview(rows=shown, refusal=refusal)
    return Preview(rows=seen or _of_records(statement, most), statement=statement)


def _preview_row(row: Cells, role: str, became: Row | RejectedRow | None) -> PreviewRow:
    cells = tuple(str(cell)[:LONGEST_CELL] for cell in row.cells[:MOST_CELLS])
    if isinstance(became, RejectedRow):
        return PreviewRow(number=row.number, cells=cells, role=role, code=became.code, column=became.column)
    return PreviewRow(number=row.number, cells=cells, role=role, row=became)


def _of_records(statement: Statement, most: int) -> list[PreviewRow]:
    """Formats that are no tables: the movements themselves, and what was refused."""
    rows = [
        PreviewRow(
            number=row.number, cells=(row.booked_on.isoformat(), str(row.amount), row.reference, row.text), role="row", row=row
        )
        for row in statement.rows[:most]
    ]
    refused = [
        PreviewRow(number=each.number, cells=(each.raw[:LONGEST_CELL],), role="rejected", code=each.code, column=each.column)
        for each in statement.rejected[:most]
    ]
    return sorted([*rows, *refused], key=lambda each: each.number)


def _raw(content: bytes, profile: Profile, most: int) -> list[PreviewRow]:
    """The file's beginning without understanding it, so that a person sees which profile would fit."""
    try:
        return [_preview_row(row, "raw", None) for row in islice(_raw_rows(content, profile), most)]
    except StatementRejected:
        return []


def _raw_rows(content: bytes, profile: Profile) -> Iterator[Cells]:
    if content.startswith((b"PK", sheet.OLD_WORKBOOK)):
        return sheet.cells_of(content, Profile(format="qif"))
    if profile.format == "html":
        return html_table.cells_of(content, profile)
    if profile.format == "csv":
        return delimited.cells_of(content, profile)
    encoding = profile.encoding if profile.format in TABLES or profile.encoding != "utf-16" else "auto"
    return (Cells(line.number, [line.text]) for line in lines_of(decode(content, encoding, markup=True)))
