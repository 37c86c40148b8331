"""T17, a small one: hypothesis plays orders, reports, deposits, reversals and credit on PostgreSQL and a plain model.

After each step the books are clean and what the database says agrees with the model. Two merchants at once: every step happens at
one of them, the other must not move. Seen to fail: with uses of spent credit not taken back, with orders not filled before
credit, with the paid date left standing by a reversal, with mirrored rows counted by half, with twins taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule, run_state_machine_as_test

from accounts.errors import Refused
from orders.models import Order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Settlement, StatementLine
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene
from tickets.models import Ticket

RATE = Decimal("36.70")
AT = st.sampled_from([0, 1])
CENTS = st.integers(min_value=1, max_value=20_000).map(lambda cents: Decimal(cents) / 100)


@dataclass
class Book:
    """The model of one merchant: plain numbers."""

    scene: Scene
    due: dict[int, Decimal] = field(default_factory=dict)
    credit: Decimal = Decimal(0)
    uses: list[tuple[int, Decimal]] = field(default_factory=list)
    settled: dict[int, tuple[dict[int, Decimal], Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A report: at which merchant, its ticket, what it declares, for which orders."""

    at: int
    ticket: Ticket
    amount: Decimal
    orders: tuple[int, ...]
    in_bolivars: bool


