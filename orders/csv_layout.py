"""The CSV file by which a company brings its customers and orders: its columns, and reading it. Bytes in, plain rows out.

One row is one line of an order; rows with the same `order_number` are one order. A row without one is a customer alone.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from banking.money import MINOR_UNITS
from files.tables import TableRow, UnreadableTable
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
# What an order cannot do without, once a column for its number is there.
REQUIRED_OF_ORDERS = ("issued_on", "due_on", "unit_price")
# What companies call these columns.
KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "customer_number": (
        "customer",
        "customer no",
        "customer id",
        "client number",
        "cliente",
        "número de cliente",
        "nº de cliente",
        "nro cliente",
        "código de cliente",
        "código cliente",
        "cod cliente",
        "id cliente",
        "contrato",
        "abonado",
        "cuenta cliente",
    ),
    "customer_name": ("name", "client name", "nombre", "nombre del cliente", "nombre cliente", "razón social", "titular"),
    "customer_email": ("email", "e-mail", "mail", "correo", "correo electrónico", "email cliente"),
    "customer_tax_id": ("tax id", "vat", "rif", "nit", "cuit", "ruc", "rfc", "cédula", "documento", "identificación", "dni"),
    "customer_phone": ("phone", "telephone", "teléfono", "celular", "móvil", "tel"),
    "customer_language": ("language", "idioma"),
    "customer_address": ("address", "dirección", "domicilio"),
    "customer_state": ("state", "estado", "provincia", "departamento"),
    "customer_city": ("city", "ciudad", "localidad", "municipio"),
    "order_number": (
        "order",
        "order no",
        "invoice",
        "invoice number",
        "orden",
        "número de orden",
        "nº de orden",
        "nro orden",
        "factura",
        "número de factura",
        "nº factura",
        "nro factura",
        "comprobante",
        "número",
        "prefactura",
    ),
    "order_kind": ("kind", "type", "tipo", "tipo de orden"),
    "order_description": ("description", "descripción", "concepto", "detalle", "servicio"),
    "currency": ("moneda", "divisa"),
    "issued_on": ("issued", "issue date", "date", "fecha", "fecha de emisión", "emisión", "emitida"),
    "due_on": ("due", "due date", "vencimiento", "fecha de vencimiento", "vence", "fecha vencimiento"),
    "line_description": ("item", "line", "ítem", "renglón", "producto", "descripción del ítem"),
    "line_kind": ("tipo de línea", "tipo de ítem"),
    "quantity": ("qty", "cantidad", "cant"),
    "unit_price": ("price", "amount", "total", "precio", "precio unitario", "monto", "importe", "valor", "subtotal", "base"),
    "tax_name": ("tax", "impuesto", "nombre del impuesto"),
    "tax_percent": ("tax %", "iva", "iva %", "% iva", "porcentaje de impuesto", "alícuota"),
}


class Problem(NamedTuple):
    """What is wrong with a row of the file: its line, a code, the column where it is one's, and what the sentence names.

    `import_words` says it to whoever reads it, so it is stored without words; `data` holds texts, days as ISO.
    """

    row: int
    code: str
    column: str = ""
    data: Mapping[str, str] = MappingProxyType({})

    def stored(self) -> list[Any]:
        """As it is kept in JSON; `Problem(*stored)` is this one again."""
        return [self.row, self.code, self.column, dict(self.data)]


def by_row(problem: Problem) -> tuple[int, str]:
    """The order in which problems are told."""
    return problem.row, problem.column


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


def rows_by(table: Sequence[TableRow], mapping: Mapping[str, int], problems: list[Problem]) -> Iterator[Row]:
    """The rows below the headings with our columns' names; a row with a formula in a column of ours is a problem, not a row.

    An order that has no description of its own is called what its first line is.
    """
    for row in table[1:]:
        cells = {name: row.cells[place] if place < len(row.cells) else "" for name, place in mapping.items()}
        formula = next((name for name, cell in cells.items() if cell is None), "")
        if formula:
            problems.append(Problem(row.number, "formula", formula))
            continue
        read = {name: cell or "" for name, cell in cells.items()}
        if "order_description" not in mapping:
            read["order_description"] = read.get("line_description", "")
        yield Row(number=row.number, cells=read)


def own_headings(table: Sequence[TableRow]) -> dict[str, int]:
    """The mapping of a file whose first row names our columns by their own names. Raises `UnreadableTable`."""
    columns = [(cell or "").lower() for cell in table[0].cells]
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name and name not in COLUMNS]
    if missing:
        raise UnreadableTable(_("The first row does not name the column %(column)s.") % {"column": missing[0]}, code="heading")
    if unknown:
        raise UnreadableTable(_("The column %(column)s is unknown.") % {"column": unknown[0][:60]}, code="heading")
    if len(set(columns)) != len(columns):
        raise UnreadableTable(_("The first row names a column twice."), code="heading")
    return {name: place for place, name in enumerate(columns) if name}


def guess_mapping(headings: Sequence[str]) -> dict[str, int]:
    """Which of our columns each heading most likely stands for, each at most once, by names in both languages."""
    known = {_plain(word): name for name, words in KNOWN_AS.items() for word in (name, *words)}
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = known.get(_plain(heading))
        if name is not None and name not in found:
            found[name] = place
    return found


def _plain(text: str) -> str:
    """A heading without case, accents, spaces and signs: `Nº de Cliente` is `nodecliente`."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())


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


