"""Bringing customers and orders from another system: planned first, checked row by row, written once, harmless when done again.

A plan reads and compares, and writes nothing: its counts add up to what is in the file. What is planned is written by the same
services that write everything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actors import Actor
from accounts.doors import open_doors
from accounts.errors import Refused
from accounts.models import Customer, Language, Merchant
from accounts.services import create_customer
from files.tables import read_table
from orders.csv_layout import PlannedOrder, Problem, Row, by_row, own_headings, plan_order, rows_by
from orders.import_words import SAID, is_worded
from orders.models import Order
from orders.services import LineDraft, issue_order, line_sums, refuse_bad_order

CUSTOMER_COLUMNS = ("email", "tax_id", "phone", "language", "address", "state", "city")
Made = Callable[[Customer | None, Order | None], object]


@dataclass(frozen=True, kw_only=True)
class PlannedCustomer:
    """A customer whom the file brings."""

    row: int
    number: str
    name: str
    data: dict[str, str]


@dataclass(kw_only=True)
class Plan:
    """What a file comes to. New, known and refused add up to what it names."""

    rows: int = 0
    customers: dict[str, PlannedCustomer] = field(default_factory=dict)
    customers_known: int = 0
    customers_refused: int = 0
    orders: list[PlannedOrder] = field(default_factory=list)
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))  # of the new orders, by currency
    orders_known: int = 0
    orders_refused: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(kw_only=True)
class ImportOutcome:
    """What a file came to. With any `errors` nothing is written, unless what has them was left out."""

    customers_new: int = 0
    customers_known: int = 0
    orders_new: int = 0
    orders_known: int = 0
    errors: list[Problem] = field(default_factory=list)
    written: bool = False


def import_orders(
    *, merchant: Merchant, content: bytes, dry_run: bool = False, skip_bad: bool = False, by: Actor
) -> ImportOutcome:
    """Write the customers and orders of a CSV file or workbook whose headings are ours (`orders.csv_layout`).

    Known by number: the same content again is left alone, another content under a known number is an error. All or nothing,
    unless `skip_bad` leaves out what has errors. With `dry_run` everything is tried, nothing kept. Raises `UnreadableTable`.
    """
    by.require(by.can_register)
    table = read_table(content)
    problems: list[Problem] = []
    plan = plan_import(merchant, rows_by(table, own_headings(table), problems), problems)
    with transaction.atomic():
        outcome = write_plan(merchant, plan, by=by)
        outcome.written = not dry_run and (skip_bad or not outcome.errors)
        if not outcome.written:
            transaction.set_rollback(True)
    return outcome


def plan_import(merchant: Merchant, rows: Iterable[Row], problems: list[Problem]) -> Plan:
    """Compare the rows with what stands, and write nothing. `problems`: what reading the rows finds; they are the plan's."""
    plan = Plan(problems=problems)
    by_customer, by_order = _grouped(rows, plan)
    known = _plan_customers(merchant, by_customer, plan)
    _plan_orders(merchant, by_order, known, plan)
    plan.problems.sort(key=by_row)
    return plan


def write_plan(merchant: Merchant, plan: Plan, *, made: Made | None = None, by: Actor) -> ImportOutcome:
    """Make what is planned, inside the caller's transaction; `made` hears of each customer and order."""
    outcome = ImportOutcome(customers_known=plan.customers_known, orders_known=plan.orders_known, errors=list(plan.problems))
    numbers = {each.customer_number for each in plan.orders} | set(plan.customers)
    customers = {each.number: each for each in Customer.objects.filter(merchant=merchant, number__in=numbers)}
    arrived = []
    for planned in plan.customers.values():
        try:
            with transaction.atomic():
                customer = create_customer(merchant=merchant, number=planned.number, name=planned.name, by=by, **planned.data)
        except Refused as refused:
            outcome.errors.append(_refused(planned.row, refused))
            continue
        customers[planned.number] = customer
        arrived.append(customer)
        outcome.customers_new += 1
        if made is not None:
            made(customer, None)
    open_doors(arrived, by=by)
    for order in plan.orders:
        if order.customer_number in customers:
            _make_order(merchant, order, customers[order.customer_number], outcome, made, by)
    outcome.errors.sort(key=by_row)
    return outcome


def _grouped(rows: Iterable[Row], plan: Plan) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Rows by customer number and by order number, in the file's order."""
    by_customer: dict[str, list[Row]] = {}
    by_order: dict[str, list[Row]] = {}
    last_customer: dict[str, str] = {}
    for row in rows:
        plan.rows += 1
        number, order = row["customer_number"], row["order_number"]
        if not number and order in by_order:
            number = last_customer[order]
        if not number or len(number) > 30 or not number.isprintable():
            plan.problems.append(Problem(row.number, "customer_number", "customer_number"))
            continue
        if len(order) > 40 or not order.isprintable():
            plan.problems.append(Problem(row.number, "order_number", "order_number"))
            continue
        by_customer.setdefault(number, []).append(row)
        if order:
            by_order.setdefault(order, []).append(row)
            last_customer.setdefault(order, number)
    return by_customer, by_order


