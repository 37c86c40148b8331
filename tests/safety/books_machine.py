"""The machine that plays T17: its rules, each with what the plain model of `model_books` expects of it."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounts.errors import Refused
from accounts.services import set_auto_accept
from orders.models import Order
from orders.services import LineDraft, issue_order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.books.days import add_up_days
from reconciliation.models import Proposal, RejectedLine, StatementLine
from reports.content import ReportContent
from reports.services import submit_report
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.day_figures import lines_say, pages_say
from tests.safety.model_books import RATE, Book, Claim, Line, last_of, movement_of, open_book, sheet_of
from tickets import services as tickets

AT = st.sampled_from([0, 1])
CENTS = st.integers(min_value=1, max_value=20_000).map(lambda cents: Decimal(cents) / 100)
# So many histories share the tables before they are emptied.
CLEAN_EVERY = 10
number = itertools.count(1)


def refused(act: Callable[[], Any]) -> str:
    """The code with which an act is refused."""
    with pytest.raises(Refused) as error:
        act()
    return error.value.code


class Books(RuleBasedStateMachine):
    """Every rule acts at one of two merchants."""

    claims = Bundle("claims")
    played = 0
    happened: Counter[str] = Counter()

    @initialize(target=claims, amounts=st.lists(CENTS, min_size=4, max_size=4))
    def open(self, amounts: list[Decimal]) -> Any:
        self.books = [open_book() for _ in range(2)]
        self.acted = {0, 1}
        for place, amount in enumerate(amounts):
            self.issue(place % 2, amount, place + 1)
        return multiple(*(self.report(at, None, {at}, into) for at in (0, 1) for into in ("typed", "filed", "bolivars")))

    def book(self, at: int, what: str) -> Book:
        self.acted.add(at)
        self.happened[what] += 1
        return self.books[at]

    # --- What is owed and what is reported ---

    @rule(at=AT, amount=CENTS, due=st.integers(1, 30))
    def issue(self, at: int, amount: Decimal, due: int) -> None:
        book = self.book(at, "order")
        scene, own = book.scene, f"M-{next(number)}"

        def issue() -> Order:
            return issue_order(
                merchant=scene.cast.merchant,
                customer=scene.cast.a,
                lines=[LineDraft(description="Hosting", unit_price=amount)],
                description="Hosting",
                due_on=scene.today + dt.timedelta(days=due),
                number=own,
                by=scene.cast.carol,
            )

        order = issue()
        book.due[order.pk], book.due_on[order.pk] = amount, order.due_on
        book.again.append(lambda: self.expect(refused(issue), "number_taken"))

    @rule(
        target=claims,
        at=AT,
        amount=st.none() | st.none() | CENTS,
        ticks=st.sets(st.integers(0, 3)),
        into=st.sampled_from(["typed", "filed", "bolivars"]),
    )
    def report(self, at: int, amount: Decimal | None, ticks: set[int], into: str) -> Any:
        """Without an amount just what the ticked orders owe is reported."""
        book = self.book(at, "report")
        scene = book.scene
        own = [pk for place, pk in enumerate(book.due) if place in ticks and book.due[pk] > 0]
        paid = amount or sum((book.due[pk] for pk in own), Decimal(0)) or Decimal(1)
        account = {"typed": scene.cast.account, "filed": book.filed, "bolivars": scene.bolivars}[into]
        assert account is not None
        if into == "bolivars":
            paid = (paid * RATE).quantize(Decimal("0.01"))
        key, content = uuid.uuid4(), ReportContent(transfers=(scene.transfer(str(paid), account=account),), orders=tuple(own))

        def send() -> Any:
            return submit_report(
                merchant=scene.cast.merchant, customer=scene.cast.a, key=key, content=content, by=scene.cast.alice
            )

        ticket = tickets.claim(ticket_id=send()[0].pk, by=scene.cast.carol)
        claim = book.open[ticket.pk] = Claim(at, ticket, paid, tuple(own), account)
        book.again.append(lambda: self.expect((send()[0].pk, send()[1]), (ticket.pk, False)))
        return claim

    # --- Deciding by hand ---

    def type_line(self, book: Book, claim: Claim, amount: Decimal) -> StatementLine:
        line = book.scene.line(str(amount), account=claim.account)
        book.lines[line.pk] = Line(amount)
        return line

    @rule(claim=claims, off=st.sampled_from(["0", "0", "0", "0.01", "-0.01", "5"]))
    def settle(self, claim: Claim, off: str) -> None:
        """With the deposit as declared one person decides; with another amount two do."""
        book = self.book(claim.at, "settle")
        if claim.account == book.filed:
            return
        amount = max(claim.amount + Decimal(off), Decimal("0.37"))
        line = self.type_line(book, claim, amount)
        self.decide(book, claim, [(line.pk, amount)])

    @rule(claim=claims, cents=st.integers(1, 100))
    def join(self, claim: Claim, cents: int) -> None:
        """Two deposits for one transfer."""
        book = self.book(claim.at, "join")
        part = min(Decimal(cents) / 100, claim.amount - Decimal("0.37"))
        if claim.account == book.filed or part <= 0:
            return
        parts = [claim.amount - part, part]
        self.decide(book, claim, [(self.type_line(book, claim, each).pk, each) for each in parts])

    @rule(one=claims, two=claims)
    def split(self, one: Claim, two: Claim) -> None:
        """One deposit for two reports."""
        book = self.book(one.at, "split")
        if one is two or one.at != two.at or one.account != two.account or one.account == book.filed:
            return
        line = self.type_line(book, one, one.amount + two.amount)
        for claim in (one, two):
            self.decide(book, claim, [(line.pk, claim.amount)])

    def decide(self, book: Book, claim: Claim, deposits: list[tuple[int, Decimal]]) -> None:
        scene = book.scene
        transfer = scene.transfers(claim.ticket)[0].pk
        choices = [services.MatchChoice(transfer_id=transfer, line_id=line, amount=part) for line, part in deposits]

        def verify() -> services.Outcome:
            return services.verify_report(ticket_id=claim.ticket.pk, choices=choices, by=scene.cast.carol)

        def sign() -> services.Outcome:
            return services.sign_approval(ticket_id=claim.ticket.pk, by=scene.cast.dan)

        if claim.ticket.pk not in book.open:
            self.expect(refused(verify), "wrong_state")
            return
        outcome = verify()
        if sum(part for _line, part in deposits) != claim.amount:
            assert outcome.kind == "awaiting_approval"
            outcome = sign()
            book.again.append(lambda: self.expect(refused(sign), "wrong_state"))
        assert outcome.kind == "verified"
        book.pay(claim, deposits)
        book.again.append(lambda: self.expect(refused(verify), "wrong_state"))

    @rule(claim=claims, returned=st.booleans())
    def reverse(self, claim: Claim, returned: bool) -> None:
        book = self.book(claim.at, "reverse")
        if claim.ticket.pk not in book.paid:
            refused(lambda: book.scene.reverse(claim.ticket))
            return
        book.scene.reverse(claim.ticket, returned_by_bank=returned)
        book.take_back(claim, returned=returned)
        book.again.append(lambda: self.expect(refused(lambda: book.scene.reverse(claim.ticket)), "wrong_state"))

    @rule(at=AT, place=st.integers(0, 3))
    def spend(self, at: int, place: int) -> None:
        book = self.book(at, "credit")
        pk = list(book.due)[place % len(book.due)]
        amount = min(book.credit, book.due[pk])

        def spend() -> Any:
            return services.apply_credit(customer=book.scene.cast.a, order_id=pk, by=book.scene.cast.alice)

        if amount <= 0:
            assert refused(spend) in ("no_credit", "order_closed")
            return
        spend()
        book.uses.append((pk, amount))
        book.due[pk] -= amount
        book.credit -= amount

    # --- The bank's files ---

    @rule(at=AT, cents=st.integers(50, 200), twins=st.integers(1, 2))
    def bank_books(self, at: int, cents: int, twins: int) -> None:
        """Today's deposits without a reference; equal ones are as many deposits."""
        book = self.books[at]
        book.truth += [(book.scene.today, Decimal(cents) / 100, "")] * twins

    @rule(claim=claims, twins=st.sampled_from([1, 1, 2]), by_itself=st.booleans())
    def bank_books_what_was_reported(self, claim: Claim, twins: int, by_itself: bool) -> None:
        """With the day's file it comes in, and a run finds it."""
        book = self.book(claim.at, "deposit")
        if claim.account == book.filed and claim.ticket.pk in book.open:
            reference = book.scene.transfers(claim.ticket)[0].reference_raw
            book.truth += [(book.scene.today, claim.amount, reference)] * twins
            self.bring(book, [row for row in book.truth if row[0] == book.scene.today])
            self.match(claim.at, by_itself)

    @rule(at=AT, ends=st.tuples(st.integers(0, 3), st.integers(0, 3)))
    def bring_a_file(self, at: int, ends: tuple[int, int]) -> None:
        """Whole days of the bank's truth, so that files overlap as they like."""
        book = self.book(at, "file")
        days = sorted({row[0] for row in book.truth})
        since, until = (days[min(end, len(days) - 1)] for end in sorted(ends))
        rows = [row for row in book.truth if since <= row[0] <= until]
        self.bring(book, rows)
        book.again.append(lambda: self.bring(book, rows))

    def bring(self, book: Book, rows: list[Any]) -> None:
        scene = book.scene
        new, waits = book.sort_file(rows)
        made = bring_own_sheet(
            merchant=scene.cast.merchant,
            account_id=book.filed.pk,
            file_name="x.csv",
            content=sheet_of(rows),
            by=scene.cast.carol,
        )
        lines = list(StatementLine.objects.filter(statement_import=made))
        assert Counter(map(movement_of, lines)) == new
        assert made.lines_new == new.total()
        assert RejectedLine.objects.filter(statement_import=made, code="closed").count() == waits.total()
        assert made.lines_new + made.lines_known + made.lines_held == made.lines_in_file == len(rows)
        book.imports.append(made.pk)
        for line in lines:
            book.lines[line.pk] = Line(line.amount, statement_import=made.pk, movement=movement_of(line))

    @rule(at=AT, place=st.integers(0, 9))
    def undo_a_file(self, at: int, place: int) -> None:
        book = self.book(at, "undo")
        if book.imports:
            pk = book.imports[place % len(book.imports)]
            self.undo(book, pk)
            book.again.append(lambda: self.undo(book, pk))

    def undo(self, book: Book, pk: int) -> None:
        def undo() -> Any:
            return services.undo_import(import_id=pk, reason="Otra cuenta", by=book.scene.cast.carol)

        own = {key: line for key, line in book.lines.items() if line.statement_import == pk}
        if pk in book.undone:
            self.expect(refused(undo), "wrong_state")
        elif any(book.is_closed(line.movement[0]) for line in own.values() if line.movement):
            self.expect(refused(undo), "period_closed")
        elif any(line.was_matched for line in own.values()):
            self.expect(refused(undo), "line_used")
        else:
            undo()
            book.undone.add(pk)
            book.lines = {key: line for key, line in book.lines.items() if key not in own}

    # --- Runs ---

    @rule(at=AT, by_itself=st.booleans())
    def match(self, at: int, by_itself: bool) -> None:
        """What a run settles by itself, or a person in bulk, is exact: free deposits of the same account, to the cent."""
        book = self.book(at, "match")
        scene = book.scene
        set_auto_accept(is_on=by_itself, limit=Decimal(10**5), by=scene.cast.ada)
        run = services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.system)
        chosen = list(Proposal.objects.filter(run=run, is_chosen=True, state="open").values_list("pk", flat=True))

        def accept() -> Any:
            return services.accept_proposals(proposal_ids=chosen, by=scene.cast.carol)

        accept()
        for proposal in Proposal.objects.filter(run=run, state="accepted").order_by("pk"):
            self.happened["accepted"] += 1
            shares: dict[int, list[tuple[int, Decimal]]] = {}
            for part in proposal.parts.select_related("transfer__report"):
                shares.setdefault(part.transfer.report.ticket_id, []).append((part.line_id, part.amount))
            for ticket, deposits in sorted(shares.items()):
                claim = book.open[ticket]
                assert all(not book.lines[line].is_returned for line, _part in deposits)
                assert sum(part for _line, part in deposits) == claim.amount
                book.pay(claim, deposits)
        book.again.append(lambda: self.expect(accept().accepted, []))

    # --- Months ---

    @rule(at=AT, which=AT)
    def close(self, at: int, which: int) -> None:
        book = self.book(at, "close")
        self.close_month(book, book.months[which])
        book.again.append(lambda: self.close_month(book, book.months[which]))

    def close_month(self, book: Book, month: dt.date) -> None:
        def close() -> Any:
            return services.close_period(month=month, by=book.scene.cast.dan)

        until = last_of(month)
        if book.is_closed(until):
            self.expect(refused(close), "closed_already")
            return
        book.closed.append((until, close().pk))

    @rule(at=AT)
    def reopen(self, at: int) -> None:
        """By two people, the last month first."""
        book = self.book(at, "reopen")
        if not book.closed:
            return
        cast = book.scene.cast
        asked = services.request_reopening(period_id=book.closed[-1][1], reason="Falta un extracto", by=cast.dan).pk

        def sign(by: Any) -> Any:
            return services.sign_reopening(request_id=asked, by=by)

        self.expect(refused(lambda: sign(cast.dan)), "same_person")
        sign(cast.ada)
        book.closed.pop()
        book.again.append(lambda: self.expect(refused(lambda: sign(cast.ada)), "decided_already"))

    @rule(at=AT, which=AT)
    def write_in_a_month(self, at: int, which: int) -> None:
        """A line typed for an earlier month goes in while that is open."""
        book = self.book(at, "old line")
        day, reference = book.months[which].replace(day=5), f"66{next(number):09d}"

        def enter() -> StatementLine:
            return book.scene.line("3.00", booked_on=day, reference=reference, is_another=False)

        def again() -> None:
            assert refused(enter) in ("period_closed", "line_known")

        if book.is_closed(day):
            self.expect(refused(enter), "period_closed")
            return
        book.lines[enter().pk] = Line(Decimal("3.00"))
        book.again.append(again)

    # --- Days ---

    @rule()
    def add_up(self) -> None:
        """The job comes by at any time; what pages say is what the lines say before and after."""
        add_up_days()

    # --- Once more ---

    @rule(at=AT, place=st.integers(0, 60))
    def retry(self, at: int, place: int) -> None:
        """Any earlier call, word for word: it is refused, or says what it said, or does what the model says is left of it."""
        book = self.book(at, "retry")
        book.again[place % len(book.again)]()

    @staticmethod
    def expect(found: object, wanted: object) -> None:
        assert found == wanted

    @invariant()
    def agrees(self) -> None:
        """Both merchants' totals after each step; the whole audit where something was done."""
        for at, book in enumerate(getattr(self, "books", [])):
            book.check()
            if at in self.acted:
                assert list(audit_books(book.scene.cast.merchant)) == []
                assert pages_say(book.scene.cast.merchant) == lines_say(book.scene.cast.merchant)
        self.acted = set()

    def teardown(self) -> None:
        for book in getattr(self, "books", []):
            assert list(audit_books(book.scene.cast.merchant)) == []
        Books.played += 1
        if Books.played % CLEAN_EVERY == 0:
            call_command("flush", interactive=False, verbosity=0)
