"""Exactly the true lines: files that come again, overlap, end inside a day, hold twins, or arrive twice at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.import_words import problem_in_words
from reconciliation.importing import taking
from reconciliation.importing.days import FIRST, LAST, SINGLE, WHOLE, DayRow, doubtful_rows
from reconciliation.models import (
    RejectedLine,
    StatementImport,
    StatementLine,
)
from tests.factories import make_account
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 2)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def file_of(rows: list[tuple[Any, ...]], *, balance: bool = False) -> bytes:
    """Rows `(date, amount, reference, text[, balance])` in the house's layout."""
    head = "date,amount,reference,text" + (",balance" if balance else "")
    return "\n".join([head, *(",".join(str(each) for each in row) for row in rows)]).encode()


def bring(scene: Scene, rows: list[tuple[Any, ...]], **kw: Any) -> StatementImport:
    return bring_own_sheet(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="banco.csv", content=file_of(rows, **kw),
        by=scene.cast.carol,
    )  # fmt: skip


def lines() -> Counter[tuple[Any, ...]]:
    """What stands, as rows of a file."""
    found = StatementLine.objects.values_list("booked_on", "amount", "reference_raw", "text")
    return Counter((day, f"{amount:.2f}", reference, text) for day, amount, reference, text in found)


def test_the_planner_learns_of_a_large_file_in_the_same_transaction(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with CaptureQueriesContext(connection) as asked:
        bring(scene, [(MONDAY, "10.00", "1", "PAGO")])
        few = len(asked)
        monkeypatch.setattr(taking, "MANY", 0)
        bring(scene, [(MONDAY, "10.00", "2", "PAGO")])
    learnt = [at for at, each in enumerate(asked) if "ANALYZE reconciliation_statementline" in each["sql"]]
    assert len(learnt) == 1
    assert learnt[0] >= few


# A month of few days with few kinds of rows, so that twins are common; files are whole days, the last one perhaps cut at midday.
ROW = st.sampled_from([("10.00", "1", "PAGO"), ("10.00", "", "DEPOSITO"), ("-1.25", "", "COMISION")])
MONTH = st.lists(st.lists(ROW, max_size=5), min_size=1, max_size=5)
CUT = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(month=MONTH, cuts=st.lists(CUT, min_size=2, max_size=4))
def test_files_that_overlap_bring_exactly_the_true_lines(scene: Scene, month: list[Any], cuts: list[Any]) -> None:
    with rolled_back():
        import_and_compare(scene, month, sorted(cuts))


@pytest.mark.soak
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(month=MONTH, cuts=st.lists(CUT, min_size=2, max_size=6))
def test_many_files_that_overlap_bring_exactly_the_true_lines(scene: Scene, month: list[Any], cuts: list[Any]) -> None:
    with rolled_back():
        import_and_compare(scene, month, cuts)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example of hypothesis; the next one starts from an empty account again."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


def import_and_compare(scene: Scene, month: list[Any], cuts: list[Any]) -> None:
    """Each file is some whole days, of its last day the rows until some hour: nothing doubles, and nothing is lost unasked."""
    days = [(MONDAY + dt.timedelta(days=at), rows) for at, rows in enumerate(month)]
    seen: Counter[dt.date] = Counter()
    for first, length, hour in cuts:
        chosen = days[first % len(days) :][: length + 1]
        rows = [(day, *row) for day, all_of in chosen[:-1] for row in all_of]
        rows += [(chosen[-1][0], *row) for row in chosen[-1][1][:hour]]
        if not rows:
            continue
        made = bring(scene, rows)
        assert made.lines_in_file == len(rows)
        for day, count in Counter(row[0] for row in rows).items():
            seen[day] = max(seen[day], count)
        true = Counter((day, *row) for day, all_of in days for row in all_of[: seen[day]])
        assert not lines() - true, "a line too many"
        assert lines() == true or RejectedLine.objects.filter(kind="held").exists(), "a line was lost without a question"
    assert list(audit_books(scene.cast.merchant)) == []


def row_of(text: str) -> list[DayRow]:
    return [DayRow(position=at, identity=letter) for at, letter in enumerate(text)]


@pytest.mark.parametrize(
    ("known", "here", "role", "known_roles", "doubtful"),
    [
        ("ab", "ab", FIRST, [LAST], ""),  # both hold the whole day
        ("ab", "abc", FIRST, [LAST], ""),  # the earlier one ended in the day, this one holds it whole
        ("ab", "bc", FIRST, [LAST], "b"),  # half a day each: one b, or two?
        ("a", "ba", FIRST, [LAST], "a"),  # the day began with a, and here it begins with b
        ("ab", "b", FIRST, [LAST], "b"),
        ("ab", "cd", FIRST, [LAST], ""),
        ("abc", "ab", LAST, [LAST], ""),  # exported earlier, imported later
        ("bc", "c", FIRST, [FIRST], ""),
        ("abc", "b", LAST, [WHOLE], ""),
        ("ab", "b", SINGLE, [SINGLE], "b"),
        ("a", "ab", SINGLE, [SINGLE], ""),
        ("aab", "ac", FIRST, [LAST], "a"),
        ("b", "ab", LAST, [FIRST], ""),  # an older file comes later, and holds the day to its end
        ("a", "ab", LAST, [FIRST], "a"),
    ],
)  # fmt: skip
def test_halves_of_a_day_ask_a_person(known: str, here: str, role: str, known_roles: list[str], doubtful: str) -> None:
    rows = row_of(here)
    found = doubtful_rows(rows, Counter(known), role=role, known_roles=known_roles, is_ascending=True)
    assert "".join(row.identity for row in found) == doubtful


def test_a_file_that_begins_inside_a_known_day_holds_what_may_be_a_twin(scene: Scene) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    bring(scene, [(MONDAY, "5.00", "9", "X"), (tuesday, "10.00", "1", "PAGO"), (tuesday, "20.00", "2", "PAGO")])
    made = bring(
        scene,
        [(tuesday, "10.00", "1", "PAGO"), (tuesday, "30.00", "3", "PAGO"), (tuesday + dt.timedelta(days=1), "1.00", "4", "Y")],
    )
    assert (made.lines_new, made.lines_known, made.lines_held) == (2, 0, 1)
    row = made.rejected_lines.get()
    assert (row.code, row.like_line) == ("twin", StatementLine.objects.get(amount=10))
    services.decide_held(rejected_id=row.pk, is_same=False, by=scene.cast.carol)
    assert list(StatementLine.objects.filter(amount=10).order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1]
    with pytest.raises(Stale):
        services.decide_held(rejected_id=row.pk, is_same=True, by=scene.cast.carol)
    # A file of the whole day knows both twins.
    whole = bring(
        scene,
        [
            (tuesday, "10.00", "1", "PAGO"),
            (tuesday, "20.00", "2", "PAGO"),
            (tuesday, "10.00", "1", "PAGO"),
            (tuesday, "30.00", "3", "PAGO"),
        ],
    )
    assert (whole.lines_new, whole.lines_known, whole.lines_held) == (0, 4, 0)


def test_a_running_balance_tells_twins_apart_even_in_halves_of_a_day(scene: Scene) -> None:
    first = [(MONDAY, "10.00", "1", "PAGO", "110.00"), (MONDAY, "10.00", "1", "PAGO", "120.00")]
    later = [(MONDAY, "10.00", "1", "PAGO", "120.00"), (MONDAY, "10.00", "1", "PAGO", "130.00")]
    bring(scene, first, balance=True)
    made = bring(scene, later, balance=True)
    assert (made.lines_new, made.lines_known, made.lines_held) == (1, 1, 0)
    assert StatementLine.objects.count() == 3


def test_the_same_days_printed_otherwise_double_nothing(scene: Scene) -> None:
    day, after = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=2)
    ends = [(MONDAY, "1.00", "5", "Z"), (after, "2.00", "6", "Z")]
    bring(scene, [*ends, (day, "10.00", "77001", "PAGO")])
    rows = [*ends, (day, "10.00", "77001", "TRANSFERENCIA DE ANA"), (day, "20.00", "77003", "OTRA")]
    made = bring(scene, rows)
    assert (made.lines_new, made.lines_known, made.lines_held) == (1, 2, 1)
    row = made.rejected_lines.get()
    assert row.code == "printed_otherwise"
    services.decide_held(rejected_id=row.pk, is_same=True, by=scene.cast.carol)
    assert StatementLine.objects.count() == 4
    again = bring(scene, [*rows, (after, "3.00", "7", "Z")])
    assert (again.lines_new, again.lines_known, again.lines_held) == (1, 4, 0)


