"""The books read: what is old, what explains bank against books, what a customer owes, what the night keeps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from orders.services import void_order
from reconciliation import services
from reconciliation.audit import CHECKS
from reconciliation.books.balances import AccountBalance
from reconciliation.books.difference import Part
from reconciliation.jobs import close_books_of_the_day, end_the_day, prove_books_of
from reconciliation.models import AuditRun, CreditBalance, DailyClosing, IgnoredLine, RejectedLine, StatementImport, StatementLine
from reconciliation.selectors import books
from tests.factories import make_account
from tests.jobs import run_due_jobs
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def from_file(scene: Scene, *rows: tuple[str, int, str | None], **kw: Any) -> list[StatementLine]:
    """Lines that a file of the bank brought: amount, days ago, the balance printed after it."""
    account = kw.pop("account", scene.cast.account)
    serial = StatementImport.objects.count()
    made = StatementImport.objects.create(
        merchant=scene.cast.merchant, account=account, file_name=f"{serial}.csv", sha256=str(serial), state="done",
        lines_in_file=len(rows), lines_new=len(rows), **kw,
    )  # fmt: skip
    return [
        StatementLine.objects.create(
            merchant=scene.cast.merchant, account=account, statement_import=made, source="import", line_number=n + 2,
            booked_on=scene.today - dt.timedelta(days=ago), amount=Decimal(amount), currency=account.currency,
            balance_after=None if balance is None else Decimal(balance), reference_raw=f"8{serial}{n}44521",
            reference=f"8{serial}{n}44521", text=f"TRF {n}", identity=f"{serial}/{n}",
        )
        for n, (amount, ago, balance) in enumerate(rows)
    ]  # fmt: skip


def balance(scene: Scene, day: dt.date | None = None, account: Any = None) -> AccountBalance:
    found = books.balance_for(scene.cast.otto, (account or scene.cast.account).pk, day or scene.today)
    assert found.is_explained
    return found


def ago(scene: Scene, days: int) -> dt.date:
    return scene.today - dt.timedelta(days=days)


# --- Bank and books ---------------------------------------------------------------------------


def test_an_empty_account_has_nothing_to_explain(scene: Scene) -> None:
    found = balance(scene)
    assert (found.bank, found.books, found.difference, found.opening_on) == (0, 0, 0, None)


def test_the_difference_is_named_part_by_part(scene: Scene) -> None:
    """Opening 1000; in the file 20 (settled), 30 (free), −4 (an unknown fee), −6 (a fee set aside); 9 by hand, settled."""
    lines = from_file(scene, ("20", 3, "1020"), ("30", 2, "1050"), ("-4", 1, "1046"), ("-6", 1, "1040"))
    scene.verify(scene.report("20", orders=[scene.order("20")]), lines[0])
    IgnoredLine.objects.create(merchant=scene.cast.merchant, line=lines[3], reason="bank_fee", by=scene.cast.carol.user)
    scene.paid("9", scene.order("9"))
    found = balance(scene)
    assert (found.opening, found.opening_on) == (1000, ago(scene, 3))
    assert (found.bank, found.books, found.difference) == (1040, 1000 + 20 - 6 + 9, 17)
    assert (found.free_in, found.count_in) == (30, 1)
    assert (found.free_out, found.count_out) == (-4, 1)
    assert (found.by_hand, found.count_by_hand) == (9, 1)
    assert found.unread == 0
    parts = {part: books.difference_for(scene.cast.otto, found, part) for part in Part}
    assert [item.line_id for item in parts[Part.DEPOSITS]] == [lines[1].pk]
    assert [item.line_id for item in parts[Part.DEBITS]] == [lines[2].pk]
    assert [(item.open, item.customer) for item in parts[Part.BY_HAND]] == [(-9, scene.cast.a.name)]
    assert sum(item.open for items in parts.values() for item in items) == found.difference


def test_on_an_earlier_day_what_was_settled_later_is_open_and_says_when(scene: Scene) -> None:
    (line,) = from_file(scene, ("20", 5, "20"))
    ticket = scene.report("20", orders=[scene.order("20")])
    scene.verify(ticket, line)
    assert balance(scene).difference == 0
    before = balance(scene, ago(scene, 1))
    assert (before.bank, before.books) == (20, 0)
    (item,) = books.difference_for(scene.cast.otto, before, Part.DEPOSITS)
    assert (item.settled_on, item.ticket) == (scene.today, ticket.number)
    assert balance(scene, ago(scene, 6)).bank == 0


def test_a_reversed_payment_is_open_again(scene: Scene) -> None:
    (line,) = from_file(scene, ("20", 5, "20"))
    ticket = scene.report("20", orders=[scene.order("20")])
    scene.verify(ticket, line)
    scene.reverse(ticket)
    assert (balance(scene).books, balance(scene).free_in) == (0, 20)
    (item,) = books.difference_for(scene.cast.otto, balance(scene), Part.DEPOSITS)
    assert (item.settled_on, item.ticket) == (None, "")


def test_rows_that_could_not_be_read_are_a_named_difference(scene: Scene) -> None:
    """The bank printed 75 at the end, its readable lines make 60: fifteen stand in the rejected row."""
    from_file(scene, ("10", 3, "60"), opening=Decimal(50), closing=Decimal(75), first_day=ago(scene, 3), last_day=ago(scene, 2))
    made = StatementImport.objects.get()
    RejectedLine.objects.create(
        merchant=scene.cast.merchant, statement_import=made, kind="rejected", number=4, code="amount", digest="x",
        raw="24/11;quince;",
    )  # fmt: skip
    found = balance(scene)
    assert (found.printed, found.printed_on, found.computed, found.unread) == (75, ago(scene, 2), 60, 15)
    (row,) = books.rejected_for(scene.cast.otto, found)
    assert row.raw == "24/11;quince;"
    assert "4" in row.sentence


def test_a_file_written_backwards_opens_and_closes_the_same(scene: Scene) -> None:
    from_file(scene, ("5", 1, "125"), ("20", 1, "120"), ("-10", 4, "100"), ("60", 4, "110"), ("50", 4, "50"))
    found = balance(scene)
    assert (found.opening, found.printed, found.unread) == (0, 125, 0)


def test_lines_from_before_the_first_printed_balance_count_too(scene: Scene) -> None:
    from_file(scene, ("7", 9, None))
    from_file(scene, ("10", 3, "110"))
    assert (balance(scene).opening, balance(scene).bank, balance(scene, ago(scene, 8)).bank) == (93, 110, 100)


def test_each_account_stands_in_its_own_currency_and_house(scene: Scene) -> None:
    bolivars = make_account(scene.cast.merchant, currency="VES", methods=[scene.cast.transfer])
    from_file(scene, ("500", 1, "500"), account=bolivars)
    other = make_scene(slug="otra")
    assert balance(scene, account=bolivars).bank == 500
    assert balance(scene).bank == 0
    assert all(each.bank == 0 for each in books.balances_for(other.cast.otto))
    with pytest.raises(Http404):
        books.balance_for(other.cast.otto, bolivars.pk, scene.today)
    with pytest.raises(NotAllowed):
        books.balances_for(scene.cast.alice)


def test_before_a_month_is_closed_only_the_files_and_rows_that_touch_it_count(scene: Scene) -> None:
    month, today = (scene.today.replace(day=1) - dt.timedelta(days=1)).replace(day=1), scene.today

    def file(state: str, *days: dt.date) -> StatementImport:
        serial = str(StatementImport.objects.count())
        return StatementImport.objects.create(
            merchant=scene.cast.merchant, account=scene.cast.account, file_name=serial, sha256=serial, state=state,
            first_day=days[0] if days else None, last_day=days[-1] if days else None,
        )  # fmt: skip

    def row(made: StatementImport, number: int, **values: str) -> None:
        RejectedLine.objects.create(
            merchant=scene.cast.merchant, statement_import=made, kind="held", number=number, code="held", digest=str(number),
            values=values,
        )  # fmt: skip

    file("preview", today)
    file("preview", month, today)
    file("preview")
    both, later = file("done", month, today), file("done", today)
    row(both, 1, booked_on=today.isoformat())
    row(both, 2, booked_on=month.isoformat())
    row(both, 3)
    row(later, 4)
    check = books.month_check_for(scene.cast.otto, month)
    assert (check.files, check.rows) == (2, 2)


@pytest.mark.parametrize(("days", "short"), [([25], 1), ([25, 30], 0), ([25, 33], 0), ([25, 40], 1), ([25, 40, 41], 1)])
def test_a_month_without_a_movement_on_its_last_day_is_told_only_where_a_file_may_be_missing(
    scene: Scene, days: list[int], short: int
) -> None:
    """Days count from 1 June 2026. What comes on 3 July follows by its balance; before 10 July days of work are missing."""
    june = dt.date(2026, 6, 1)
    for number, day in enumerate(days):
        balance = (number + 1) * 10 if day < 40 else ""
        row = f"{june + dt.timedelta(days=day - 1)},10.00,{number},PAGO,{balance}"
        bring_own_sheet(
            merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="b.csv", by=scene.cast.carol,
            content=f"date,amount,reference,text,balance\n{row}\n".encode(),
        )  # fmt: skip
    check = books.month_check_for(scene.cast.otto, june)
    assert [each.account for each in check.short_files] == [scene.cast.account] * short


# --- Age --------------------------------------------------------------------------------------


def test_ageing_counts_both_sides_by_age(scene: Scene) -> None:
    lines = from_file(scene, ("1", 0, None), ("2", 2, None), ("4", 3, None), ("8", 30, None), ("16", 31, None), ("-9", 40, None))
    IgnoredLine.objects.create(merchant=scene.cast.merchant, line=lines[1], reason="own_transfer", by=scene.cast.carol.user)
    scene.report("20")
    scene.paid("3", scene.order("3"))
    found = books.ageing_for(scene.cast.otto)
    assert [bucket.count for bucket in found.deposits] == [1, 1, 1, 1]
    assert [bucket.amounts.get("USD", 0) for bucket in found.deposits] == [1, 4, 8, 16]
    assert [bucket.count for bucket in found.reports] == [1, 0, 0, 0]
    assert found.reports[0].amounts == {"USD": Decimal(20)}
    other = make_account(scene.cast.merchant, currency="VES", methods=[scene.cast.transfer])
    assert books.ageing_for(scene.cast.otto, other.pk).deposits_count == 0


def test_days_and_decisions_are_counted(scene: Scene) -> None:
    from_file(scene, ("1", 1, None), ("2", 1, None))
    scene.paid("3", scene.order("3"))
    days = books.deposits_by_day_for(scene.cast.otto)
    assert len(days) == 30
    assert [(day.arrived, day.matched, day.open) for day in days[-2:]] == [(2, 0, 2), (1, 1, 0)]
    times = books.decision_times_for(scene.cast.otto)
    assert (times.total, times.counts[0]) == (1, (0, 1, 1))
    assert times.median is not None
    assert books.decision_times_for(make_scene(slug="otra").cast.otto).median is None


def test_the_books_cost_a_constant_number_of_queries(scene: Scene) -> None:
    def ask() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = books.balances_for(scene.cast.otto)
            books.difference_for(scene.cast.otto, found[0], Part.DEPOSITS)
            books.ageing_for(scene.cast.otto)
            books.deposits_by_day_for(scene.cast.otto)
            books.decision_times_for(scene.cast.otto)
            books.statement_for(scene.cast.otto, scene.cast.a, ago(scene, 90), scene.today)
        return len(asked)

    from_file(scene, ("1", 1, "1"))
    first = ask()
    from_file(scene, *(("1", n, str(n)) for n in range(1, 30)))
    from_file(scene, ("9", 1, "9"), account=make_account(scene.cast.merchant, currency="VES", methods=[scene.cast.transfer]))
    scene.paid("3", scene.order("3"))
    assert ask() == first <= 12


# --- The customer's account --------------------------------------------------------------------


def test_a_statement_of_account_ends_at_what_is_owed(scene: Scene) -> None:
    void = scene.order("11")
    void_order(order_id=void.pk, reason="Doble", by=scene.cast.carol)
    scene.verify(scene.report("50", orders=[scene.order("40")]), scene.line("50"))  # ten in favour
    open_order = scene.order("25")
    services.apply_credit(customer=scene.cast.a, order_id=open_order.pk, by=scene.cast.alice)
    ticket, _line = scene.paid("7", scene.order("7"))
    scene.reverse(ticket)
    fee = services.AdjustmentChoice(kind="bank_fee", amount=Decimal("0.1"), note="Comisión")
    scene.verify(scene.report("10", orders=[scene.order("10")]), scene.line("9.90"), adjustments=[fee])
    found = books.statement_for(scene.cast.carol, scene.cast.a, ago(scene, 60), scene.today)
    (dollars,) = found.currencies
    credit = CreditBalance.objects.get(customer=scene.cast.a).balance
    assert dollars.closing == Decimal(15 + 7) - credit
    assert [row.kind for row in dollars.rows].count("order") == 5
    assert {row.kind for row in dollars.rows} == {"order", "void", "payment", "payment_back", "credit_use", "bank_fee"}
    assert dollars.opening + dollars.charged - dollars.paid == dollars.closing
    assert all(row.words for row in dollars.rows)
    # From yesterday on: all the orders are in the opening balance.
    later = books.statement_for(scene.cast.carol, scene.cast.a, ago(scene, 1), scene.today).currencies[0]
    assert later.opening == Decimal(11 + 40 + 25 + 7 + 10)
    assert later.closing == dollars.closing


def test_a_statement_is_for_staff_and_for_the_customers_own_people(scene: Scene) -> None:
    today = scene.today
    assert books.statement_for(scene.cast.alice, scene.cast.a, today, today).currencies == ()
    with pytest.raises(NotAllowed):
        books.statement_for(scene.cast.bob, scene.cast.a, today, today)
    with pytest.raises(Http404):
        books.statement_for(make_scene(slug="otra").cast.otto, scene.cast.a, today, today)


# --- The night ---------------------------------------------------------------------------------


def test_the_night_counts_the_days_and_proves_the_books(scene: Scene) -> None:
    (line,) = from_file(scene, ("20", 2, "20"))
    end_the_day(0)
    run_due_jobs()
    run = AuditRun.objects.get(merchant=scene.cast.merchant)
    assert (run.is_clean, run.checks, run.findings) == (True, len(CHECKS), [])
    day = DailyClosing.objects.get()
    assert (day.day, day.lines, day.credits, day.bank_balance, day.book_balance) == (ago(scene, 2), 1, 20, 20, 0)
    close_books_of_the_day(merchant_id=scene.cast.merchant.pk)
    assert DailyClosing.objects.count() == 1  # nothing changed
    scene.verify(scene.report("20", orders=[scene.order("20")]), line)
    close_books_of_the_day(merchant_id=scene.cast.merchant.pk)
    again = books.closings_for(scene.cast.otto, scene.cast.account.pk).get(day=ago(scene, 2))
    assert (again.revision, again.settled_count, again.settled) == (2, 1, 20)
    assert books.closings_for(scene.cast.otto, scene.cast.account.pk).count() == 2  # the report says yesterday


def test_what_the_night_kept_is_never_changed(scene: Scene) -> None:
    from_file(scene, ("20", 2, "20"))
    close_books_of_the_day(merchant_id=scene.cast.merchant.pk)
    for table in ("auditrun", "dailyclosing"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM reconciliation_{table}")


def test_books_that_disagree_are_kept_with_the_rows(scene: Scene) -> None:
    scene.paid("20", scene.order("20"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_orderbalance DISABLE TRIGGER USER")
        cursor.execute("UPDATE orders_orderbalance SET paid = 19")
        cursor.execute("ALTER TABLE orders_orderbalance ENABLE TRIGGER USER")
    services.prove_soon(by=scene.cast.carol)
    run_due_jobs()
    run = books.last_audit_for(scene.cast.otto)
    assert run is not None
    assert run.found == len(run.findings) >= 1
    assert {"order_paid"} <= {row["check"] for row in run.findings}
    with pytest.raises(NotAllowed):
        services.prove_soon(by=scene.cast.otto)


def test_jobs_of_a_merchant_that_is_gone_do_nothing(scene: Scene) -> None:
    close_books_of_the_day(merchant_id=0)
    prove_books_of(merchant_id=0)
    assert not AuditRun.objects.exists()


def test_without_a_database_the_audit_says_so_and_ends_with_two(monkeypatch: Any) -> None:
    def unreachable() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", unreachable)
    with pytest.raises(CommandError, match="does not answer, so nothing was proved") as refused:
        call_command("audit_books")
    assert refused.value.returncode == 2
