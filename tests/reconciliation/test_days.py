"""Days are added up beside their lines: pages say what the lines say, whoever changed what and whenever the job comes by.

Seen to fail: each trigger put to sleep (below); names taken after their days were added up instead of before.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from banking.models import ReceivingAccount
from config.scale import load_house, people_of
from orders.dates import today_at
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.books.balances import balances_of
from reconciliation.books.days import add_up_days
from reconciliation.books.difference import Part, items_of
from reconciliation.models import ChangedDay, DaySum, IgnoredLine, ReturnedDeposit, StatementImport, StatementLine
from tests.cast import client_of, house_url
from tests.own_sheet import bring_own_sheet
from tests.races import run_after
from tests.reconciliation.day_figures import lines_say, pages_say
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_returns import give_back


def bring(scene: Scene, amount: str = "30", reference: str = "5550001") -> StatementImport:
    rows = f"date,amount,reference,text,balance\n{scene.today},{amount},{reference},TRF,{amount}\n"
    cast = scene.cast
    return bring_own_sheet(
        merchant=cast.merchant, account_id=cast.account.pk, file_name="a.csv", content=rows.encode(), by=cast.carol
    )


def undoing(scene: Scene) -> Callable[[], object]:
    made = bring(scene)
    return lambda: services.undo_import(import_id=made.pk, reason="otra cuenta", by=scene.cast.carol)


def confirming(scene: Scene) -> Callable[[], object]:
    scene.line("30", reference="5550001")
    return lambda: bring(scene)


def undoing_a_confirmation(scene: Scene) -> Callable[[], object]:
    scene.line("30", reference="5550001")
    return undoing(scene)


def settling(scene: Scene) -> Callable[[], object]:
    ticket, line = scene.report("20", orders=[scene.order("20")]), scene.line("30")
    return lambda: scene.verify(ticket, line)


def reserving(scene: Scene) -> Callable[[], object]:
    ticket, line = scene.report("9000"), scene.line("9000")
    return lambda: scene.verify(ticket, line)


def reversing(scene: Scene) -> Callable[[], object]:
    ticket, _line = scene.paid("20", scene.order("20"))
    return lambda: scene.reverse(ticket)


def ignoring(scene: Scene) -> Callable[[], object]:
    line = scene.line("-1.25")
    return lambda: services.ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)


def restoring(scene: Scene) -> Callable[[], object]:
    ignoring(scene)()
    return lambda: services.restore_line(ignored_id=IgnoredLine.objects.get().pk, by=scene.cast.dan)


def returning(scene: Scene) -> Callable[[], object]:
    deposit, debit = scene.line("50"), scene.line("-50")
    return lambda: give_back(scene, debit, deposit)


def taking_a_return_back(scene: Scene) -> Callable[[], object]:
    returning(scene)()
    return lambda: services.undo_return(return_id=ReturnedDeposit.objects.get().pk, by=scene.cast.dan)


# Every act that changes what a day adds up to, and the trigger without which nobody would know.
ACTS: list[tuple[Callable[[Scene], Callable[[], object]], str]] = [
    (lambda scene: lambda: bring(scene), "name_days ON reconciliation_statementline"),
    (undoing, "name_days_of_deleted ON reconciliation_statementline"),
    (confirming, "name_days ON reconciliation_lineconfirmation"),
    (undoing_a_confirmation, "name_days_of_deleted ON reconciliation_lineconfirmation"),
    (settling, "name_days ON reconciliation_linebalance"),
    (reserving, "name_days ON reconciliation_linebalance"),
    (reversing, "name_days ON reconciliation_linebalance"),
    (ignoring, "name_days ON reconciliation_ignoredline"),
    (restoring, "name_days_of_changed ON reconciliation_ignoredline"),
    (returning, "name_days ON reconciliation_returneddeposit"),
    (taking_a_return_back, "name_days_of_changed ON reconciliation_returneddeposit"),
]
NAMES = ["import", "undo", "confirm", "unconfirm", "settle", "reserve", "reverse", "ignore", "restore", "return", "unreturn"]


def says_the_same(scene: Scene) -> bool:
    said = pages_say(scene.cast.merchant)
    return said == lines_say(scene.cast.merchant) and list(audit_books(scene.cast.merchant)) == [] and said["totals"] != {}


@pytest.mark.django_db
@pytest.mark.parametrize(("prepare", "trigger"), ACTS, ids=NAMES)
def test_pages_say_what_the_lines_say(prepare: Callable[[Scene], Callable[[], object]], trigger: str) -> None:
    scene = make_scene()
    scene.line("7")
    act = prepare(scene)
    assert says_the_same(scene)
    assert add_up_days() >= 1
    assert not ChangedDay.objects.exists()
    before = pages_say(scene.cast.merchant)
    act()
    assert ChangedDay.objects.exists()
    assert says_the_same(scene)
    assert pages_say(scene.cast.merchant) != before
    add_up_days()
    assert says_the_same(scene)
    assert add_up_days() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("prepare", "trigger"), ACTS, ids=NAMES)
def test_a_day_that_nobody_named_is_found_by_the_audit(prepare: Callable[[Scene], Callable[[], object]], trigger: str) -> None:
    scene = make_scene()
    scene.line("7")
    act = prepare(scene)
    name, table = trigger.split(" ON ")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Both marks of a return say the same day; what its lines carry is marked first.
        tables = {table, "reconciliation_linebalance"} if "returned" in table else {table}
        for each in tables:
            cursor.execute(f"ALTER TABLE {each} DISABLE TRIGGER {name if each == table else 'name_days'}")
    add_up_days()
    act()
    assert {found.check for found in audit_books(scene.cast.merchant)} == {"day_added_up"}


@pytest.mark.django_db(transaction=True)
def test_what_changes_while_a_day_is_added_up_is_not_lost() -> None:
    scene = make_scene()
    scene.line("7")
    for at in ("_take", "_write"):
        with run_after(f"reconciliation.books.days.{at}", lambda: scene.line("5")) as other:
            add_up_days()
        other.finish()
        assert other.error is None
        assert ChangedDay.objects.exists()
        assert says_the_same(scene)


@pytest.mark.django_db(transaction=True)
def test_two_who_add_up_go_one_after_the_other() -> None:
    scene = make_scene()
    scene.line("7")
    with run_after("reconciliation.books.days._take", add_up_days) as other:
        assert add_up_days() == 1
    other.finish()
    assert (other.error, other.waited, other.result) == (None, True, 0)
    assert DaySum.objects.get().lines == 1
    assert says_the_same(scene)


@pytest.mark.django_db
def test_a_house_of_any_size_proves_itself_and_is_read_by_its_days() -> None:
    house = load_house("medida", tickets=5, customers=4, orders=9, lines=12)
    assert list(audit_books(house)) == []
    assert sum(DaySum.objects.filter(merchant=house).values_list("waiting", flat=True)) == 12
    assert not ChangedDay.objects.exists()
    assert pages_say(house) == lines_say(house)
    (totals,) = pages_say(house)["totals"].values()
    assert (totals["lines"], totals["moved"]) == (12, Decimal(20) + sum(10 + n for n in range(1, 12)))


@pytest.mark.django_db
def test_what_is_open_of_an_account_is_listed_page_by_page_each_line_once() -> None:
    house = load_house("larga", tickets=1, customers=1, orders=1, lines=130)
    today, account = today_at(house), ReceivingAccount.objects.get(merchant=house)
    wanted = list(StatementLine.objects.filter(merchant=house).order_by("booked_on", "pk").values_list("pk", flat=True))

    def listed() -> list[list[int]]:
        (balance,) = (each for each in balances_of(house, today) if each.account == account)
        pages = [items_of(balance, Part.DEPOSITS, number) for number in (1, 2, 3, 4)]
        return [[item.line_id for item in page] for page in pages]

    assert listed() == [wanted[:50], wanted[50:100], wanted[100:], []]
    for line in (wanted[3], wanted[60]):
        services.ignore_line(line_id=line, reason="other", note="Ya se sabe", by=people_of(house)["admin"])
        wanted.remove(line)
    assert listed() == [wanted[:50], wanted[50:100], wanted[100:], []]
    add_up_days()
    assert listed() == [wanted[:50], wanted[50:100], wanted[100:], []]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["desk:books", "desk:books_account"])
def test_a_page_of_the_books_is_of_one_moment(name: str) -> None:
    scene = make_scene()
    bring(scene, "30", "5550001")
    browser, key = client_of(scene.cast.carol), [scene.cast.account.pk] if name == "desk:books_account" else []

    def another() -> None:
        services.enter_line(
            merchant=scene.cast.merchant, account_id=scene.cast.account.pk, booked_on=scene.today, amount=Decimal(5),
            reference="5550002", reason="-", by=scene.cast.ada,
        )  # fmt: skip
        bring(scene, "12", "5550003")

    with run_after("reconciliation.books.balances.rows_of", another) as other:
        answer = browser.get(house_url(scene.cast.merchant, name, *key))
    other.finish()
    assert (other.error, answer.status_code) == (None, 200)
    shown = answer.context["balance"] if key else next(b for b in answer.context["balances"] if b.account == scene.cast.account)
    assert (shown.lines, shown.moved, shown.unread) == (1, 30, 0)
