"""Reversing: mirrored rows, orders open again, spent credit taken back with it, returned deposits never again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.errors import NotAllowed, Refused, Stale
from orders.models import Order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import LedgerEntry, ReversalRequest, Settlement
from reports.services import reopen_report
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def clean(scene: Scene) -> bool:
    return list(audit_books(scene.cast.merchant)) == []


def test_reversing_opens_the_orders_and_frees_the_deposit(scene: Scene) -> None:
    order = scene.order("60")
    ticket, line = scene.report("100", orders=[order]), scene.line("100")
    scene.verify(ticket, line)
    outcome = scene.reverse(ticket)
    assert (outcome.kind, scene.state(ticket)) == ("reversed", "reversed")
    assert (scene.paid_of(order), scene.credit(), scene.balance(line).free) == (0, 0, 100)
    assert Order.objects.get(pk=order.pk).paid_on is None
    assert LedgerEntry.objects.filter(reverses__isnull=False).count() == 2
    assert clean(scene)


def test_a_deposit_that_the_bank_returned_is_no_candidate_again(scene: Scene) -> None:
    order = scene.order("60")
    ticket, line = scene.paid("60", order)
    scene.reverse(ticket, returned_by_bank=True)
    assert scene.balance(line).returned_at is not None
    other = scene.report("60", orders=[order])
    with pytest.raises(Refused) as refused:
        scene.verify(other, line)
    assert refused.value.code == "line_returned"
    assert scene.paid_of(order) == 0
    assert clean(scene)


def test_a_reversed_report_is_taken_up_and_settled_again_with_the_same_deposit(scene: Scene) -> None:
    order = scene.order("60")
    ticket, line = scene.paid("60", order)
    scene.reverse(ticket)
    reopen_report(ticket_id=ticket.pk, note="Era otro movimiento", by=scene.cast.carol)
    assert scene.verify(ticket, line).kind == "verified"
    assert (scene.paid_of(order), Settlement.objects.count()) == (60, 3)
    scene.reverse(ticket)
    assert scene.paid_of(order) == 0
    assert clean(scene)


def test_credit_that_was_spent_is_taken_back_with_its_uses(scene: Scene) -> None:
    first, second, third = scene.order("60"), scene.order("30"), scene.order("50")
    ticket, _line = scene.report("100", orders=[first]), None
    scene.verify(ticket, scene.line("100"))
    for order in (second, third):
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)
    assert (scene.paid_of(second), scene.paid_of(third), scene.credit()) == (30, 10, 0)
    outcome = scene.reverse(ticket)
    assert (scene.paid_of(first), scene.paid_of(second), scene.paid_of(third), scene.credit()) == (0, 0, 0, 0)
    assert len(outcome.settlements) == 3
    assert Order.objects.get(pk=second.pk).paid_on is None
    assert clean(scene)


def test_only_as_many_uses_are_taken_back_as_it_takes(scene: Scene) -> None:
    one = scene.report("40")
    scene.verify(one, scene.line("40"))
    two = scene.report("40")
    scene.verify(two, scene.line("40"))
    first, second = scene.order("40"), scene.order("40")
    services.apply_credit(customer=scene.cast.a, order_id=first.pk, by=scene.cast.alice)
    services.apply_credit(customer=scene.cast.a, order_id=second.pk, by=scene.cast.alice)
    scene.reverse(one)
    assert (scene.paid_of(first), scene.paid_of(second), scene.credit()) == (40, 0, 0)
    assert clean(scene)


def test_each_settlement_is_reversed_once(scene: Scene) -> None:
    ticket, _line = scene.paid("60", scene.order("60"))
    scene.reverse(ticket)
    count = LedgerEntry.objects.count()
    with pytest.raises(Stale):
        scene.reverse(ticket)
    assert LedgerEntry.objects.count() == count


def test_only_senior_accounting_reverses_and_says_why(scene: Scene) -> None:
    ticket, _line = scene.paid("60", scene.order("60"))
    for actor in (scene.cast.carol, scene.cast.sue, scene.cast.alice, scene.cast.otto, scene.cast.system):
        with pytest.raises(NotAllowed):
            scene.reverse(ticket, by=actor)
    with pytest.raises(Refused) as refused:
        services.reverse_settlement(ticket_id=ticket.pk, reason_id=scene.reason("not_found"), note="x", by=scene.cast.dan)
    assert refused.value.code == "reason_unknown"
    reason = scene.reason("returned_by_bank")
    with pytest.raises(Refused) as refused:
        services.reverse_settlement(ticket_id=ticket.pk, reason_id=reason, note=" ", by=scene.cast.dan)
    assert refused.value.code == "note_required"
    assert scene.state(ticket) == "verified"


def test_what_was_settled_in_part_is_undone_while_the_report_stays_in_review(scene: Scene) -> None:
    order = scene.order("100")
    ticket = scene.report("60", "40", orders=[order])
    line = scene.line("60")
    scene.verify(ticket, line)
    assert scene.reverse(ticket).kind == "reversed"
    assert (scene.state(ticket), scene.paid_of(order), scene.balance(line).free) == ("in_review", 0, 60)
    with pytest.raises(Refused) as refused:
        scene.reverse(ticket)
    assert refused.value.code == "nothing_settled"


def test_bolivars_come_back_to_the_cent() -> None:
    scene = make_scene(rate="36.70")
    one, two = scene.order("20"), scene.order("13.60")
    ticket, line = (
        scene.report("1233.12", orders=[one, two], account=scene.bolivars),
        scene.line("1233.12", account=scene.bolivars),
    )
    scene.verify(ticket, line)
    scene.reverse(ticket)
    assert (scene.paid_of(one), scene.paid_of(two), scene.balance(line).free) == (0, 0, Decimal("1233.12"))
    assert clean(scene)


def test_above_the_limit_a_reversal_waits_for_another_person() -> None:
    scene = make_scene(approval_limit=Decimal(50))
    order = scene.order("60")
    ticket, line = scene.report("60", orders=[order]), scene.line("60")
    scene.verify(ticket, line)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    assert scene.reverse(ticket, returned_by_bank=True).kind == "reversal_requested"
    assert (scene.state(ticket), scene.paid_of(order)) == ("verified", 60)
    with pytest.raises(Refused) as refused:
        scene.reverse(ticket)
    assert refused.value.code == "reversal_open"
    request = ReversalRequest.objects.get()
    assert services.sign_reversal(request_id=request.pk, by=scene.cast.ada).kind == "reversed"
    assert (scene.state(ticket), scene.paid_of(order)) == ("reversed", 0)
    assert scene.balance(line).returned_at is not None
    with pytest.raises(Stale):
        services.sign_reversal(request_id=request.pk, by=scene.cast.ada)
    assert clean(scene)


def test_a_refused_reversal_leaves_everything_and_another_may_be_asked() -> None:
    scene = make_scene(approval_limit=Decimal(50))
    ticket, line = scene.report("60"), scene.line("60")
    scene.verify(ticket, line)
    services.sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    scene.reverse(ticket)
    request = services.refuse_reversal(request_id=ReversalRequest.objects.get().pk, by=scene.cast.ada)
    assert request.was_refused
    assert (scene.state(ticket), scene.credit()) == ("verified", 60)
    assert scene.reverse(ticket).kind == "reversal_requested"
