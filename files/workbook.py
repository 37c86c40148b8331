"""Workbooks, XLSX looked at before it is opened, and the old XLS. Runs only inside a limited child; knows no Django."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

MOST_MEMBERS = 500
MOST_UNPACKED = 160 * 1024 * 1024
# Rows of a table pack ten to forty times; a bomb a thousand times.
MOST_RATIO = 150
SMALL = 1024 * 1024
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
# A cell with a formula, as every program writes it: `<c r="B7" …><f>`, or `<f t="shared"`.
_FORMULA = re.compile(rb'<c\b[^>]{0,300}?\br="([A-Z]{1,3})(\d{1,7})"[^>]{0,300}>\s{0,20}<f[\s/>]')


class WorkbookRefused(Exception):
    """Not opened: `html`, `bomb`, `doctype`, `format` (no workbook, damaged, behind a password), `no_sheet`, `no_rows`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def rows_of(content: bytes, wanted: str = "") -> list[list[Any]]:
    """The cells of the sheet `wanted`, or of the first one, as the workbook says that they are. Raises `WorkbookRefused`."""
    if content.startswith(b"PK"):
        look_inside(content)
    elif not content.startswith(OLD_WORKBOOK):
        raise WorkbookRefused("html" if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" else "format")
    # Loaded here, so that the other formats do not wait for it.
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names:
            raise WorkbookRefused("no_rows")
        if wanted and wanted not in names:
            raise WorkbookRefused("no_sheet", wanted)
        rows: list[list[Any]] = book.get_sheet_by_name(wanted or names[0]).to_python(skip_empty_area=False)
        return rows
    except WorkbookRefused:
        raise
    except MemoryError as error:
        raise WorkbookRefused("bomb") from error
    except Exception as error:  # noqa: BLE001 - the library raises its own kinds and ValueError, all of them for a damaged book
        raise WorkbookRefused("format", type(error).__name__) from error


def look_inside(content: bytes) -> None:
    """Refuse an archive that unpacks to too much, by really unpacking it a piece at a time: its own table of sizes may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
                raise WorkbookRefused("bomb")
            if any(member.flag_bits & 1 for member in members):
                raise WorkbookRefused("format", "encrypted")
            if not any(member.filename.startswith("xl/") for member in members):
                raise WorkbookRefused("format", "zip")
            unpacked = sum(_unpacked(archive, member) for member in members)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise WorkbookRefused("format", "zip") from error
    if unpacked > SMALL and unpacked > MOST_RATIO * len(content):
        raise WorkbookRefused("bomb")


def formulas_of(content: bytes) -> Iterator[tuple[int, int]]:
    """(row, column) from 1 of the cells of the first sheet that hold a formula: what they show may be of another day."""
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = sorted(name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        if not sheets:
            return
        for letters, row in _FORMULA.findall(archive.read(min(sheets, key=lambda name: (len(name), name)))):
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            yield int(row), column


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    total = 0
    with archive.open(member) as stream:
        beginning = b""
        while piece := stream.read(1 << 16):
            total += len(piece)
            beginning = beginning or piece[:2000]
            if total > MOST_UNPACKED:
                raise WorkbookRefused("bomb")
    if b"<!DOCTYPE" in beginning.upper() or b"<!ENTITY" in beginning.upper():
        raise WorkbookRefused("doctype")
    return total
