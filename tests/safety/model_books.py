"""The plain model of one merchant's books that T17 plays beside PostgreSQL: numbers in dictionaries, and the rules in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from banking.models import ReceivingAccount
from orders.models import Order
from reconciliation.models import LineBalance, StatementLine
from tests.factories import make_account
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import Ticket

RATE = Decimal("36.70")
Movement = tuple[dt.date, Decimal, str]


@dataclass(eq=False)
class Claim:
    """A report of one transfer: at which merchant, its ticket, what it declares, for which orders, into which account."""

    at: int
    ticket: Ticket
    amount: Decimal
    orders: tuple[int, ...]
    account: ReceivingAccount

    @property
    def in_bolivars(self) -> bool:
        return self.account.currency == "VES"


@dataclass
class Line:
    """A deposit: what it is, how much of it is used, by which file it came (None: typed)."""

    amount: Decimal
    used: Decimal = Decimal(0)
    is_returned: bool = False
    was_matched: bool = False
    statement_import: int | None = None
    movement: Movement | None = None


@dataclass
class Paid:
    """What a settled claim did: to orders, to the credit, with how much of which deposits."""

    given: dict[int, Decimal]
    left: Decimal
    deposits: list[tuple[int, Decimal]]


@dataclass
class Book:
    """The model of one merchant. `truth` is what its bank booked into the account that files are brought for."""

    scene: Scene
    filed: ReceivingAccount
    months: tuple[dt.date, dt.date]
    due: dict[int, Decimal] = field(default_factory=dict)
    due_on: dict[int, dt.date] = field(default_factory=dict)
    credit: Decimal = Decimal(0)
    uses: list[tuple[int, Decimal]] = field(default_factory=list)
    open: dict[int, Claim] = field(default_factory=dict)
    paid: dict[int, Paid] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    truth: list[Movement] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    # Last days of the months that are closed, oldest first, each with the key of its row.
    closed: list[tuple[dt.date, int]] = field(default_factory=list)
    again: list[Callable[[], None]] = field(default_factory=list)

    @property
    def closed_until(self) -> dt.date | None:
        return self.closed[-1][0] if self.closed else None

    def is_closed(self, day: dt.date) -> bool:
        return self.closed_until is not None and day <= self.closed_until

    def known(self) -> Counter[Movement]:
        """What files brought and nobody undid."""
        return Counter(line.movement for line in self.lines.values() if line.movement is not None)

    def sort_file(self, rows: Iterable[Movement]) -> tuple[Counter[Movement], Counter[Movement]]:
        """What a file with these rows brings, and what of it waits because its month is closed. Twins are told by counting."""
        new = Counter(rows) - self.known()
        waits = Counter({row: count for row, count in new.items() if self.is_closed(row[0])})
        return new - waits, waits

    def pay(self, claim: Claim, deposits: list[tuple[int, Decimal]]) -> None:
        """Settle a claim: orders first, oldest due first, as far as the report meant them; what is left is credit."""
        amount = sum((part for _line, part in deposits), Decimal(0))
        worth = amount
        if claim.in_bolivars:
            declared: Decimal = self.scene.transfers(claim.ticket)[0].value
            worth = declared if amount == claim.amount else (amount / RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)
        # What the report meant for each order stands in its allocations; the model reads the rule, not the rows.
        means = {each.order_id: each.amount for each in claim.ticket.report.allocations.filter(until_revision__isnull=True)}
        left, given = worth, {}
        for pk in sorted(claim.orders, key=lambda pk: (self.due_on[pk], pk)):
            given[pk] = min(left, means[pk], self.due[pk])
            left -= given[pk]
            self.due[pk] -= given[pk]
        self.credit += left
        for line, part in deposits:
            self.lines[line].used += part
            self.lines[line].was_matched = True
        del self.open[claim.ticket.pk]
        self.paid[claim.ticket.pk] = Paid(given, left, deposits)

    def take_back(self, claim: Claim, *, returned: bool) -> None:
        """Reverse: orders owe again, deposits are free again or gone, spent credit is taken back, the newest use first."""
        paid = self.paid.pop(claim.ticket.pk)
        for pk, amount in paid.given.items():
            self.due[pk] += amount
        while self.credit < paid.left:
            pk, amount = self.uses.pop()
            self.due[pk] += amount
            self.credit += amount
        self.credit -= paid.left
        for line, part in paid.deposits:
            self.lines[line].used -= part
            self.lines[line].is_returned |= returned

    def check(self) -> None:
        """The database says what the model says."""
        assert self.scene.credit() == self.credit
        orders = {order.pk: order for order in Order.objects.with_balance().filter(merchant=self.scene.cast.merchant)}
        assert {pk: order.amount_due for pk, order in orders.items()} == self.due
        assert {pk for pk, order in orders.items() if order.paid_on} == {pk for pk, due in self.due.items() if due == 0}
        rows = LineBalance.objects.filter(merchant=self.scene.cast.merchant)
        said = {row.pk: (row.amount, row.allocated, row.reserved, row.returned_at is not None) for row in rows}
        assert said == {pk: (line.amount, line.used, 0, line.is_returned) for pk, line in self.lines.items()}
        found = Ticket.objects.filter(merchant=self.scene.cast.merchant).values_list("pk", "state")
        states = dict(found)
        assert {pk for pk, state in states.items() if state == "verified"} == set(self.paid)
        assert {pk for pk, state in states.items() if state == "in_review"} == set(self.open)


def first_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def last_of(month: dt.date) -> dt.date:
    return first_of(month + dt.timedelta(days=31)) - dt.timedelta(days=1)


def open_book() -> Book:
    """A merchant with accounts in two currencies, and one into which the bank booked some deposits, twins among them."""
    scene = make_scene(rate=str(RATE), approval_limit=Decimal(10**6))
    filed = make_account(scene.cast.merchant, methods=[scene.cast.deposit])
    last = first_of(first_of(scene.today) - dt.timedelta(days=1))
    before = first_of(last - dt.timedelta(days=1))
    old, twin = Decimal("12.00"), Decimal("1.50")
    truth = [(before.replace(day=15), old, "0050000001"), (before.replace(day=15), twin, ""), (before.replace(day=15), twin, "")]
    truth += [(last.replace(day=10), old, "0050000002"), (last.replace(day=20), twin, ""), (last.replace(day=20), old, "5000003")]
    return Book(scene, filed, (before, last), truth=truth)


def sheet_of(rows: Iterable[Movement]) -> bytes:
    """The house's own sheet with these movements."""
    lines = [f"{day.isoformat()};{amount:.2f};{reference};DEPOSITO" for day, amount, reference in rows]
    return "\n".join(["fecha;monto;referencia;texto", *lines, ""]).encode()


def movement_of(line: StatementLine) -> Movement:
    return line.booked_on, line.amount, line.reference_raw
