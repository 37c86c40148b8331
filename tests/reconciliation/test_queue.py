"""The staff's queue: views, filters, search, what the bank says, and a constant number of queries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import NotAllowed
from reconciliation.selectors import QueueFilters, queue_for
from reconciliation.selectors.queue import VIEWS
from tests.factories import make_account, make_bank
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def numbers(scene: Scene, **filters: Any) -> list[str]:
    return [row.ticket.number for row in queue_for(scene.cast.carol, QueueFilters(**filters)).rows]


def set_deadline(ticket: Ticket, **delta: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_ticket SET deadline_at = %s WHERE id = %s", [timezone.now() + dt.timedelta(**delta), ticket.pk]
        )


def test_each_view_holds_its_tickets_and_the_counts_agree(scene: Scene) -> None:
    new, mine, others, waiting, signature, done = (scene.report("50") for _ in range(6))
    tickets.release(ticket_id=new.pk, by=scene.cast.carol)
    tickets.release(ticket_id=others.pk, by=scene.cast.carol)
    tickets.claim(ticket_id=others.pk, by=scene.cast.dan)
    tickets.ask_information(ticket_id=waiting.pk, question="¿Referencia?", fields=["reference"], by=scene.cast.carol)
    scene.verify(signature, scene.line("51"))
    scene.verify(done, scene.line("50"))
    make_scene().report("50")
    set_deadline(mine, hours=-1)
    expected = {
        "all": {new, mine, others, waiting, signature},
        "new": {new},
        "mine": {mine, waiting},
        "others": {others},
        "waiting": {waiting},
        "signature": {signature},
        "overdue": {mine},
    }
    page = queue_for(scene.cast.carol, QueueFilters())
    for view, found in expected.items():
        assert set(numbers(scene, view=view)) == {ticket.number for ticket in found}, view
        assert page.counts[view] == len(found), view
    assert set(page.counts) == set(VIEWS)
    assert set(numbers(scene, view="nonsense")) == set(numbers(scene))


def test_the_most_urgent_comes_first_and_a_stopped_clock_last(scene: Scene) -> None:
    late, soon, stopped = scene.report("1"), scene.report("2"), scene.report("3")
    set_deadline(late, hours=30)
    set_deadline(soon, hours=-2)
    tickets.ask_information(ticket_id=stopped.pk, question="¿Cuál?", fields=["amount"], by=scene.cast.carol)
    assert numbers(scene) == [soon.number, late.number, stopped.number]


def test_filters_by_account_amount_age_and_bank(scene: Scene) -> None:
    other = make_account(scene.cast.merchant, methods=[scene.cast.deposit])
    small, large = scene.report("10", account=other), scene.report("500")
    assert numbers(scene, account_id=other.pk) == [small.number]
    assert numbers(scene, amount_from=Decimal(100)) == [large.number]
    assert numbers(scene, amount_to=Decimal(100)) == [small.number]
    assert numbers(scene, older_than_days=1) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET submitted_at = now() - interval '3 days' WHERE id = %s", [large.pk])
        cursor.execute("UPDATE reports_transfer SET origin_bank_id = %s WHERE amount = 10", [make_bank(code="0134").pk])
    assert numbers(scene, older_than_days=1) == [large.number]
    assert numbers(scene, bank_code="0134") == [small.number]
    assert numbers(scene, bank_code="0134", amount_from=Decimal(100)) == []


@pytest.mark.parametrize(
    "text", ["ALVAREZ", "álvarez", "alicia alv", "572442", "0045775572442", "{order}", "{ticket}", "{customer}"]
)
def test_search_finds_what_people_type(scene: Scene, text: str) -> None:
    order = scene.order("50")
    found = scene.report("50", orders=[order], reference="0045775572442")
    scene.report("60", by=scene.cast.bob)
    typed = text.format(order=order.number, ticket=found.number.lower(), customer=scene.cast.a.number)
    assert numbers(scene, text=typed) == [found.number]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "zzz", "%s"])
def test_search_is_literal(scene: Scene, text: str) -> None:
    scene.report("50")
    assert numbers(scene, text=text) == []


def test_what_the_bank_says(scene: Scene) -> None:
    exact, possible, nothing = (
        scene.report("50", reference="123456789"),
        scene.report("60", reference="55555555"),
        scene.report("70", reference="66666666"),
    )
    scene.line("50", reference="00123456789")
    scene.line("60", reference="1")
    scene.line("999", reference="5555555")
    before = {row.ticket: row.bank for row in queue_for(scene.cast.carol, QueueFilters()).rows}
    assert (before[exact].kind, before[possible].kind, before[possible].count) == ("exact", "possible", 2)
    assert (before[nothing].kind, before[nothing].statement_until) == ("before", None)
    content = f"date,amount,reference,text\n{scene.today},1,8888,x\n".encode()
    bring_own_sheet(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name="x", content=content, by=scene.cast.carol
    )
    after = {row.ticket: row.bank for row in queue_for(scene.cast.carol, QueueFilters()).rows}
    assert (after[nothing].kind, after[nothing].statement_until) == ("none", scene.today)
    for state, ticket in (("exact", exact), ("possible", possible), ("none", nothing)):
        assert numbers(scene, bank_state=state) == [ticket.number]
    assert len(numbers(scene, bank_state="'; DROP")) == 3


def test_a_reserved_deposit_counts_as_found_and_a_used_one_not(scene: Scene) -> None:
    line = scene.line("500", reference="123456789")
    awaiting, other = scene.report("500", reference="123456789"), scene.report("500", reference="99123456789")
    scene.line("501", reference="1")
    scene.verify(awaiting, scene.line("501", reference="2"))
    scene.verify(scene.report("500", reference="77"), line)
    states = {row.ticket.pk: row.bank.kind for row in queue_for(scene.cast.carol, QueueFilters()).rows}
    assert states == {awaiting.pk: "exact", other.pk: "before"}


def test_rows_carry_what_the_list_shows(scene: Scene) -> None:
    ticket = scene.report("60", "40", orders=[scene.order("70"), scene.order("30")], reference="0045775572442")
    (row,) = queue_for(scene.cast.otto, QueueFilters()).rows
    assert (row.ticket, row.orders, row.amount, row.currency, row.reference_tail) == (ticket, 2, 100, "USD", "572442")
    assert (row.transfers, row.account) == (2, scene.cast.account)


def test_pages_and_the_number_of_queries(scene: Scene, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciliation.selectors.queue.PAGE_SIZE", 3)
    for amount in range(1, 8):
        scene.report(str(amount), orders=[scene.order("5")])
        scene.line(str(amount))
    # count · page · transfers · orders · bank · accounts · counts of the views
    with django_assert_num_queries(7):
        page = queue_for(scene.cast.carol, QueueFilters(page=2))
        assert [row.ticket.customer.name and row.account and row.account.title for row in page.rows]
        assert [str(row.ticket.claimed_by) for row in page.rows]
    assert (page.total, page.page, page.first, page.last, page.has_next) == (7, 2, 4, 6, True)
    last = queue_for(scene.cast.carol, QueueFilters(page=99))
    assert (last.page, len(last.rows), last.has_next) == (3, 1, False)


def test_only_staff_see_the_queue(scene: Scene) -> None:
    for actor in (scene.cast.alice, scene.cast.system):
        with pytest.raises(NotAllowed):
            queue_for(actor, QueueFilters())
    for actor in (scene.cast.sue, scene.cast.otto):
        assert queue_for(actor, QueueFilters()).total == 0
