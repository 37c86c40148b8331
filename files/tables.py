"""A stranger's table, CSV or a workbook, as rows of text: read by a limited child, refused in a sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from files.border import ChildGone, answer_of

CHILD = Path(__file__).resolve().parent / "table_child.py"
MOST_BYTES = 20 * 1024 * 1024
CPU_S, WALL_S, MEMORY_MB = 20, 120.0, 900


class UnreadableTable(Exception):
    """The file as a whole is of no use; `str()` says why."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row that is not empty: its line in the file, and its cells; None where a cell holds a formula."""

    number: int
    cells: tuple[str | None, ...]


def read_table(content: bytes) -> list[TableRow]:
    """The rows of a file, headings first. Raises `UnreadableTable`."""
    if len(content) > MOST_BYTES:
        raise UnreadableTable(_("The file is larger than 20 MB. Split it."), code="too_large")
    if not content.strip():
        raise UnreadableTable(_said("empty"), code="empty")
    try:
        with answer_of(CHILD, content, cpu_s=CPU_S, wall_s=WALL_S, memory_mb=MEMORY_MB) as lines:
            code = str(json.loads(next(lines, '{"code": "format"}'))["code"])
            rows = [json.loads(line) for line in lines]
    except ChildGone as gone:
        code, rows = gone.code, []
    if code:
        raise UnreadableTable(_said(code), code=code.partition(":")[0])
    return [TableRow(number=number, cells=tuple(cells)) for number, cells in rows]


def _said(code: str) -> str:
    name, _colon, line = code.partition(":")
    if name == "quotes":
        return _("Line %(line)s of the file cannot be read as CSV (a quotation mark that is not closed?).") % {"line": line}
    sentences = {
        "empty": _("The file is empty."),
        "no_rows": _("The file is empty."),
        "binary": _("This is not a CSV file: it holds characters that no text has."),
        "html": _("This is a web page, whatever its name says. Save it as CSV or XLSX."),
        "too_many": _("The file has more than 100,000 rows. Split it."),
        "bomb": _("The file unpacks to far too much. Save it anew, with this one sheet alone."),
        "doctype": _("The file holds what no spreadsheet needs, and is not opened. Save it anew as CSV or XLSX."),
        "timeout": _("The file takes too long to read. Save it anew as CSV, or split it."),
    }
    return sentences.get(name) or _("The file cannot be opened as a table. Save it as CSV or XLSX, without a password.")
