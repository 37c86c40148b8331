"""Settling: deposits pay orders as allocated, never more than is due, the rest is credit; nothing moves twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from letters.models import Letter
from orders.models import Order
from orders.services import void_order
from reconciliation import services
from reconciliation.models import Adjustment, LedgerEntry, Match, Settlement
from reconciliation.services import AdjustmentChoice, MatchChoice
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def entries() -> list[tuple[Decimal, Decimal]]:
    return [(entry.source_amount, entry.target_amount) for entry in LedgerEntry.objects.order_by("pk")]


def test_an_exact_deposit_pays_its_orders_and_verifies_the_ticket(scene: Scene) -> None:
    first, second = scene.order("60", due_in=1), scene.order("40", due_in=2)
    ticket, line = scene.report("100", orders=[first, second]), scene.line("100")
    outcome = scene.verify(ticket, line)
    assert outcome.kind == "verified"
    assert scene.state(ticket) == "verified"
    assert (scene.paid_of(first), scene.paid_of(second), scene.credit()) == (60, 40, 0)
    assert (scene.balance(line).allocated, scene.balance(line).reserved) == (100, 0)
    assert Order.objects.get(pk=first.pk).paid_on == line.booked_on
    assert entries() == [(60, 60), (40, 40)]
    letter = Letter.objects.get(kind="ticket_verified", language="es")
    assert [row["order"] for row in letter.context["applied"]] == [first.number, second.number]
    assert letter.context["credit"] is None


def test_what_is_paid_too_much_becomes_credit(scene: Scene) -> None:
    order = scene.order("60")
    outcome = scene.verify(scene.report("100", orders=[order]), scene.line("100"))
    assert (scene.paid_of(order), scene.credit()) == (60, 40)
    assert "40" in "".join(outcome.sentences)
    assert Letter.objects.get(kind="ticket_verified").context["credit"] == {"amount": "40.00", "currency": "USD"}


def test_what_is_paid_too_little_leaves_the_last_due_order_partly_paid(scene: Scene) -> None:
    late, early = scene.order("60", due_in=9), scene.order("60", due_in=1)
    scene.verify(scene.report("80", orders=[late, early]), scene.line("80"))
    assert (scene.paid_of(early), scene.paid_of(late)) == (60, 20)
    assert Order.objects.get(pk=late.pk).paid_on is None


def test_a_payment_in_advance_goes_to_credit(scene: Scene) -> None:
    scene.verify(scene.report("25"), scene.line("25"))
    assert scene.credit() == 25


def test_an_order_paid_meanwhile_takes_nothing_and_its_share_is_credit(scene: Scene) -> None:
    order = scene.order("100")
    one, two = scene.report("100", orders=[order]), scene.report("100", orders=[order])
    scene.verify(one, scene.line("100"))
    outcome = scene.verify(two, scene.line("100"))
    assert (scene.paid_of(order), scene.credit()) == (100, 100)
    assert any(order.number in sentence for sentence in outcome.sentences)


def test_the_share_of_a_voided_order_is_credit(scene: Scene) -> None:
    kept, voided = scene.order("30"), scene.order("70")
    ticket = scene.report("100", orders=[kept, voided])
    void_order(order_id=voided.pk, reason="Duplicada", by=scene.cast.carol)
    outcome = scene.verify(ticket, scene.line("100"))
    assert (scene.paid_of(kept), scene.paid_of(voided), scene.credit()) == (30, 0, 70)
    assert any(voided.number in sentence for sentence in outcome.sentences)


def test_bolivars_pay_dollars_at_the_rate_of_the_report_and_no_cent_is_lost() -> None:
    scene = make_scene(rate="36.70")
    one, two = scene.order("20"), scene.order("13.60")
    amount = "1233.12"
    ticket = scene.report(amount, orders=[one, two], account=scene.bolivars)
    line = scene.line(amount, account=scene.bolivars)
    scene.verify(ticket, line)
    assert (scene.paid_of(one), scene.paid_of(two), scene.credit()) == (20, Decimal("13.60"), 0)
    rows = LedgerEntry.objects.order_by("pk")
    assert sum(row.source_amount for row in rows) == Decimal(amount) == scene.balance(line).allocated
    assert {(row.source_currency, row.target_currency, row.rate) for row in rows} == {("VES", "USD", Decimal("36.7"))}


def test_several_transfers_settle_as_each_is_found(scene: Scene) -> None:
    order = scene.order("100")
    ticket = scene.report("60", "40", orders=[order])
    first, second = scene.transfers(ticket)
    choice = MatchChoice(transfer_id=first.pk, line_id=scene.line("60").pk)
    outcome = services.verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol)
    assert outcome.kind == "partly_settled"
    assert (scene.state(ticket), scene.paid_of(order)) == ("in_review", 60)
    choice = MatchChoice(transfer_id=second.pk, line_id=scene.line("40").pk)
    outcome = services.verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol)
    assert outcome.kind == "verified"
    assert scene.paid_of(order) == 100
    assert Letter.objects.get(kind="ticket_verified").context["applied"][0]["amount"] == "100.00"


def test_a_report_settled_in_part_is_neither_rejected_nor_withdrawn(scene: Scene) -> None:
    ticket = scene.report("60", "40", orders=[scene.order("100")])
    scene.verify(ticket, scene.line("60"))
    with pytest.raises(Refused) as refused:
        services.reject_report(ticket_id=ticket.pk, reason_id=scene.reason("not_found"), by=scene.cast.carol)
    assert refused.value.code == "partly_settled"
    assert scene.state(ticket) == "in_review"


def test_rejecting_gives_the_reserved_deposit_free(scene: Scene) -> None:
    ticket, line = scene.report("60", orders=[scene.order("60")]), scene.line("60")
    transfer = scene.transfers(ticket)[0]
    services.confirm_match(ticket_id=ticket.pk, transfer_id=transfer.pk, line_id=line.pk, by=scene.cast.carol)
    assert scene.balance(line).free == 0
    services.reject_report(ticket_id=ticket.pk, reason_id=scene.reason("not_found"), by=scene.cast.carol)
    assert (scene.state(ticket), scene.balance(line).free) == ("rejected", 60)


def test_one_deposit_pays_two_transfers_of_one_report(scene: Scene) -> None:
    order = scene.order("100")
    ticket, line = scene.report("60", "40", orders=[order]), scene.line("100")
    outcome = scene.verify(ticket, line, line)
    assert outcome.kind == "verified"
    assert (scene.paid_of(order), scene.balance(line).free) == (100, 0)


def test_one_deposit_pays_two_reports_by_named_amounts(scene: Scene) -> None:
    mine, yours = scene.order("60"), scene.order("40", customer=scene.cast.b)
    line = scene.line("100")
    one, two = scene.report("60", orders=[mine]), scene.report("40", orders=[yours], by=scene.cast.bob)
    for ticket, amount in ((one, "60"), (two, "40")):
        choice = MatchChoice(transfer_id=scene.transfers(ticket)[0].pk, line_id=line.pk, amount=Decimal(amount))
        assert services.verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol).kind == "verified"
    assert (scene.paid_of(mine), scene.paid_of(yours), scene.balance(line).free) == (60, 40, 0)


def test_a_used_deposit_is_refused_and_nothing_moves(scene: Scene) -> None:
    order = scene.order("100")
    line = scene.line("100")
    scene.verify(scene.report("100", orders=[order]), line)
    other, before = scene.report("100"), LedgerEntry.objects.count()
    with pytest.raises(Refused) as refused:
        scene.verify(other, line)
    assert refused.value.code == "line_taken"
    assert LedgerEntry.objects.count() == before
    assert (scene.state(other), scene.credit(), Match.objects.filter(state="reserved").count()) == ("in_review", 0, 0)


def test_deciding_needs_accounting_the_claim_and_the_right_state(scene: Scene) -> None:
    ticket, line = scene.report("50"), scene.line("50")
    for actor in (scene.cast.sue, scene.cast.otto, scene.cast.alice):
        with pytest.raises(NotAllowed):
            scene.verify(ticket, line, by=actor)
    with pytest.raises(Refused) as refused:
        scene.verify(ticket, line, by=scene.cast.dan)
    assert refused.value.code == "claimed"
    scene.verify(ticket, line)
    with pytest.raises(Stale) as stale:
        scene.verify(ticket, scene.line("50"))
    assert stale.value.code == "wrong_state"
    assert Settlement.objects.count() == 1


def test_another_merchants_ticket_and_line_do_not_exist(scene: Scene) -> None:
    other = make_scene()
    ticket, line = other.report("50"), other.line("50")
    with pytest.raises(Http404):
        scene.verify(ticket, line, by=scene.cast.carol)
    own = scene.report("50")
    with pytest.raises(Refused) as refused:
        scene.verify(own, line)
    assert refused.value.code == "line_unknown"


@pytest.mark.parametrize(
    ("amount", "code"), [("0", "amount_invalid"), ("-1", "amount_invalid"), ("0.001", "amount_invalid"), ("50.01", "line_taken")]
)
def test_the_amount_taken_must_fit_the_deposit(scene: Scene, amount: str, code: str) -> None:
    ticket, line = scene.report("50"), scene.line("50")
    choice = MatchChoice(transfer_id=scene.transfers(ticket)[0].pk, line_id=line.pk, amount=Decimal(amount))
    with pytest.raises(Refused) as refused:
        services.verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol)
    assert refused.value.code == code
    assert not Match.objects.exists()


def test_debits_and_other_accounts_are_no_deposits(scene: Scene) -> None:
    ticket = scene.report("50")
    with pytest.raises(Refused) as refused:
        scene.verify(ticket, scene.line("-50"))
    assert refused.value.code == "line_is_debit"
    from tests.factories import make_account

    other = make_account(scene.cast.merchant)
    with pytest.raises(Refused) as refused:
        scene.verify(ticket, scene.line("50", account=other))
    assert refused.value.code == "other_account"
    with pytest.raises(Refused) as refused:
        services.settle(ticket_id=ticket.pk, by=scene.cast.carol)
    assert refused.value.code == "nothing_to_settle"


def test_a_bank_fee_fills_what_the_deposit_lacks(scene: Scene) -> None:
    order = scene.order("100")
    fee = AdjustmentChoice(kind="bank_fee", amount=Decimal("2"), note="Comisión del banco intermediario")
    outcome = scene.verify(scene.report("100", orders=[order]), scene.line("98"), adjustments=[fee])
    assert outcome.kind == "verified"
    assert (scene.paid_of(order), entries()) == (100, [(98, 98), (2, 2)])
    assert Adjustment.objects.get().kind == "bank_fee"


def test_a_rounding_takes_the_cents_that_are_nobodys(scene: Scene) -> None:
    order, line = scene.order("100"), scene.line("100.01")
    rounding = AdjustmentChoice(kind="rounding", amount=Decimal("0.01"), note="Redondeo", line_id=line.pk)
    outcome = scene.verify(scene.report("100", orders=[order]), line, adjustments=[rounding])
    assert outcome.kind == "verified"
    assert (scene.paid_of(order), scene.credit(), scene.balance(line).free) == (100, 0, 0)


@pytest.mark.parametrize(
    ("kind", "amount", "note", "code"),
    [
        ("bank_fee", "5", "Comisión", "adjustment_above_tolerance"),
        ("discount", "1", "Descuento", "adjustment_above_tolerance"),
        ("bank_fee", "101", "Comisión", "adjustment_too_large"),
        ("bank_fee", "1", " ", "adjustment_needs_note"),
        ("bank_fee", "0", "Comisión", "adjustment_invalid"),
        ("bank_fee", "0.001", "Comisión", "adjustment_invalid"),
        ("tip", "1", "Propina", "adjustment_unknown"),
    ],
)
def test_differences_are_named_small_and_of_a_known_kind(scene: Scene, kind: str, amount: str, note: str, code: str) -> None:
    ticket, line = scene.report("100", orders=[scene.order("100")]), scene.line("95")
    fee = AdjustmentChoice(kind=kind, amount=Decimal(amount), note=note)
    with pytest.raises(Refused) as refused:
        scene.verify(ticket, line, adjustments=[fee])
    assert refused.value.code == code
    assert (scene.state(ticket), scene.balance(line).free, Adjustment.objects.count()) == ("in_review", 95, 0)


def test_a_senior_may_book_a_larger_difference(scene: Scene) -> None:
    order = scene.order("100")
    ticket = scene.report("100", orders=[order], claimed_by=scene.cast.dan)
    fee = AdjustmentChoice(kind="bank_fee", amount=Decimal("5"), note="Comisión")
    assert scene.verify(ticket, scene.line("95"), adjustments=[fee], by=scene.cast.dan).kind == "verified"
    assert scene.paid_of(order) == 100


def test_a_released_match_gives_the_deposit_free(scene: Scene) -> None:
    ticket, line = scene.report("50"), scene.line("50")
    transfer = scene.transfers(ticket)[0]
    match = services.confirm_match(ticket_id=ticket.pk, transfer_id=transfer.pk, line_id=line.pk, by=scene.cast.carol)
    assert match.evidence
    released = services.release_match(match_id=match.pk, by=scene.cast.carol)
    assert (released.state, scene.balance(line).free) == ("released", 50)
    with pytest.raises(Refused):
        services.release_match(match_id=match.pk, by=scene.cast.carol)
    assert scene.verify(ticket, line).kind == "verified"


def test_the_program_verifies_without_a_review_but_never_signs(scene: Scene) -> None:
    order = scene.order("50")
    ticket = scene.report("50", orders=[order])
    assert scene.verify(ticket, scene.line("50"), by=scene.cast.system).kind == "verified"
    high = scene.report("5000")
    with pytest.raises(Refused) as refused:
        scene.verify(high, scene.line("5000"), by=scene.cast.system)
    assert refused.value.code == "needs_people"
    assert scene.state(high) == "in_review"


def test_the_paid_date_is_the_day_the_bank_booked(scene: Scene) -> None:
    order = scene.order("10")
    booked = scene.today - dt.timedelta(days=1)
    scene.verify(scene.report("10", orders=[order]), scene.line("10", booked_on=booked))
    assert Order.objects.get(pk=order.pk).paid_on == booked
