"""Tables of the books as files: CSV written while it is sent, XLSX up to a number of rows. No cell is ever a formula.

Texts come from customers and banks. In CSV a text that a spreadsheet would run gets an apostrophe before it, at its start and
behind every sign that a spreadsheet of another country takes for the end of a cell; amounts and dates are written by us, from
numbers and dates. In XLSX every text is written as text.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, Literal

import xlsxwriter
from django.db.models import Case, CharField, DecimalField, ExpressionWrapper, F, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Coalesce, Concat, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import DataChange
from accounts.people import PERSON_FIELDS
from orders.models import Order
from reconciliation.books.statement import AccountStatement
from reconciliation.models import Adjustment, IgnoredLine, LedgerEntry, StatementLine

MOST_IN_A_SHEET = 50_000
CHUNK = 2000
TRIGGERS = "=+\\-@＝＋－＠"  # the wide ones are run by some spreadsheets too
STARTS = re.compile(rf"^(?:[\t\r\n]|\s*[{TRIGGERS}])")
# The last of several separators counts: what stands between them begins no text that is run.
BEHIND_A_SEPARATOR = re.compile(rf"(?<=[;,|\t\r\n\"])(?=[^\S\t\r\n]*[{TRIGGERS}])")

Cell = str | int | Decimal | dt.date | None
Kind = Literal["text", "money", "rate", "date", "number"]


class Table(TextChoices):
    """What can be taken away."""

    PAID_ORDERS = "paid_orders", gettext_lazy("Paid orders")
    ENTRIES = "entries", gettext_lazy("Ledger entries")
    OPEN_DEPOSITS = "open_deposits", gettext_lazy("Deposits not reconciled")
    DATA_CHANGES = "data_changes", gettext_lazy("Changes of customers' data")


class Format(TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its head, what is in it, and where it comes from; what a code in it is called, where codes stand there."""

    head: str
    kind: Kind = "text"
    field: str = ""
    names: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Export:
    """A table ready to be written. `rows` reads from the database while it is walked; `count` is how many there will be."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    count: int


def export_for(actor: Actor, table: Table, since: dt.date, until: dt.date, account_id: int | None = None) -> Export:
    """A table of the merchant's books between two days, both included. For accounting and auditors: else `NotAllowed`."""
    actor.require(actor.can_export)
    columns, found = _question(actor, table, since, until, account_id)
    rows = found.values_list(*(column.field for column in columns)).iterator(chunk_size=CHUNK)
    return Export(name=f"{table}-{since}-{until}", columns=columns, rows=_named(columns, rows), count=found.count())


