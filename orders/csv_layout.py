"""The CSV file by which a company brings its customers and orders: its columns, and reading it. Bytes in, plain rows out.

One row is one line of an order; rows with the same `order_number` are one order. A row without one is a customer alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from banking.money import MINOR_UNITS
from orders.fields import read_figure
from orders.models import Order, OrderLine

# Column → what stands in it (for the command's help).
COLUMNS = {
    "customer_number": "required; the customer's number in your own system",
    "customer_name": "required for a customer who is new",
    "customer_email": "",
    "customer_tax_id": "",
    "customer_phone": "",
    "customer_language": "es or en",
    "customer_address": "",
    "customer_state": "",
    "customer_city": "",
    "order_number": "blank: the row is a customer alone",
    "order_kind": "service_order (default), pre_invoice or invoice",
    "order_description": "required on the first row of an order",
    "currency": "ISO code; the merchant's when blank",
    "issued_on": "required on the first row, 2026-11-24 or 24/11/2026",
    "due_on": "required on the first row",
    "line_description": "the order's description when blank",
    "line_kind": "service (default) or shipping (the right to have a paper invoice mailed)",
    "quantity": "1 when blank; at most 3 decimals",
    "unit_price": "required; 1234.50 or 1234,50, without thousands signs",
    "tax_name": "for example IVA",
    "tax_percent": "for example 16; 0 when blank",
}
REQUIRED = ("customer_number",)
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000


class UnreadableFile(Exception):
    """The file as a whole is of no use; `str()` says why."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row as text, with its line in the file."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, kw_only=True)
class PlannedLine:
    """One line of an order as read."""

    description: str
    kind: str
    quantity: Decimal
    unit_price: Decimal
    tax_name: str
    tax_rate: Decimal


@dataclass(frozen=True, kw_only=True)
class PlannedOrder:
    """One order as read from its rows."""

    row: int
    number: str
    customer_number: str
    kind: str
    description: str
    currency: str
    issued_on: dt.date
    due_on: dt.date
    lines: tuple[PlannedLine, ...] = field(default=())


def read_rows(content: bytes) -> Iterator[Row]:
    """Rows of a CSV file in UTF-8 (or Windows-1252), separated by commas, semicolons or tabs, its columns named in the first row.

    Raises `UnreadableFile`.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 20 MB. Split it."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnreadableFile(_("This is not a CSV file: it holds characters that no text has."))
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _refuse_bad_head(columns)
        for cells in reader:
            if reader.line_num > MOST_ROWS:
                raise UnreadableFile(_("The file has more than 100,000 rows. Split it."))
            if any(cell.strip() for cell in cells):
                yield Row(number=reader.line_num, cells=dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
    except csv.Error as error:
        sentence = _("Line %(line)d of the file cannot be read as CSV (a quotation mark that is not closed?).")
        raise UnreadableFile(sentence % {"line": reader.line_num}) from error


def _refuse_bad_head(columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name and name not in COLUMNS]
    if missing:
        raise UnreadableFile(_("The first row does not name the column %(column)s.") % {"column": missing[0]})
    if unknown:
        raise UnreadableFile(_("The column %(column)s is unknown.") % {"column": unknown[0][:60]})
    if len(set(columns)) != len(columns):
        raise UnreadableFile(_("The first row names a column twice."))


def read_day(text: str) -> dt.date | None:
    """`2026-11-24` or `24/11/2026`."""
    for pattern, order in ((r"(\d{4})-(\d{1,2})-(\d{1,2})", (0, 1, 2)), (r"(\d{1,2})/(\d{1,2})/(\d{4})", (2, 1, 0))):
        match = re.fullmatch(pattern, text, re.ASCII)
        if match:
            year, month, day = (int(match.groups()[place]) for place in order)
            try:
                return dt.date(year, month, day)
            except ValueError:
                return None
    return None


def plan_order(rows: list[Row], currency: str, problems: list[tuple[int, str]]) -> PlannedOrder | None:
    """One order out of its rows. Appends (row, sentence) to `problems` for what is wrong, and gives None then."""
    first, before = rows[0], len(problems)
    issued_on, due_on = read_day(first["issued_on"]), read_day(first["due_on"])
    kind, paid_in = first["order_kind"] or Order.Kind.SERVICE_ORDER, first["currency"].upper() or currency
    if issued_on is None:
        problems.append((first.number, _("issued_on is not a date such as 2026-11-24.")))
    if due_on is None:
        problems.append((first.number, _("due_on is not a date such as 2026-11-24.")))
    if not first["order_description"]:
        problems.append((first.number, _("order_description is missing.")))
    if kind not in Order.Kind.values:
        problems.append((first.number, _("order_kind is unknown.")))
    if paid_in not in MINOR_UNITS:
        problems.append((first.number, _("The currency is unknown.")))
    for row in rows[1:]:
        for column in ("customer_number", "order_kind", "order_description", "currency", "issued_on", "due_on"):
            if row[column] and row[column] != first[column]:
                problems.append((row.number, _("%(column)s differs from the first row of this order.") % {"column": column}))
    lines = [_plan_line(row, first["order_description"], problems) for row in rows]
    if len(problems) > before or issued_on is None or due_on is None:
        return None
    return PlannedOrder(
        row=first.number, number=first["order_number"], customer_number=first["customer_number"], kind=kind,
        description=first["order_description"], currency=paid_in, issued_on=issued_on, due_on=due_on,
        lines=tuple(line for line in lines if line is not None),
    )  # fmt: skip


def _plan_line(row: Row, description: str, problems: list[tuple[int, str]]) -> PlannedLine | None:
    price = read_figure(row["unit_price"], places=4)
    quantity = read_figure(row["quantity"] or "1", places=3)
    percent = read_figure(row["tax_percent"] or "0", places=2)
    kind = row["line_kind"] or OrderLine.Kind.SERVICE
    if price is None:
        problems.append((row.number, _("unit_price is not an amount such as 1234.50 (without thousands signs).")))
    if quantity is None or quantity == 0:
        problems.append((row.number, _("quantity is not a figure above zero.")))
    if percent is None or percent > 100:
        problems.append((row.number, _("tax_percent is not a figure from 0 to 100.")))
    if kind not in OrderLine.Kind.values:
        problems.append((row.number, _("line_kind is unknown.")))
    if price is None or quantity is None or percent is None:
        return None
    return PlannedLine(
        description=row["line_description"] or description, kind=kind, quantity=quantity, unit_price=price,
        tax_name=row["tax_name"], tax_rate=percent / 100,
    )  # fmt: skip
