"""Bringing customers and orders from another system: checked row by row, all or nothing, and harmless when done again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Language, Merchant
from accounts.services import create_customer
from orders.csv_layout import PlannedOrder, Row, plan_order, read_rows
from orders.models import Order
from orders.services import LineDraft, issue_order

CUSTOMER_COLUMNS = ("email", "tax_id", "phone", "language", "address", "state", "city")


@dataclass(kw_only=True)
class ImportOutcome:
    """What a file came to. `errors` are (line of the file, sentence); with any nothing is written, unless they were skipped."""

    customers_new: int = 0
    customers_known: int = 0
    orders_new: int = 0
    orders_known: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)
    written: bool = False


def import_orders(
    *, merchant: Merchant, content: bytes, dry_run: bool = False, skip_bad: bool = False, by: Actor
) -> ImportOutcome:
    """Write the customers and orders of a CSV file (`orders.csv_layout`).

    Known by number: the same content again is left alone, another content under a known number is an error. All or nothing,
    unless `skip_bad` leaves out what has errors. With `dry_run` everything is tried, nothing kept. Raises `UnreadableFile`.
    """
    by.require(by.can_register)
    outcome = ImportOutcome()
    customer_rows, order_rows = _grouped(read_rows(content), outcome)
    with transaction.atomic():
        customers = _bring_customers(merchant, customer_rows, outcome, by)
        _bring_orders(merchant, order_rows, customers, outcome, by)
        outcome.errors.sort()
        outcome.written = not dry_run and (skip_bad or not outcome.errors)
        if not outcome.written:
            transaction.set_rollback(True)
    return outcome


def _grouped(rows: Iterable[Row], outcome: ImportOutcome) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Rows by customer number and by order number, in the file's order."""
    by_customer: dict[str, list[Row]] = {}
    by_order: dict[str, list[Row]] = {}
    last_customer: dict[str, str] = {}
    for row in rows:
        number, order = row["customer_number"], row["order_number"]
        if not number and order in by_order:
            number = last_customer[order]
        if not number or len(number) > 30:
            outcome.errors.append((row.number, _("customer_number is missing or longer than 30 signs.")))
            continue
        if len(order) > 40:
            outcome.errors.append((row.number, _("order_number is longer than 40 signs.")))
            continue
        by_customer.setdefault(number, []).append(row)
        if order:
            by_order.setdefault(order, []).append(row)
            last_customer.setdefault(order, number)
    return by_customer, by_order


def _bring_customers(merchant: Merchant, groups: dict[str, list[Row]], outcome: ImportOutcome, by: Actor) -> dict[str, Customer]:
    """Number → customer, made when new. A known one keeps its data; another name under its number is an error."""
    known = {each.number: each for each in Customer.objects.filter(merchant=merchant, number__in=list(groups))}
    for number, rows in groups.items():
        names = {row["customer_name"] for row in rows if row["customer_name"]}
        first = next((row for row in rows if row["customer_name"]), rows[0])
        customer = known.get(number)
        if len(names) > 1 or (customer is not None and names and customer.name not in names):
            outcome.errors.append((first.number, _("Customer %(number)s has another name already.") % {"number": number}))
            known.pop(number, None)
        elif customer is not None:
            outcome.customers_known += 1
        elif not names:
            outcome.errors.append((first.number, _("Customer %(number)s is new and has no customer_name.") % {"number": number}))
        else:
            made = _make_customer(merchant, number, first, outcome, by)
            if made is not None:
                known[number] = made
    return known


def _make_customer(merchant: Merchant, number: str, row: Row, outcome: ImportOutcome, by: Actor) -> Customer | None:
    data = {name: row[f"customer_{name}"] for name in CUSTOMER_COLUMNS if row[f"customer_{name}"]}
    if data.get("language", "es") not in Language.values:
        outcome.errors.append((row.number, _("customer_language is neither es nor en.")))
        return None
    try:
        with transaction.atomic():
            made = create_customer(merchant=merchant, number=number, name=row["customer_name"], by=by, **data)
    except Refused as refused:
        outcome.errors.append((row.number, refused.message))
        return None
    outcome.customers_new += 1
    return made


def _bring_orders(
    merchant: Merchant, groups: dict[str, list[Row]], customers: dict[str, Customer], outcome: ImportOutcome, by: Actor
) -> None:
    orders = Order.objects.filter(merchant=merchant, number__in=list(groups)).select_related("customer")
    known = {each.number: each for each in orders.prefetch_related("lines")}
    for number, rows in groups.items():
        planned = plan_order(rows, merchant.currency, outcome.errors)
        if planned is None:
            continue
        order = known.get(number)
        if order is not None:
            if _says_the_same(order, planned):
                outcome.orders_known += 1
            else:
                outcome.errors.append(
                    (planned.row, _("Order %(number)s exists already with other content.") % {"number": number})
                )
        elif planned.customer_number in customers:
            _make_order(merchant, planned, customers[planned.customer_number], outcome, by)


def _says_the_same(order: Order, planned: PlannedOrder) -> bool:
    lines = [
        (line.description, line.kind, line.quantity, line.unit_price, line.tax_name, line.tax_rate) for line in order.lines.all()
    ]
    told = (order.customer.number, order.kind, order.description, order.currency, order.issued_on, order.due_on)
    return told == (
        planned.customer_number, planned.kind, planned.description, planned.currency, planned.issued_on, planned.due_on,
    ) and lines == [tuple(asdict(line).values()) for line in planned.lines]  # fmt: skip


def _make_order(merchant: Merchant, planned: PlannedOrder, customer: Customer, outcome: ImportOutcome, by: Actor) -> None:
    try:
        with transaction.atomic():
            issue_order(
                merchant=merchant, customer=customer, number=planned.number, kind=planned.kind, description=planned.description,
                currency=planned.currency, issued_on=planned.issued_on, due_on=planned.due_on,
                lines=[LineDraft(**asdict(line)) for line in planned.lines], by=by,
            )  # fmt: skip
    except Refused as refused:
        outcome.errors.append((planned.row, refused.message))
        return
    outcome.orders_new += 1