def test_rows_of_a_closed_month_wait(scene: Scene) -> None:
    month = (scene.today.replace(day=1) - dt.timedelta(days=40)).replace(day=1)
    services.close_period(month=month, by=scene.cast.dan)
    made = bring(scene, [(month, "10.00", "1", "TARDE"), (scene.today, "20.00", "2", "HOY")])
    assert (made.lines_new, made.lines_held) == (1, 1)
    row = made.rejected_lines.get()
    assert row.code == "closed"
    with pytest.raises(Refused) as refused:
        services.decide_held(rejected_id=row.pk, is_same=False, by=scene.cast.carol)
    assert refused.value.code == "period_closed"
    row.refresh_from_db()
    assert (row.outcome, StatementLine.objects.count()) == ("", 1)


def test_a_gap_and_balances_that_do_not_follow_are_told(scene: Scene) -> None:
    bring(scene, [(MONDAY, "10.00", "1", "A", "110.00")], balance=True)
    friday = MONDAY + dt.timedelta(days=4)
    follows = bring(scene, [(friday, "5.00", "2", "B", "115.00")], balance=True)
    assert (follows.state, follows.facts.get("follows")) == ("done", True)
    later = bring(scene, [(friday + dt.timedelta(days=3), "5.00", "3", "C", "140.00")], balance=True)
    assert (later.state, [problem["code"] for problem in later.problems]) == ("held", ["continuity"])
    assert StatementLine.objects.count() == 2
    plain = bring(scene, [(friday + dt.timedelta(days=14), "5.00", "4", "D")])
    assert plain.facts["gap"]["from"] == (friday + dt.timedelta(days=1)).isoformat()


