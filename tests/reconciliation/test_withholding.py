"""A withholding voucher pays its order beside the deposit; a surcharge pays none. Both stand in the books under their names."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts.errors import Refused
from banking.models import WithholdingKind
from orders.models import Order
from reconciliation.audit import audit_books
from reconciliation.models import Adjustment, LedgerEntry
from reconciliation.services import AdjustmentChoice, sign_approval
from reconciliation.services.bulk import accept_proposals
from reconciliation.services.runs import propose_matches
from reports.content import ReportContent, WithholdingContent
from reports.models import PaymentReport, Transfer, Withholding
from reports.services import submit_report
from tests.factories import make_withholding_kind
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_audit_books import corrupt
from tickets import services as tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def tax(scene: Scene) -> WithholdingKind:
    return make_withholding_kind(scene.cast.merchant)


def report(
    scene: Scene, amount: str, *vouchers: tuple[WithholdingKind, str], orders: Any = (), claim: bool = True, **kw: Any
) -> Ticket:
    """A report of one deposit and of vouchers (kind, amount)."""
    content = ReportContent(
        transfers=(scene.transfer(amount, account=kw.pop("account", None)),),
        withholdings=tuple(
            WithholdingContent(
                kind_id=kind.pk, number=kw.get("number", f"2026-{place:04d}"), issued_on=scene.today - dt.timedelta(days=1),
                amount=Decimal(withheld),
            )
            for place, (kind, withheld) in enumerate(vouchers, start=1)
        ),
        orders=tuple(order.pk for order in orders),
    )  # fmt: skip
    ticket, _made = submit_report(
        merchant=scene.cast.merchant, customer=scene.cast.a, key=uuid.uuid4(), content=content, by=scene.cast.alice
    )
    return tickets.claim(ticket_id=ticket.pk, by=scene.cast.carol) if claim else ticket


def igtf(scene: Scene) -> None:
    """Deposits carry IGTF 3 %."""
    method = scene.cast.deposit
    method.surcharge_per_cent, method.surcharge_name_es = Decimal(3), "IGTF"
    method.save()


def clean(scene: Scene) -> bool:
    return list(audit_books(scene.cast.merchant)) == []


def entries() -> list[tuple[str, str, Decimal]]:
    """(from, to, amount) of every entry."""
    rows = LedgerEntry.objects.select_related("source_adjustment", "target_adjustment").order_by("pk")
    return [
        (
            row.source_adjustment.kind if row.source_adjustment else "line",
            row.target_adjustment.kind if row.target_adjustment else "order" if row.target_order_id else "credit",
            row.target_amount,
        )
        for row in rows
    ]


def test_who_pays_less_by_a_voucher_has_paid_in_full(scene: Scene, tax: WithholdingKind) -> None:
    order = scene.order("116")
    ticket, line = report(scene, "104", (tax, "12"), orders=[order]), scene.line("104")
    outcome = scene.verify(ticket, line)
    assert outcome.kind == "verified"
    assert (scene.state(ticket), scene.paid_of(order), scene.credit()) == ("verified", 116, 0)
    assert Order.objects.get(pk=order.pk).paid_on == line.booked_on
    assert sorted(entries()) == [("line", "order", 104), ("withholding", "order", 12)]
    named = Adjustment.objects.get()
    assert (named.withholding, named.note) == (Withholding.objects.get(), f"{tax.name_es} 2026-0001")
    assert clean(scene)


def test_what_is_too_much_beside_a_voucher_is_credit(scene: Scene, tax: WithholdingKind) -> None:
    order = scene.order("100")
    scene.verify(report(scene, "95", (tax, "10"), orders=[order]), scene.line("95"))
    assert (scene.paid_of(order), scene.credit()) == (100, 5)
    assert ("withholding", "order", 10) in entries()
    assert clean(scene)


def test_a_declared_voucher_is_no_other_amount_but_counts_for_the_limit(scene: Scene, tax: WithholdingKind) -> None:
    merchant = scene.cast.merchant
    merchant.approval_limit = Decimal(110)
    merchant.save()
    order = scene.order("116")
    outcome = scene.verify(report(scene, "104", (tax, "12"), orders=[order]), scene.line("104"))
    assert (outcome.kind, list(outcome.why_approval)) == ("awaiting_approval", ["above_limit"])
    assert not LedgerEntry.objects.exists()
    assert sign_approval(ticket_id=outcome.ticket.pk, by=scene.cast.dan).kind == "verified"
    assert scene.paid_of(order) == 116
    assert clean(scene)


def test_another_deposit_beside_a_voucher_is_another_amount(scene: Scene, tax: WithholdingKind) -> None:
    outcome = scene.verify(report(scene, "104", (tax, "12"), orders=[scene.order("116")]), scene.line("103"))
    assert (outcome.kind, list(outcome.why_approval)) == ("awaiting_approval", ["other_amount"])


def test_a_fee_of_the_bank_beside_a_voucher_needs_no_second_signature(scene: Scene, tax: WithholdingKind) -> None:
    order = scene.order("100")
    fee = AdjustmentChoice(kind="bank_fee", amount=Decimal("0.50"), note="Comisión")
    outcome = scene.verify(report(scene, "90", (tax, "10"), orders=[order]), scene.line("89.50"), adjustments=[fee])
    assert (outcome.kind, scene.paid_of(order)) == ("verified", 100)
    assert clean(scene)


def test_reversing_takes_the_voucher_back_and_it_can_be_counted_again(scene: Scene, tax: WithholdingKind) -> None:
    order = scene.order("116")
    ticket, line = report(scene, "104", (tax, "12"), orders=[order]), scene.line("104")
    scene.verify(ticket, line)
    scene.reverse(ticket)
    assert (scene.paid_of(order), scene.balance(line).allocated) == (0, 0)
    assert clean(scene)
    again = report(scene, "104", (tax, "12"), orders=[order])
    assert scene.verify(again, scene.line("104")).kind == "verified"
    assert scene.paid_of(order) == 116
    assert clean(scene)


def test_a_voucher_that_another_report_counts_is_refused(scene: Scene, tax: WithholdingKind) -> None:
    first = report(scene, "104", (tax, "12"), orders=[scene.order("116")])
    scene.verify(first, scene.line("104"))
    other, order = scene.report("50", orders=[scene.order("62")]), scene.order("62")
    row = Withholding.objects.get()
    row.pk, row.report_id = None, PaymentReport.objects.get(ticket=other).pk
    row.save()
    with pytest.raises(Refused) as refused:
        scene.verify(other, scene.line("50"))
    assert (refused.value.code, first.number in refused.value.message) == ("voucher_used", True)
    assert (scene.state(other), scene.paid_of(order)) == ("in_review", 0)


def test_a_voucher_waits_for_the_last_transfer(scene: Scene, tax: WithholdingKind) -> None:
    order = scene.order("116")
    content = ReportContent(
        transfers=(scene.transfer("60"), scene.transfer("44")), orders=(order.pk,),
        withholdings=(WithholdingContent(kind_id=tax.pk, number="77-1", issued_on=scene.today, amount=Decimal(12)),),
    )  # fmt: skip
    ticket, _made = submit_report(
        merchant=scene.cast.merchant, customer=scene.cast.a, key=uuid.uuid4(), content=content, by=scene.cast.alice
    )
    tickets.claim(ticket_id=ticket.pk, by=scene.cast.carol)
    assert scene.verify(ticket, scene.line("60")).kind == "partly_settled"
    assert scene.paid_of(order) == 60
    lines = [scene.line("44")]
    second = scene.transfers(ticket)[1]
    from reconciliation.services import MatchChoice, verify_report

    choice = MatchChoice(transfer_id=second.pk, line_id=lines[0].pk)
    assert verify_report(ticket_id=ticket.pk, choices=[choice], by=scene.cast.carol).kind == "verified"
    assert scene.paid_of(order) == 116
    assert clean(scene)


def test_the_audit_misses_a_voucher_without_its_adjustment(scene: Scene, tax: WithholdingKind) -> None:
    ticket = scene.paid("100", scene.order("100"))[0]
    Withholding.objects.create(
        merchant=scene.cast.merchant, report=PaymentReport.objects.get(ticket=ticket), kind=tax, number="1", reference="1",
        issued_on=scene.today, amount=Decimal(5), currency="USD",
    )  # fmt: skip
    (found,) = audit_books(scene.cast.merchant)
    assert (found.check, ticket.number in found.text) == ("voucher_has_its_adjustment", True)


# Each check of the books about vouchers, shown a book that is wrong: see `test_audit_books`.
WRONGS = {
    "voucher_has_its_adjustment": ("UPDATE reconciliation_adjustment SET withholding_id = NULL",),
    "voucher_counted_once": ("UPDATE reconciliation_adjustment SET withholding_id = (SELECT min(id) FROM reports_withholding)",),
}


def test_what_was_corrupted_is_named(scene: Scene, tax: WithholdingKind) -> None:
    ticket = report(scene, "90", (tax, "6"), (tax, "4"), orders=[scene.order("100")])
    scene.verify(ticket, scene.line("90"))
    assert clean(scene)
    for check, statements in WRONGS.items():
        undo = transaction.savepoint()
        corrupt(*statements)
        assert check in {finding.check for finding in audit_books(scene.cast.merchant)}
        transaction.savepoint_rollback(undo)


# --- Surcharge -------------------------------------------------------------------------------


def test_a_surcharge_pays_no_order_and_the_books_name_it(scene: Scene) -> None:
    igtf(scene)
    order = scene.order("100")
    ticket, line = report(scene, "103", orders=[order]), scene.line("103")
    transfer = Transfer.objects.get()
    assert (transfer.amount, transfer.surcharge, transfer.value) == (103, 3, 100)
    assert scene.verify(ticket, line).kind == "verified"
    assert (scene.paid_of(order), scene.credit(), scene.balance(line).allocated) == (100, 0, 103)
    assert entries() == [("line", "order", 100), ("line", "surcharge", 3)]
    assert Adjustment.objects.get().note == "IGTF 3\u00a0%"
    assert clean(scene)
    scene.reverse(ticket)
    assert (scene.paid_of(order), scene.balance(line).allocated) == (0, 0)
    assert clean(scene)


def test_the_surcharge_of_a_part_is_its_share_and_that_of_another_deposit_too(scene: Scene) -> None:
    igtf(scene)
    order = scene.order("100")
    part = report(scene, "50", orders=[order])
    assert Transfer.objects.get().surcharge == Decimal("1.46")
    scene.verify(part, scene.line("50"))
    assert scene.paid_of(order) == Decimal("48.54")
    other = report(scene, "51.50", orders=[order])
    outcome = scene.verify(other, scene.line("41.20"))
    assert list(outcome.why_approval) == ["other_amount"]
    sign_approval(ticket_id=other.pk, by=scene.cast.dan)
    assert scene.paid_of(order) == Decimal("88.54")
    assert clean(scene)


def test_bolivars_with_surcharge_and_voucher_pay_the_dollars_exactly() -> None:
    scene = make_scene(rate="36.70")
    igtf(scene)
    kind, order = make_withholding_kind(scene.cast.merchant), scene.order("33.60")
    # 33.60 less 3.36 are 30.24 USD, 1,109.81 VES at 36.70; 3 % more.
    ticket = report(scene, "1143.10", (kind, "3.36"), orders=[order], account=scene.bolivars)
    transfer = Transfer.objects.get()
    assert (transfer.surcharge, transfer.value) == (Decimal("33.29"), Decimal("30.24"))
    assert scene.verify(ticket, scene.line("1143.10", account=scene.bolivars)).kind == "verified"
    assert (scene.paid_of(order), scene.credit()) == (Decimal("33.60"), 0)
    assert clean(scene)


# --- Never without a person ------------------------------------------------------------------


@pytest.mark.parametrize("what", ["voucher", "surcharge"])
def test_neither_is_settled_by_itself_or_in_bulk(scene: Scene, tax: WithholdingKind, what: str) -> None:
    if what == "surcharge":
        igtf(scene)
    order = scene.order("100")
    vouchers = [(tax, "3")] if what == "voucher" else []
    ticket = report(scene, "100", *vouchers, orders=[order], claim=False)
    (transfer,) = scene.transfers(ticket)
    line = scene.line("100", reference=transfer.reference_raw, booked_on=scene.today - dt.timedelta(days=1))
    run = propose_matches(merchant=scene.cast.merchant, by=scene.cast.ada)
    proposal = run.proposals.get(parts__line=line)
    assert not proposal.is_automatic
    assert "composed" in proposal.why_not
    made = scene.propose((transfer, line))
    outcome = accept_proposals(proposal_ids=[proposal.pk, made.pk], by=scene.cast.carol)
    assert {left.code for left in outcome.left} == {"composed"}
    assert (scene.state(ticket), scene.paid_of(order), outcome.accepted) == ("submitted", 0, [])
