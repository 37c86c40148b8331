"""The child that reads a stranger's table: `python -I files/table_child.py CPU_S MEMORY_MB`, the file on stdin, rows on stdout.

One line of JSON a row, `[line of the file, cells]`; first a line `{"code": …}`, empty when it could be read. Cells are text; a
cell that holds a formula is `null`: what it shows may be of another day.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
ANSWER_BYTES = 200 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 100
LONGEST_CELL = 2000
OUT_OF_MEMORY = 3
_NO_TEXT = (b"%PDF", b"\x1f\x8b", b"\xff\xd8\xff", b"\x89PNG", b"Rar!", b"7z\xbc\xaf")
Row = tuple[int, list[str | None]]


class Unreadable(Exception):
    """The file as a whole is of no use: a code of `files.tables`."""


def rows_of_text(content: bytes) -> Iterator[Row]:
    """Rows of separated values in UTF-8, UTF-16 (with its mark) or Windows-1252; commas, semicolons or tabs between them."""
    if content.startswith(_NO_TEXT):
        raise Unreadable("binary")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Unreadable("binary")
    if text[:2000].lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise Unreadable("html")
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        for cells in reader:
            # A spreadsheet's own writing of a text that looks like a number, ="00123", is that text.
            yield reader.line_num, [_cell_of_text(cell) for cell in cells]
    except csv.Error:
        raise Unreadable(f"quotes:{reader.line_num}") from None


def _cell_of_text(cell: str) -> str | None:
    cell = cell.strip()
    if len(cell) > 3 and cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1]:
        return cell[2:-1].strip()
    return None if cell.startswith("=") else cell


def rows_of_workbook(content: bytes) -> Iterator[Row]:
    """Rows of the first sheet, numbered as the sheet does."""
    from files.workbook import WorkbookRefused, formulas_of, rows_of

    try:
        rows = rows_of(content)
        formulas = set(formulas_of(content))
    except WorkbookRefused as refused:
        raise Unreadable(refused.code) from None
    for number, row in enumerate(rows, start=1):
        yield (
            number,
            [
                None if (number, column) in formulas else _text_of(value)
                for column, value in enumerate(row[:MOST_COLUMNS], start=1)
            ],
        )


def _text_of(value: Any) -> str:
    """A workbook's cell as people would type it: whole numbers without a point, days as 2026-11-24."""
    import datetime as dt
    from decimal import Decimal

    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        exact = Decimal(repr(value))
        return f"{exact:.0f}" if exact.is_finite() and exact == exact.to_integral_value() else f"{exact:f}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value).replace("\x00", "").strip()


def main(cpu_s: int, memory_mb: int) -> None:
    """Answer. Everything that a hostile file can raise becomes a code here, in one place."""
    # -I keeps the working folder and the environment out of the path; the project's own root goes last, so it shadows nothing.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    from files.cage import close_the_door, limit_resources

    limit_resources(cpu_s=cpu_s, memory_bytes=memory_mb * MEGABYTE, file_bytes=ANSWER_BYTES)
    import python_calamine  # noqa: F401 - it is loaded before the door is closed

    close_the_door()
    content = sys.stdin.buffer.read()
    rows: list[Row] = []
    code = ""
    try:
        is_book = content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
        for row in rows_of_workbook(content) if is_book else rows_of_text(content):
            if any(cell or cell is None for cell in row[1]):
                rows.append(row)
            if len(rows) > MOST_ROWS + 1:
                raise Unreadable("too_many")
        if not rows:
            raise Unreadable("empty")
        if len(rows[0][1]) > MOST_COLUMNS:
            raise Unreadable("format")
    except Unreadable as refused:
        code, rows = str(refused), []
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a reader's own fault is a refusal of this file
        code, rows = "format", []
    sys.stdout.write(json.dumps({"code": code}) + "\n")
    for number, cells in rows:
        short = [cell if cell is None else cell[:LONGEST_CELL] for cell in cells]
        sys.stdout.write(json.dumps([number, short], ensure_ascii=True) + "\n")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
        sys.stdout.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