def test_decisions_of_a_preview_take_effect_with_the_import(scene: Scene, run_jobs: Any) -> None:
    content = file_of([(MONDAY, "10.00", "1", "A"), (MONDAY, "x", "2", "B"), (MONDAY, "y", "3", "C")])
    made = services.receive_statement(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="b.csv", content=content, by=scene.cast.carol
    )
    run_jobs()
    right, wrong = made.rejected_lines.all()
    for row, amount in ((right, Decimal(20)), (wrong, Decimal(10))):
        texts = {"reference": "1" if row == wrong else "2"}
        services.correct_rejected(rejected_id=row.pk, booked_on=MONDAY, amount=amount, texts=texts, by=scene.cast.carol)
    assert not StatementLine.objects.exists()
    services.commit_import(import_id=made.pk, by=scene.cast.carol)
    run_jobs()
    right.refresh_from_db()
    wrong.refresh_from_db()
    # The second one is a movement that the file itself brings: it is open again, and nothing doubled.
    assert (right.outcome, wrong.outcome, StatementLine.objects.count()) == ("corrected", "", 2)


def test_the_number_of_statements_does_not_grow(scene: Scene) -> None:
    def statements(size: int, day: dt.date) -> int:
        rows = [(day, f"{at + 1}.00", f"{day:%d}{at:05d}", "PAGO") for at in range(size)]
        with CaptureQueriesContext(connection) as queries:
            made = bring(scene, rows)
        assert made.lines_new == size
        return len(queries)

    statements(2, MONDAY)
    counts = {statements(size, MONDAY + dt.timedelta(days=at)) for at, size in ((1, 3), (2, 60), (3, 600))}
    assert len(counts) == 1


