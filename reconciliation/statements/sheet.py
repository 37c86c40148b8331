"""Workbooks: XLSX looked at before it is opened, and the old XLS. Cells keep what the workbook says they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from files.workbook import OLD_WORKBOOK, WorkbookRefused, rows_of
from reconciliation.statements.cells import Cell, Cells
from reconciliation.statements.decode import check_size
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import StatementRejected

__all__ = ("OLD_WORKBOOK", "cells_of")
MOST_COLUMNS = 200


def cells_of(content: bytes, profile: Profile) -> Iterator[Cells]:
    """The rows of the profile's sheet, or of the first one.

    Raises `StatementRejected`: `html` (a web page under a workbook's name), `bomb`, `doctype`, `format` (no workbook, damaged,
    or behind a password), `heading` (no such sheet).
    """
    check_size(content)
    for number, row in enumerate(_rows(content, profile.sheet), start=1):
        yield Cells(number, [_cell(value) for value in row[:MOST_COLUMNS]])


def _rows(content: bytes, wanted: str) -> list[list[Any]]:
    try:
        return rows_of(content, wanted)
    except WorkbookRefused as refused:
        raise StatementRejected("heading" if refused.code == "no_sheet" else refused.code, refused.detail) from refused


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
