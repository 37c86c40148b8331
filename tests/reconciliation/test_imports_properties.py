"""Any file, in any pieces: the same twice, split at any row, taken back. Exactly the true lines, or a question to a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import LineBalance, LineConfirmation, RejectedLine, StatementLine
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_imports import MONDAY, bring, lines, rolled_back

pytestmark = pytest.mark.django_db
# Few days and few kinds of rows: twins come by themselves.
KIND = st.sampled_from([("10.00", "1", "PAGO"), ("10.00", "", "DEPOSITO"), ("-1.25", "", "COMISION"), ("7.50", "2", "PAGO")])
FILE = st.lists(st.tuples(st.integers(0, 3), KIND), min_size=1, max_size=14)
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Rows = list[tuple[Any, ...]]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def rows_of(file: list[tuple[int, Any]], *, balance: bool) -> Rows:
    """The rows of a month in the order of its days, with a running balance if the bank prints one."""
    rows: Rows = [(MONDAY + dt.timedelta(days=day), *kind) for day, kind in sorted(file, key=lambda each: each[0])]
    if not balance:
        return rows
    total, printed = Decimal(100), []
    for row in rows:
        total += Decimal(row[1])
        printed.append((*row, f"{total:.2f}"))
    return printed


def truth(rows: Rows) -> Counter[tuple[Any, ...]]:
    return Counter(row[:4] for row in rows)


def asked() -> list[RejectedLine]:
    return list(RejectedLine.objects.filter(kind="held", outcome=""))


@QUICK
@given(file=FILE, at=st.integers(0, 14), balance=st.booleans(), late_first=st.booleans())
def test_a_file_split_at_any_row_gives_the_lines_of_the_whole(
    scene: Scene, file: list[Any], at: int, balance: bool, late_first: bool
) -> None:
    rows = rows_of(file, balance=balance)
    parts = [part for part in (rows[:at], rows[at:]) if part]
    assume(balance or not may_be_the_whole_day(parts))
    with rolled_back():
        for part in reversed(parts) if late_first else parts:
            bring(scene, part, balance=balance)
        assert not lines() - truth(rows), "a line too many"
        # Whoever split the file knows that its rows are others than those of the first half.
        for row in asked():
            services.decide_held(rejected_id=row.pk, is_same=False, by=scene.cast.carol)
        assert lines() == truth(rows)
        whole = bring(scene, rows, balance=balance)
        assert (whole.lines_new, whole.lines_held, whole.lines_known) == (0, 0, len(rows))
        assert lines() == truth(rows)
        assert list(audit_books(scene.cast.merchant)) == []


def may_be_the_whole_day(parts: list[Rows]) -> bool:
    """Whether one half of a split day begins or ends with rows just like all of the other half: an evening's file says that too.

    Without balances nobody could tell the two apart, and the evening's file is the ordinary one, so nothing is asked.
    """
    if len(parts) < 2 or parts[0][-1][0] != parts[1][0][0]:
        return False
    day = parts[1][0][0]
    early, late = ([row for row in part if row[0] == day] for part in parts)
    ends = (late[: len(early)], late[-len(early) :], early[: len(late)], early[-len(late) :])
    return any(Counter(end) in (Counter(early), Counter(late)) for end in ends)


@QUICK
@given(file=FILE, balance=st.booleans(), times=st.integers(2, 3))
def test_the_same_file_again_and_again_adds_nothing(scene: Scene, file: list[Any], balance: bool, times: int) -> None:
    rows = rows_of(file, balance=balance)
    with rolled_back():
        for count in range(times):
            made = bring(scene, rows, balance=balance)
            assert (made.lines_new, made.lines_known) == ((0, len(rows)) if count else (len(rows), 0))
            assert made.lines_held == made.lines_rejected == 0
        assert lines() == truth(rows)


@QUICK
@given(file=FILE, first=st.integers(0, 3), last=st.integers(0, 3), answers=st.lists(st.booleans(), min_size=1))
def test_undo_leaves_what_stood_before(scene: Scene, file: list[Any], first: int, last: int, answers: list[bool]) -> None:
    """Two overlapping files; questions of the second are answered in any way; then it is undone, and comes in again just so."""
    rows = rows_of(file, balance=False)
    known = [row for row in rows if first <= (row[0] - MONDAY).days <= max(first, last)]
    with rolled_back():
        hand = scene.line("10", reference="1", booked_on=MONDAY)
        if known:
            bring(scene, known)
        before = standing()
        made = bring(scene, rows)
        counts = (made.lines_new, made.lines_known, made.lines_held, made.lines_confirming)
        for place, row in enumerate(each for each in asked() if each.statement_import_id == made.pk):
            services.decide_held(rejected_id=row.pk, is_same=answers[place % len(answers)], by=scene.cast.carol)
        services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
        assert standing() == before
        assert StatementLine.objects.filter(pk=hand.pk).exists()
        assert list(audit_books(scene.cast.merchant)) == []
        again = bring(scene, rows)
        assert (again.lines_new, again.lines_known, again.lines_held, again.lines_confirming) == counts


def standing() -> tuple[Any, ...]:
    """Lines, what each has free, and what files confirmed of them: by key, so that a line taken and given again would show."""
    return (
        sorted(StatementLine.objects.values_list("pk", "amount")),
        sorted(LineBalance.objects.values_list("line_id", "amount", "allocated", "reserved")),
        sorted(LineConfirmation.objects.values_list("line_id", "identity", "ordinal")),
    )