@pytest.mark.soak
def test_fifty_thousand_lines_come_in_with_progress(scene: Scene, run_jobs: Any) -> None:
    rows = [
        (MONDAY + dt.timedelta(days=at // 10_000), f"{at % 900 + 1}.50", f"00{at:09d}", f"TRF.OB 0134 CLIENTE {at}")
        for at in range(50_000)
    ]
    made = services.receive_statement(
        merchant=scene.cast.merchant,
        account_id=scene.cast.account.pk,
        file_name="b.csv",
        content=file_of(rows),
        by=scene.cast.carol,
    )
    run_jobs()
    services.commit_import(import_id=made.pk, by=scene.cast.carol)
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.lines_new, made.progress_done, StatementLine.objects.count()) == ("done", 50_000, 50_000, 50_000)


def test_the_command_brings_files_in_and_says_what_waits(scene: Scene, tmp_path: Path, capsys: Any) -> None:
    good, odd = tmp_path / "good.csv", tmp_path / "odd.csv"
    good.write_bytes(file_of([(MONDAY, "10.00", "1", "A"), (MONDAY, "x", "2", "B")]))
    odd.write_bytes(file_of([(MONDAY, "5.00", "7", "A", "15.00"), (MONDAY, "5.00", "8", "A", "25.00")], balance=True))
    where = {"merchant": scene.cast.merchant.slug, "account": scene.cast.account.number, "language": "en"}
    with pytest.raises(CommandError, match="1 of 2 files"):
        call_command("import_statement", good, odd, **where)
    said = capsys.readouterr().out
    assert "good.csv: 2 lines = 1 new + 0 known + 1 rejected + 0 held" in said
    assert "Row 3: the amount" in said
    assert StatementLine.objects.count() == 1
    call_command("import_statement", odd, accept="The bank rounds", **where)
    assert (StatementLine.objects.count(), StatementImport.objects.latest("pk").release_note) == (3, "The bank rounds")
    with pytest.raises(CommandError):
        call_command("import_statement", tmp_path / "none.csv", **where)


def test_the_very_file_of_another_account_is_held(scene: Scene, run_jobs: Any) -> None:
    other = make_account(scene.cast.merchant, currency="USD", methods=[scene.cast.transfer])
    content = file_of([(MONDAY, "10.00", "123456", "PAGO")])

    def dropped(account_id: int) -> StatementImport:
        made = services.receive_statement(
            merchant=scene.cast.merchant, account_id=account_id, file_name="b.csv", content=content, by=scene.cast.carol
        )
        run_jobs()
        made.refresh_from_db()
        return made

    # Two windows: when the first is brought in, the second has been looked at already.
    first, second = dropped(scene.cast.account.pk), dropped(other.pk)
    assert (first.state, second.state) == ("preview", "preview")
    for made in (first, second):
        services.commit_import(import_id=made.pk, by=scene.cast.carol)
        run_jobs()
    second.refresh_from_db()
    assert (second.state, [problem["code"] for problem in second.problems]) == ("held", ["elsewhere"])
    assert StatementLine.objects.get().account == scene.cast.account
    with translation.override("es"):
        assert str(scene.cast.account) in problem_in_words(second.problems[0], "USD")
    third = dropped(other.pk)
    assert third.state == "held"
    services.release_held(import_id=third.pk, note="El banco da los dos en uno", by=scene.cast.carol)
    services.commit_import(import_id=third.pk, by=scene.cast.carol)
    run_jobs()
    assert StatementLine.objects.count() == 2