def _named(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterable[Sequence[Cell]]:
    """The rows with names in place of codes, in the reader's language."""
    coded = {place: {code: str(name) for code, name in column.names.items()} for place, column in enumerate(columns)}
    coded = {place: names for place, names in coded.items() if names}
    if not coded:
        return rows
    return ([coded[place].get(str(cell), cell) if place in coded else cell for place, cell in enumerate(row)] for row in rows)


def statement_export(actor: Actor, statement: AccountStatement) -> Export:
    """A customer's statement of account as a table."""
    if not (actor.is_staff or actor.customer == statement.customer):
        raise NotAllowed
    heads = [
        Column(head=_("Currency")), Column(head=_("Date"), kind="date"), Column(head=_("What")), Column(head=_("Orders")),
        Column(head=_("Ticket")), Column(head=_("Reference or text")), Column(head=_("Charge"), kind="money"),
        Column(head=_("Payment"), kind="money"), Column(head=_("Balance"), kind="money"),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = []
    for each in statement.currencies:
        rows.append((each.currency, statement.since, _("Balance before"), "", "", "", None, None, each.opening))
        rows += [
            (each.currency, row.day, row.words, row.orders, row.ticket, row.text, row.charge, row.paid, row.balance)
            for row in each.rows
        ]
    name = f"{statement.customer.number}-{statement.since}-{statement.until}"
    return Export(name=name, columns=heads, rows=rows, count=len(rows))


# --- CSV -------------------------------------------------------------------------------------


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(export: Export) -> Iterator[str]:
    """The file line by line: UTF-8 with its mark, commas, decimal points, dates as 2026-11-24."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_text(column.head) for column in export.columns])
    for row in export.rows:
        yield writer.writerow([_plain(cell) for cell in row])


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula, whichever sign it takes for the end of a cell."""
    text = BEHIND_A_SEPARATOR.sub("'", text.replace("\x00", ""))
    return f"'{text}" if STARTS.match(text) else text


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe_text(cell)
    if isinstance(cell, Decimal):
        whole, _point, cents = format(cell, "f").partition(".")
        return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


# --- XLSX ------------------------------------------------------------------------------------


def write_xlsx(export: Export, file: IO[bytes]) -> None:
    """Write a workbook of one sheet into `file`. `Refused(too_many_rows)` above MOST_IN_A_SHEET: CSV has no such end."""
    if export.count > MOST_IN_A_SHEET:
        said = _("This would be %(count)d rows; a sheet takes %(most)d. Choose CSV, or fewer days.")
        raise Refused(said % {"count": export.count, "most": MOST_IN_A_SHEET}, code="too_many_rows", fields=("format",))
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bottom": 1})
    formats = {
        "money": book.add_format({"num_format": "#,##0.00"}),
        "rate": book.add_format({"num_format": "0.0000######"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "number": book.add_format({"num_format": "0"}),
        "text": book.add_format({"num_format": "@"}),
    }
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(export.columns):
        sheet.set_column(place, place, 12 if column.kind in ("date", "number") else 18)
        sheet.write_string(0, place, column.head, head)
    for line, row in enumerate(export.rows, start=1):
        for place, (column, cell) in enumerate(zip(export.columns, row, strict=True)):
            _write_cell(sheet, line, place, cell, formats[column.kind])
    book.close()


def _write_cell(sheet: Any, line: int, place: int, cell: Cell, look: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(line, place, cell.replace("\x00", ""), look)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(line, place, dt.datetime.combine(cell, dt.time()), look)
    else:
        sheet.write_number(line, place, cell, look)


# --- The tables ------------------------------------------------------------------------------


def _question(
    actor: Actor, table: Table, since: dt.date, until: dt.date, account_id: int | None
) -> tuple[Sequence[Column], QuerySet[Any]]:
    if table == Table.PAID_ORDERS:
        return _paid_orders(actor, since, until, account_id)
    if table == Table.ENTRIES:
        return _entries(actor, since, until, account_id)
    if table == Table.DATA_CHANGES:
        return _data_changes(actor, since, until)
    return _open_deposits(actor, since, until, account_id)


def _paid_orders(actor: Actor, since: dt.date, until: dt.date, account_id: int | None) -> tuple[list[Column], QuerySet[Order]]:
    """Orders by the day on which they were paid; of an account: those that it paid a part of."""
    columns = [
        Column(head=_("Order"), field="number"), Column(head=_("Kind"), field="kind", names=dict(Order.Kind.choices)),
        Column(head=_("Customer number"), field="customer__number"), Column(head=_("Customer"), field="customer__name"),
        Column(head=_("Tax id"), field="customer__tax_id"), Column(head=_("Description"), field="description"),
        Column(head=_("Currency"), field="currency"), Column(head=_("Subtotal"), kind="money", field="subtotal"),
        Column(head=_("Tax"), kind="money", field="tax"), Column(head=_("Total"), kind="money", field="total"),
        Column(head=_("Issued on"), kind="date", field="issued_on"), Column(head=_("Due on"), kind="date", field="due_on"),
        Column(head=_("Day paid"), kind="date", field="paid_on"),
    ]  # fmt: skip
    found = Order.objects.filter(merchant=actor.merchant, paid_on__gte=since, paid_on__lte=until, voided_at__isnull=True)
    if account_id is not None:
        entries = LedgerEntry.objects.filter(source_line__account_id=account_id, reverses__isnull=True, reversed_by__isnull=True)
        found = found.filter(pk__in=entries.values("target_order_id"))
    return columns, found.order_by("paid_on", "pk")


def _entries(actor: Actor, since: dt.date, until: dt.date, account_id: int | None) -> tuple[list[Column], QuerySet[LedgerEntry]]:
    """Entries by the day they were booked; amounts of mirrored rows are negative, so that every column adds up."""
    columns = [
        Column(head=_("Entry"), kind="number", field="id"), Column(head=_("Entered on"), kind="date", field="booked_on"),
        Column(head=_("Account"), field="account_number"), Column(head=_("Comes from"), field="source", names=_ends()),
        Column(head=_("Goes to"), field="target", names=_ends()), Column(head=_("Amount"), kind="money", field="source_signed"),
        Column(head=_("Currency"), field="source_currency"), Column(head=_("Target amount"), kind="money", field="target_signed"),
        Column(head=_("Currency to"), field="target_currency"), Column(head=_("Rate"), kind="rate", field="rate"),
        Column(head=_("Order"), field="target_order__number"), Column(head=_("Customer number"), field="customer__number"),
        Column(head=_("Customer"), field="customer__name"), Column(head=_("Bank date"), kind="date", field="bank_day"),
        Column(head=_("Bank reference"), field="bank_reference"), Column(head=_("Ticket"), field="settlement__ticket__number"),
        Column(head=_("Settlement"), kind="number", field="settlement_id"),
        Column(head=_("Takes back entry"), kind="number", field="reverses_id"),
        Column(head=_("Prepared by"), field="settlement__prepared_by__email"),
        Column(head=_("Signed by"), field="settlement__signed_by__email"),
    ]  # fmt: skip
    found = LedgerEntry.objects.filter(merchant=actor.merchant, booked_on__gte=since, booked_on__lte=until)
    if account_id is not None:
        found = found.filter(Q(source_line__account_id=account_id) | Q(target_line__account_id=account_id))
    found = found.annotate(
        account_number=Coalesce("source_line__account__number", "target_line__account__number"),
        bank_day=Coalesce("source_line__booked_on", "target_line__booked_on"),
        bank_reference=Coalesce("source_line__reference_raw", "target_line__reference_raw"),
        source=_end("source"),
        target=_end("target"),
        source_signed=_signed("source_amount"),
        target_signed=_signed("target_amount"),
    )
    return columns, found.order_by("pk")


def _open_deposits(
    actor: Actor, since: dt.date, until: dt.date, account_id: int | None
) -> tuple[list[Column], QuerySet[StatementLine]]:
    """Deposits booked between the days of which something is left now."""
    columns = [
        Column(head=_("Bank line"), kind="number", field="id"), Column(head=_("Account"), field="account__number"),
        Column(head=_("Booked on"), kind="date", field="booked_on"), Column(head=_("Amount"), kind="money", field="amount"),
        Column(head=_("Not reconciled"), kind="money", field="left_over"), Column(head=_("Currency"), field="currency"),
        Column(head=_("Reference"), field="reference_raw"), Column(head=_("Text"), field="text"),
        Column(head=_("Payer"), field="payer_name"), Column(head=_("Payer's document"), field="payer_id"),
        Column(head=_("Source"), field="source", names=dict(StatementLine.Source.choices)),
    ]  # fmt: skip
    left = F("balance__amount") - F("balance__allocated") - F("balance__reserved")
    found = StatementLine.objects.filter(
        merchant=actor.merchant, booked_on__gte=since, booked_on__lte=until, amount__gt=0, balance__returned_at__isnull=True
    )
    set_aside = IgnoredLine.objects.filter(merchant=actor.merchant, taken_back_at__isnull=True)
    found = found.exclude(pk__in=set_aside.values("line_id"))
    found = found.annotate(left_over=ExpressionWrapper(left, DecimalField(max_digits=20, decimal_places=4)))
    if account_id is not None:
        found = found.filter(account_id=account_id)
    return columns, found.filter(left_over__gt=0).order_by("booked_on", "pk")


def _data_changes(actor: Actor, since: dt.date, until: dt.date) -> tuple[list[Column], QuerySet[DataChange]]:
    """What was changed of customers and their contacts, by the merchant's day: what its own records have to follow."""
    columns = [
        Column(head=pgettext("noun", "Change"), kind="number", field="id"), Column(head=_("Date"), kind="date", field="day"),
        Column(head=_("Customer number"), field="customer__number"), Column(head=_("Customer"), field="customer__name"),
        Column(head=_("Person"), field="person__email"), Column(head=_("Field"), field="field", names=PERSON_FIELDS),
        Column(head=_("Before"), field="before"), Column(head=_("After"), field="after"),
        Column(head=_("Changed by"), field="by__email"),
    ]  # fmt: skip
    zone = actor.merchant.zone
    first = dt.datetime.combine(since, dt.time(), tzinfo=zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    found = DataChange.objects.filter(merchant=actor.merchant, created_at__gte=first, created_at__lt=end)
    return columns, found.annotate(day=TruncDate("created_at", tzinfo=zone)).order_by("pk")


def _ends() -> dict[str, object]:
    return {"bank": _("Bank"), "credit": _("Credit balance"), "order": _("Order"), **dict(Adjustment.Kind.choices)}


def _end(side: str) -> Any:
    """What stands at an end of an entry, by name: bank, credit, order, or the kind of the difference."""
    whens = [
        When(**{f"{side}_line__isnull": False}, then=Value("bank")),
        When(**{f"{side}_credit__isnull": False}, then=Value("credit")),
        When(**{f"{side}_adjustment__isnull": False}, then=Concat(f"{side}_adjustment__kind", Value(""))),
    ]
    return Case(*whens, default=Value("order"), output_field=CharField())


def _signed(field: str) -> Any:
    return Case(When(reverses__isnull=False, then=-F(field)), default=F(field), output_field=DecimalField())