def plan_order(rows: list[Row], currency: str, problems: list[Problem]) -> PlannedOrder | None:
    """One order out of its rows. Appends to `problems` what is wrong, and gives None then."""
    first, before = rows[0], len(problems)
    issued_on, due_on = read_day(first["issued_on"]), read_day(first["due_on"])
    kind, paid_in = first["order_kind"] or Order.Kind.SERVICE_ORDER, first["currency"].upper() or currency
    if issued_on is None:
        problems.append(Problem(first.number, "date", "issued_on"))
    if due_on is None:
        problems.append(Problem(first.number, "date", "due_on"))
    if not first["order_description"]:
        problems.append(Problem(first.number, "missing", "order_description"))
    if kind not in Order.Kind.values:
        problems.append(Problem(first.number, "unknown", "order_kind"))
    if paid_in not in MINOR_UNITS:
        problems.append(Problem(first.number, "unknown", "currency"))
    for row in rows[1:]:
        for column in ("customer_number", "order_kind", "order_description", "currency", "issued_on", "due_on"):
            if row[column] and row[column] != first[column]:
                problems.append(Problem(row.number, "differs", column))
    lines = [_plan_line(row, first["order_description"], problems) for row in rows]
    if len(problems) > before or issued_on is None or due_on is None:
        return None
    return PlannedOrder(
        row=first.number, number=first["order_number"], customer_number=first["customer_number"], kind=kind,
        description=first["order_description"], currency=paid_in, issued_on=issued_on, due_on=due_on,
        lines=tuple(line for line in lines if line is not None),
    )  # fmt: skip


def _plan_line(row: Row, description: str, problems: list[Problem]) -> PlannedLine | None:
    price = read_figure(row["unit_price"], places=4)
    quantity = read_figure(row["quantity"] or "1", places=3)
    percent = read_figure(row["tax_percent"] or "0", places=2)
    kind = row["line_kind"] or OrderLine.Kind.SERVICE
    if price is None:
        problems.append(Problem(row.number, "amount", "unit_price"))
    if quantity is None or quantity == 0:
        problems.append(Problem(row.number, "above_zero", "quantity"))
    if percent is None or percent > 100:
        problems.append(Problem(row.number, "percent", "tax_percent"))
    if kind not in OrderLine.Kind.values:
        problems.append(Problem(row.number, "unknown", "line_kind"))
    if price is None or quantity is None or percent is None:
        return None
    return PlannedLine(
        description=row["line_description"] or description, kind=kind, quantity=quantity, unit_price=price,
        tax_name=row["tax_name"], tax_rate=percent / 100,
    )  # fmt: skip