def _plan_customers(merchant: Merchant, groups: dict[str, list[Row]], plan: Plan) -> set[str]:
    """Numbers of the customers who are there or come. A known one keeps its data; another name under its number is an error."""
    known = dict(Customer.objects.filter(merchant=merchant, number__in=list(groups)).values_list("number", "name"))
    usable = set()
    for number, rows in groups.items():
        names = {row["customer_name"] for row in rows if row["customer_name"]}
        first = next((row for row in rows if row["customer_name"]), rows[0])
        found: list[Problem] = []
        if len(names) > 1 or (number in known and names and known[number] not in names):
            found.append(Problem(first.number, "other_name", "customer_name", {"number": number}))
        elif number not in known and not names:
            found.append(Problem(first.number, "new_without_name", "customer_name", {"number": number}))
        elif number not in known:
            found += _plan_customer(merchant, number, first, plan)
        else:
            plan.customers_known += 1
        if found:
            plan.customers_refused += 1
            plan.problems += found
        else:
            usable.add(number)
    return usable


def _plan_customer(merchant: Merchant, number: str, row: Row, plan: Plan) -> list[Problem]:
    data = {name: row[f"customer_{name}"] for name in CUSTOMER_COLUMNS if row[f"customer_{name}"]}
    if data.get("language", "es") not in Language.values:
        return [Problem(row.number, "language", "customer_language")]
    try:
        Customer(merchant=merchant, number=number, name=row["customer_name"], **data).clean_fields(exclude=["merchant"])
    except ValidationError as error:
        return [_bad_field(row.number, name, found[0]) for name, found in error.error_dict.items()]
    plan.customers[number] = PlannedCustomer(row=row.number, number=number, name=row["customer_name"], data=data)
    return []


def _bad_field(row: int, name: str, error: ValidationError) -> Problem:
    """What a field of the customer says of its value: by Django's own codes, for its sentences are in one language."""
    if error.code == "max_length":
        return Problem(row, "max_length", f"customer_{name}", {"limit": str((error.params or {}).get("limit_value", ""))})
    return Problem(row, "email" if name == "email" else "value", f"customer_{name}")


def _refused(row: int, refused: Refused, column: str = "", **data: str) -> Problem:
    """What writing refuses: by its code where that has a sentence here, else as it was said."""
    if is_worded(refused.code):
        return Problem(row, refused.code, column, data)
    return Problem(row, SAID, column, {"text": refused.message})


def _plan_orders(merchant: Merchant, groups: dict[str, list[Row]], customers: set[str], plan: Plan) -> None:
    found = Order.objects.filter(merchant=merchant, number__in=list(groups)).select_related("customer")
    known = {each.number: each for each in found.prefetch_related("lines")}
    for number, rows in groups.items():
        planned = plan_order(rows, merchant.currency, plan.problems)
        order = known.get(number)
        if planned is None:
            plan.orders_refused += 1
        elif order is not None and _says_the_same(order, planned):
            plan.orders_known += 1
        elif order is not None:
            plan.orders_refused += 1
            plan.problems.append(Problem(planned.row, "other_content", "order_number", {"number": number}))
        elif planned.customer_number not in customers:
            plan.orders_refused += 1  # its customer's problem is told
        elif isinstance(foreseen := _foresee(planned), Problem):
            plan.orders_refused += 1
            plan.problems.append(foreseen)
        else:
            plan.orders.append(planned)
            plan.amounts[planned.currency] += foreseen


def _foresee(planned: PlannedOrder) -> Problem | Decimal:
    """What `issue_order` would say of these facts: its refusal, or the order's total."""
    drafts = [LineDraft(**asdict(line)) for line in planned.lines]
    try:
        refuse_bad_order(drafts, planned.description, planned.issued_on, planned.due_on, planned.kind)
    except Refused as refused:
        days = {"issued": planned.issued_on.isoformat(), "due": planned.due_on.isoformat()}
        return _refused(planned.row, refused, next((each for each in refused.fields if each == "due_on"), ""), **days)
    total = sum((sum(line_sums(line, planned.currency), Decimal(0)) for line in drafts), Decimal(0))
    if total <= 0:
        return Problem(planned.row, "total_invalid", "unit_price")
    return total


def _says_the_same(order: Order, planned: PlannedOrder) -> bool:
    lines = [
        (line.description, line.kind, line.quantity, line.unit_price, line.tax_name, line.tax_rate) for line in order.lines.all()
    ]
    told = (order.customer.number, order.kind, order.description, order.currency, order.issued_on, order.due_on)
    return told == (
        planned.customer_number, planned.kind, planned.description, planned.currency, planned.issued_on, planned.due_on,
    ) and lines == [tuple(asdict(line).values()) for line in planned.lines]  # fmt: skip


def _make_order(
    merchant: Merchant, planned: PlannedOrder, customer: Customer, outcome: ImportOutcome, made: Made | None, by: Actor
) -> None:
    try:
        with transaction.atomic():
            order = issue_order(
                merchant=merchant, customer=customer, number=planned.number, kind=planned.kind, description=planned.description,
                currency=planned.currency, issued_on=planned.issued_on, due_on=planned.due_on,
                lines=[LineDraft(**asdict(line)) for line in planned.lines], by=by,
            )  # fmt: skip
    except Refused as refused:
        outcome.errors.append(_refused(planned.row, refused))
        return
    outcome.orders_new += 1
    if made is not None:
        made(None, order)
