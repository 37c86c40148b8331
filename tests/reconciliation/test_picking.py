"""Settling what a person put together: one deposit for several reports, several deposits for one, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.errors import NotAllowed, Refused
from reconciliation.audit import audit_books
from reconciliation.models import LedgerEntry, Match
from reconciliation.services import settle_picked
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def transfers_of(scene: Scene, *reports: Ticket) -> list[int]:
    return [transfer.pk for ticket in reports for transfer in scene.transfers(ticket)]


def test_one_deposit_pays_two_reports(scene: Scene) -> None:
    orders = [scene.order("60.00"), scene.order("40.00")]
    reports = [scene.report(str(order.total), orders=[order]) for order in orders]
    line = scene.line("100.00")
    outcomes = settle_picked(line_ids=[line.pk], transfer_ids=transfers_of(scene, *reports), by=scene.cast.carol)
    assert [outcome.kind for outcome in outcomes] == ["verified", "verified"]
    assert [scene.paid_of(order) for order in orders] == [Decimal(60), Decimal(40)]
    assert scene.balance(line).allocated == Decimal(100)
    assert list(audit_books(scene.cast.merchant)) == []


def test_reports_of_two_customers_share_a_deposit(scene: Scene) -> None:
    """One payer for two customers: a person may say so, the matching only within their group."""
    mine, theirs = scene.order("60.00"), scene.order("40.00", customer=scene.cast.b)
    reports = [scene.report("40.00", orders=[theirs], by=scene.cast.bob), scene.report("60.00", orders=[mine])]
    line = scene.line("100.00")
    settle_picked(line_ids=[line.pk], transfer_ids=transfers_of(scene, *reports), across=True, by=scene.cast.carol)
    assert (scene.paid_of(mine), scene.paid_of(theirs)) == (Decimal(60), Decimal(40))


def test_what_is_left_of_a_deposit_stays_free(scene: Scene) -> None:
    reports = [scene.report("60.00", orders=[scene.order("60.00")]), scene.report("30.00", orders=[scene.order("30.00")])]
    line = scene.line("100.00")
    settle_picked(line_ids=[line.pk], transfer_ids=transfers_of(scene, *reports), by=scene.cast.carol)
    assert scene.balance(line).free == Decimal(10)


def test_two_deposits_pay_one_report(scene: Scene) -> None:
    order = scene.order("100.00")
    ticket = scene.report("100.00", orders=[order])
    lines = [scene.line("70.00"), scene.line("30.00")]
    outcome = settle_picked(line_ids=[line.pk for line in lines], transfer_ids=transfers_of(scene, ticket), by=scene.cast.carol)
    assert outcome[0].kind == "verified"
    assert scene.paid_of(order) == Decimal(100)
    assert [scene.balance(line).free for line in lines] == [0, 0]


def test_another_amount_asks_for_the_second_signature(scene: Scene) -> None:
    order = scene.order("100.00")
    ticket = scene.report("100.00", orders=[order])
    outcome = settle_picked(line_ids=[scene.line("95.00").pk], transfer_ids=transfers_of(scene, ticket), by=scene.cast.carol)
    assert outcome[0].kind == "awaiting_approval"
    assert scene.paid_of(order) == 0


def test_a_report_that_waits_is_taken_first(scene: Scene) -> None:
    free, waiting = (scene.report(amount, orders=[scene.order(amount)]) for amount in ("10.00", "20.00"))
    tickets.release(ticket_id=free.pk, by=scene.cast.carol)
    tickets.wait_for_bank(ticket_id=waiting.pk, until=scene.today + dt.timedelta(days=1), by=scene.cast.carol)
    line = scene.line("30.00")
    settle_picked(line_ids=[line.pk], transfer_ids=transfers_of(scene, free, waiting), by=scene.cast.carol)
    assert scene.state(free) == scene.state(waiting) == State.VERIFIED


def test_all_of_it_or_nothing(scene: Scene) -> None:
    """The second report is in somebody else's hands: the first one moves no money either."""
    mine = scene.report("60.00", orders=[scene.order("60.00")])
    theirs = scene.report("40.00", orders=[scene.order("40.00")], claimed_by=scene.cast.dan)
    line = scene.line("100.00")
    with pytest.raises(Refused) as refused:
        settle_picked(line_ids=[line.pk], transfer_ids=transfers_of(scene, mine, theirs), by=scene.cast.carol)
    assert refused.value.code == "claimed"
    assert not Match.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert scene.state(mine) == State.IN_REVIEW


def test_what_makes_no_sense_is_refused(scene: Scene) -> None:
    reports = [scene.report("60.00", orders=[scene.order("60.00")]), scene.report("40.00", orders=[scene.order("40.00")])]
    lines = [scene.line("60.00"), scene.line("40.00")]
    picked = transfers_of(scene, *reports)
    for code, line_ids, transfer_ids in (
        ("nothing_picked", [], picked),
        ("nothing_picked", [lines[0].pk], []),
        ("many_to_many", [line.pk for line in lines], picked),
        ("too_many_picked", list(range(1, 30)), picked[:1]),
        ("line_taken", [lines[0].pk], picked),
    ):
        with pytest.raises(Refused) as refused:
            settle_picked(line_ids=line_ids, transfer_ids=transfer_ids, by=scene.cast.carol)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        settle_picked(line_ids=[lines[0].pk], transfer_ids=picked[:1], by=scene.cast.otto)
    assert not Match.objects.exists()
