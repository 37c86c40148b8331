"""T12: two at once. Whoever comes second finds the first one's work, or waits for it; nothing is booked twice.

Seen to fail: with `select_for_update` made a plain read twelve of these fail (decided, signed, reversed, imported twice; a
deposit, the credit or a void order used), each with an IntegrityError of the balances' CHECKs; with those dropped too the books
were wrong: an order of 100 had 200 paid, the credit stood at -30. Settling against reversing leaves a report verified without its
money. Claiming and rejecting have the machine's own guard as well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from accounts.errors import Refused, Stale
from orders.models import Order
from orders.services import void_order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import LedgerEntry, Match, ReversalRequest, Settlement
from tests.races import Competitor, run_after, run_before
from tests.reconciliation.scene import Scene, make_scene
from tickets import services as tickets
from tickets.models import TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[str, Callable[[], Any]], AbstractContextManager[Competitor]]
both_ways = pytest.mark.parametrize("race", [run_before, run_after])


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def clean(scene: Scene) -> bool:
    return list(audit_books(scene.cast.merchant)) == []


@both_ways
def test_two_staff_claim_one_ticket(scene: Scene, race: Race) -> None:
    ticket = scene.report("50")
    tickets.release(ticket_id=ticket.pk, by=scene.cast.carol)
    with race("tickets.services.review.lock_ticket", lambda: tickets.claim(ticket_id=ticket.pk, by=scene.cast.dan)) as dan:
        try:
            tickets.claim(ticket_id=ticket.pk, by=scene.cast.carol)
            carol: BaseException | None = None
        except Refused as error:
            carol = error
    assert [carol is None, dan.error is None].count(True) == 1
    assert TicketEvent.objects.filter(ticket=ticket, act="claim").count() == 2


@both_ways
def test_one_ticket_is_decided_once(scene: Scene, race: Race) -> None:
    order = scene.order("100")
    ticket, one, two = scene.report("100", orders=[order]), scene.line("100"), scene.line("100")
    with race("reconciliation.services.standing.lock_ticket", lambda: scene.verify(ticket, two)) as other:
        try:
            scene.verify(ticket, one)
            mine: BaseException | None = None
        except Stale as error:
            mine = error
    assert sorted(isinstance(error, Stale) for error in (mine, other.error)) == [False, True]
    assert (scene.paid_of(order), scene.credit(), Settlement.objects.count()) == (100, 0, 1)
    assert sorted(scene.balance(line).free for line in (one, two)) == [0, 100]
    assert TicketEvent.objects.filter(ticket=ticket, act="verify").count() == 1
    assert clean(scene)


@both_ways
def test_verifying_against_rejecting(scene: Scene, race: Race) -> None:
    ticket, line = scene.report("100", orders=[scene.order("100")]), scene.line("100")
    reason = scene.reason("not_found")

    def reject() -> None:
        services.reject_report(ticket_id=ticket.pk, reason_id=reason, by=scene.cast.carol)

    with race("reconciliation.services.standing.lock_ticket", reject) as other:
        try:
            scene.verify(ticket, line)
        except Stale:
            assert scene.state(ticket) == "rejected"
    won = scene.state(ticket)
    assert (won == "verified") == isinstance(other.error, Stale)
    assert scene.balance(line).allocated == (100 if won == "verified" else 0)
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("place", ["matching.lock_lines", "settlement.lock_lines"])
def test_one_deposit_for_two_reports(scene: Scene, race: Race, place: str) -> None:
    mine, yours = scene.order("100"), scene.order("100", customer=scene.cast.b)
    one = scene.report("100", orders=[mine])
    two = scene.report("100", orders=[yours], by=scene.cast.bob, claimed_by=scene.cast.dan)
    line = scene.line("100")
    with race(f"reconciliation.services.{place}", lambda: scene.verify(two, line, by=scene.cast.dan)) as other:
        try:
            scene.verify(one, line)
            error: BaseException | None = None
        except Refused as refused:
            error = refused
    lost = error or other.error
    assert isinstance(lost, Refused)
    assert lost.code == "line_taken"
    assert scene.paid_of(mine) + scene.paid_of(yours) == 100
    assert scene.balance(line).allocated == 100
    assert Match.objects.exclude(state="released").count() == 1
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("place", ["lock_credit", "lock_orders"])
def test_two_deposits_for_one_order(scene: Scene, race: Race, place: str) -> None:
    scene.verify(scene.report("1"), scene.line("1"))  # the row of the credit exists: making it would hold the second one back
    order = scene.order("100")
    one = scene.report("100", orders=[order])
    two = scene.report("100", orders=[order], claimed_by=scene.cast.dan)
    first, second = scene.line("100"), scene.line("100")
    with race(f"reconciliation.services.settlement.{place}", lambda: scene.verify(two, second, by=scene.cast.dan)) as other:
        assert scene.verify(one, first).kind == "verified"
    assert other.error is None
    assert (scene.paid_of(order), scene.credit()) == (100, 101)
    assert {scene.state(one), scene.state(two)} == {"verified"}
    assert clean(scene)


@both_ways
def test_settling_against_voiding_the_order(scene: Scene, race: Race) -> None:
    order = scene.order("100")
    ticket, line = scene.report("100", orders=[order]), scene.line("100")

    def void() -> None:
        void_order(order_id=order.pk, reason="Duplicada", by=scene.cast.dan)

    with race("reconciliation.services.settlement.lock_orders", void) as other:
        scene.verify(ticket, line)
    voided = Order.objects.get(pk=order.pk).voided_at is not None
    assert voided == (other.error is None)
    assert (scene.paid_of(order), scene.credit()) == ((0, 100) if voided else (100, 0))
    assert clean(scene)


@both_ways
def test_reversing_twice_at_once(scene: Scene, race: Race) -> None:
    order = scene.order("60")
    ticket, line = scene.report("100", orders=[order]), scene.line("100")
    scene.verify(ticket, line)
    with race("reconciliation.services.reversal.lock_ticket", lambda: scene.reverse(ticket, by=scene.cast.ada)) as other:
        try:
            scene.reverse(ticket)
            mine: BaseException | None = None
        except Stale as error:
            mine = error
    assert sorted(isinstance(error, Stale) for error in (mine, other.error)) == [False, True]
    assert LedgerEntry.objects.filter(reverses__isnull=False).count() == 2
    assert (scene.paid_of(order), scene.credit(), scene.balance(line).free) == (0, 0, 100)
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("place", ["lock_lines", "lock_credit", "lock_orders"])
def test_reversing_against_spending_the_credit(scene: Scene, race: Race, place: str) -> None:
    order = scene.order("30")
    ticket = scene.report("50")
    scene.verify(ticket, scene.line("50"))

    def spend() -> None:
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)

    with race(f"reconciliation.services.reversal.{place}", spend) as other:
        assert scene.reverse(ticket).kind == "reversed"
    # Spent first: the use was taken back too. Spent second: nothing was left.
    assert other.error is None or isinstance(other.error, Refused)
    assert (scene.paid_of(order), scene.credit()) == (0, 0)
    assert clean(scene)


@both_ways
def test_reversing_one_report_against_settling_another_with_its_deposit(scene: Scene, race: Race) -> None:
    first, second = scene.order("100"), scene.order("100", customer=scene.cast.b)
    old, line = scene.paid("100", first)
    new = scene.report("100", orders=[second], by=scene.cast.bob)
    with race("reconciliation.services.reversal.lock_lines", lambda: scene.verify(new, line)) as other:
        scene.reverse(old)
    # Before the reversal's lock the deposit is still used; behind it the competitor waits and finds it free.
    assert scene.paid_of(first) == 0
    assert scene.paid_of(second) == (0 if other.error else 100)
    assert scene.balance(line).allocated == scene.paid_of(second)
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("same_order", [True, False])
def test_credit_is_spent_once(scene: Scene, race: Race, same_order: bool) -> None:
    scene.verify(scene.report("50"), scene.line("50"))
    one = scene.order("50")
    two = one if same_order else scene.order("50")

    def spend(order: Order) -> None:
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)

    with race("reconciliation.services.credit.lock_credit", lambda: spend(two)) as other:
        try:
            spend(one)
            mine: BaseException | None = None
        except Refused as error:
            mine = error
    assert sorted(isinstance(error, Refused) for error in (mine, other.error)) == [False, True]
    assert (scene.paid_of(one) + (0 if same_order else scene.paid_of(two)), scene.credit()) == (50, 0)
    assert clean(scene)


@both_ways
def test_two_sign_at_once(scene: Scene, race: Race) -> None:
    ticket, line = scene.report("5000"), scene.line("5000")
    scene.verify(ticket, line)

    def sign() -> None:
        services.sign_approval(ticket_id=ticket.pk, by=scene.cast.ada)

    with race("reconciliation.services.standing.lock_ticket", sign) as other:
        try:
            services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
            mine: BaseException | None = None
        except Stale as error:
            mine = error
    assert sorted(isinstance(error, Stale) for error in (mine, other.error)) == [False, True]
    assert (scene.credit(), Settlement.objects.count()) == (5000, 1)
    assert clean(scene)


@both_ways
def test_signing_a_reversal_against_refusing_it(scene: Scene, race: Race) -> None:
    ticket, line = scene.report("5000"), scene.line("5000")
    scene.verify(ticket, line)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    scene.reverse(ticket)
    request = ReversalRequest.objects.get().pk

    def refuse() -> None:
        services.refuse_reversal(request_id=request, by=scene.cast.ada)

    with race("reconciliation.services.reversal.lock_ticket", refuse) as other:
        try:
            services.sign_reversal(request_id=request, by=scene.cast.ada)
        except Stale:
            assert other.error is None
    decided = ReversalRequest.objects.get()
    assert (scene.state(ticket) == "reversed") == (not decided.was_refused)
    assert scene.credit() == (5000 if decided.was_refused else 0)
    assert clean(scene)


@both_ways
def test_settling_against_reversing(scene: Scene, race: Race) -> None:
    """Two transfers: the first is settled and reversed while the second is settled."""
    order = scene.order("30")
    ticket = scene.report("10", "20", orders=[order])
    scene.verify(ticket, scene.line("10"))
    second = scene.line("20")
    choice = services.MatchChoice(transfer_id=scene.transfers(ticket)[1].pk, line_id=second.pk)

    def settle() -> Any:
        return services.verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol)

    with race("reconciliation.services.reversal.lock_ticket", settle) as other:
        scene.reverse(ticket)
    assert other.error is None or isinstance(other.error, Refused)
    left = scene.paid_of(order)
    assert scene.state(ticket) in (("reversed",) if left == 0 else ("in_review",))
    assert left in (0, 20)
    assert clean(scene)
