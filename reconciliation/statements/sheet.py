"""Workbooks: XLSX looked at before it is opened, and the old XLS. Cells keep what the workbook says they are."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from reconciliation.statements.cells import Cell, Cells
from reconciliation.statements.decode import check_size
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import StatementRejected

MOST_MEMBERS = 500
MOST_UNPACKED = 160 * 1024 * 1024
# Rows of a statement pack ten to forty times; a bomb a thousand times.
MOST_RATIO = 150
SMALL = 1024 * 1024
MOST_COLUMNS = 200
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


def cells_of(content: bytes, profile: Profile) -> Iterator[Cells]:
    """The rows of the profile's sheet, or of the first one.

    Raises `StatementRejected`: `html` (a web page under a workbook's name), `bomb`, `doctype`, `format` (no workbook, damaged,
    or behind a password), `heading` (no such sheet).
    """
    check_size(content)
    if content.startswith(b"PK"):
        look_inside(content)
    elif not content.startswith(OLD_WORKBOOK):
        raise StatementRejected("html" if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" else "format")
    for number, row in enumerate(_rows(content, profile.sheet), start=1):
        yield Cells(number, [_cell(value) for value in row[:MOST_COLUMNS]])


def look_inside(content: bytes) -> None:
    """Refuse an archive that unpacks to too much, by really unpacking it a piece at a time: its own table of sizes may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
                raise StatementRejected("bomb")
            if any(member.flag_bits & 1 for member in members):
                raise StatementRejected("format", "encrypted")
            if not any(member.filename.startswith("xl/") for member in members):
                raise StatementRejected("format", "zip")
            unpacked = sum(_unpacked(archive, member) for member in members)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        if isinstance(error, StatementRejected):
            raise
        raise StatementRejected("format", "zip") from error
    if unpacked > SMALL and unpacked > MOST_RATIO * len(content):
        raise StatementRejected("bomb")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    total = 0
    with archive.open(member) as stream:
        beginning = b""
        while piece := stream.read(1 << 16):
            total += len(piece)
            beginning = beginning or piece[:2000]
            if total > MOST_UNPACKED:
                raise StatementRejected("bomb")
    if b"<!DOCTYPE" in beginning.upper() or b"<!ENTITY" in beginning.upper():
        raise StatementRejected("doctype")
    return total


def _rows(content: bytes, wanted: str) -> list[list[Any]]:
    # Loaded here, so that the other formats do not wait for it.
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names:
            raise StatementRejected("no_rows")
        if wanted and wanted not in names:
            raise StatementRejected("heading", wanted)
        rows: list[list[Any]] = book.get_sheet_by_name(wanted or names[0]).to_python(skip_empty_area=False)
        return rows
    except StatementRejected:
        raise
    except MemoryError as error:
        raise StatementRejected("bomb") from error
    except Exception as error:  # noqa: BLE001 - the library raises its own kinds and ValueError, all of them for a damaged book
        raise StatementRejected("format", type(error).__name__) from error


def _cell(value: Any) -> Cell:
    """A number as the workbook's binary one in decimal digits, a day as a day; times of day and durations are writing."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    return str(value).replace("\x00", "")