class Books(RuleBasedStateMachine):
    """Every rule acts at one of two merchants."""

    claims = Bundle("claims")
    settled = Bundle("settled")

    @initialize(amounts=st.lists(CENTS, min_size=4, max_size=4))
    def open(self, amounts: list[Decimal]) -> None:
        self.books = [Book(make_scene(rate=str(RATE), approval_limit=Decimal(10**6))) for _ in range(2)]
        self.acted = {0, 1}
        for number, amount in enumerate(amounts):
            self.issue(number % 2, amount, number + 1)

    def book(self, at: int) -> Book:
        self.acted.add(at)
        return self.books[at]

    @rule(at=AT, amount=CENTS, due=st.integers(1, 30))
    def issue(self, at: int, amount: Decimal, due: int) -> None:
        book = self.book(at)
        order = book.scene.order(str(amount), due_in=due)
        book.due[order.pk] = amount

    @rule(target=claims, at=AT, amount=st.none() | st.none() | CENTS, ticks=st.sets(st.integers(0, 3)), bolivars=st.booleans())
    def report(self, at: int, amount: Decimal | None, ticks: set[int], bolivars: bool) -> Any:
        """Without an amount just what the ticked orders owe is reported."""
        book = self.book(at)
        own = [pk for number, pk in enumerate(book.due) if number in ticks and book.due[pk] > 0]
        paid = amount or sum((book.due[pk] for pk in own), Decimal(0)) or Decimal(1)
        if bolivars:
            paid = (paid * RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)
        account = book.scene.bolivars if bolivars else None
        ticket = book.scene.report(str(paid), orders=list(Order.objects.filter(pk__in=own)), account=account)
        return Claim(at, ticket, paid, tuple(own), bolivars)

    @rule(target=settled, claim=consumes(claims), off=st.sampled_from(["0", "0", "0", "0.01", "-0.01", "5"]))
    def settle(self, claim: Claim, off: str) -> Any:
        """With the deposit as declared one person decides; with another amount two do."""
        book = self.book(claim.at)
        scene = book.scene
        amount = max(claim.amount + Decimal(off), Decimal("0.37"))
        # What the report meant for each order stands in its allocations; the model reads the rule, not the rows.
        means = {entry.order_id: entry.amount for entry in claim.ticket.report.allocations.filter(until_revision__isnull=True)}
        line = scene.line(str(amount), account=scene.bolivars if claim.in_bolivars else None)
        worth = amount
        if claim.in_bolivars:
            declared = scene.transfers(claim.ticket)[0].value
            worth = declared if amount == claim.amount else (amount / RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)
        outcome = scene.verify(claim.ticket, line)
        if amount != claim.amount:
            assert outcome.kind == "awaiting_approval"
            outcome = services.sign_approval(ticket_id=claim.ticket.pk, by=scene.cast.dan)
        assert outcome.kind == "verified"
        left, given = worth, {}
        for pk in sorted(claim.orders, key=lambda pk: (Order.objects.get(pk=pk).due_on, pk)):
            given[pk] = min(left, means[pk], book.due[pk])
            left -= given[pk]
            book.due[pk] -= given[pk]
        book.credit += left
        book.settled[claim.ticket.pk] = (given, left)
        return claim

    @rule(claim=settled, returned=st.booleans())
    def reverse(self, claim: Claim, returned: bool) -> None:
        book = self.book(claim.at)
        if claim.ticket.pk not in book.settled:
            with pytest.raises(Refused):
                book.scene.reverse(claim.ticket)
            return
        book.scene.reverse(claim.ticket, returned_by_bank=returned)
        given, made = book.settled.pop(claim.ticket.pk)
        for pk, amount in given.items():
            book.due[pk] += amount
        while book.credit < made:
            pk, amount = book.uses.pop()
            book.due[pk] += amount
            book.credit += amount
        book.credit -= made

    @rule(at=AT, number=st.integers(0, 3))
    def spend(self, at: int, number: int) -> None:
        book = self.book(at)
        pk = list(book.due)[number % len(book.due)]
        amount = min(book.credit, book.due[pk])
        if amount <= 0:
            with pytest.raises(Refused):
                services.apply_credit(customer=book.scene.cast.a, order_id=pk, by=book.scene.cast.alice)
            return
        services.apply_credit(customer=book.scene.cast.a, order_id=pk, by=book.scene.cast.alice)
        book.uses.append((pk, amount))
        book.due[pk] -= amount
        book.credit -= amount

    @rule(claim=settled)
    def settle_again(self, claim: Claim) -> None:
        """A retry of an earlier call changes nothing: the ticket has moved on."""
        scene = self.books[claim.at].scene
        before = Settlement.objects.count()
        with pytest.raises(Refused):
            services.settle(ticket_id=claim.ticket.pk, by=scene.cast.carol)
        assert Settlement.objects.count() == before

    @rule(at=AT, twins=st.integers(1, 3), again=st.booleans())
    def bring_a_file(self, at: int, twins: int, again: bool) -> None:
        """Twins survive, the same file again adds nothing."""
        scene = self.book(at).scene
        content = ("fecha;monto;referencia;texto\n" + f"{scene.today.isoformat()};1,50;;GEMELOS\n" * twins).encode()
        known = StatementLine.objects.filter(account=scene.cast.account, text="GEMELOS").count()
        for _ in range(2 if again else 1):
            bring_own_sheet(
                merchant=scene.cast.merchant,
                account_id=scene.cast.account.pk,
                file_name="x.csv",
                content=content,
                by=scene.cast.carol,
            )
        assert StatementLine.objects.filter(account=scene.cast.account, text="GEMELOS").count() == max(known, twins)

    @invariant()
    def agrees(self) -> None:
        """Balances of both merchants after each step; the whole audit where something was done."""
        for at, book in enumerate(getattr(self, "books", [])):
            assert book.scene.credit() == book.credit
            orders = {order.pk: order for order in Order.objects.with_balance().filter(pk__in=book.due)}
            assert {pk: order.amount_due for pk, order in orders.items()} == book.due
            assert {pk for pk, order in orders.items() if order.paid_on} == {pk for pk, due in book.due.items() if due == 0}
            if at in self.acted:
                assert list(audit_books(book.scene.cast.merchant)) == []
        self.acted = set()

    def teardown(self) -> None:
        for book in getattr(self, "books", []):
            assert list(audit_books(book.scene.cast.merchant)) == []


def test_the_books_agree_with_a_plain_model_whatever_happens(transactional_db: None) -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=30, stateful_step_count=20, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        ),
    )
