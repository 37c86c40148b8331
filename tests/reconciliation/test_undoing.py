"""Taking a file of the bank back: what stood before stands again, and what carried money stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.errors import Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import DepositOffer, LineBalance, LineConfirmation, Proposal, StatementLine
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_imports import MONDAY, bring, lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_undo_restores_what_stood_before(scene: Scene) -> None:
    hand = scene.line("10", reference="123456", booked_on=MONDAY)
    bring(scene, [(MONDAY, "5.00", "9", "X")])
    before = lines()
    rows = [
        (MONDAY, "5.00", "9", "X"),
        (MONDAY, "10.00", "123456", "PAGO"),
        (MONDAY, "7.00", "8", "Y"),
        (MONDAY, "abc", "8", "Z"),
    ]
    made = bring(scene, rows)
    assert (made.lines_new, made.lines_known, made.lines_confirming, made.lines_rejected) == (1, 2, 1, 1)
    services.correct_rejected(
        rejected_id=made.rejected_lines.get().pk, booked_on=MONDAY, amount=Decimal(3), texts={"text": "Z"}, by=scene.cast.carol
    )
    services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
    assert lines() == before
    assert not hasattr(StatementLine.objects.get(pk=hand.pk), "confirmation")
    assert LineBalance.objects.count() == StatementLine.objects.count()
    with pytest.raises(Stale):
        services.undo_import(import_id=made.pk, reason="Otra vez", by=scene.cast.carol)
    again = bring(scene, rows)
    assert (again.lines_new, again.lines_known, again.lines_rejected) == (1, 2, 1)
    assert list(audit_books(scene.cast.merchant)) == []


def test_undoing_takes_the_question_about_a_deposit_back(scene: Scene) -> None:
    made = bring(scene, [(MONDAY, "10.00", "123456", "DEPOSITO")])
    line = StatementLine.objects.get()
    services.offer_deposit(line_id=line.pk, customer_id=scene.cast.a.pk, by=scene.cast.carol)
    services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
    offer = DepositOffer.objects.get()
    assert (offer.state, offer.why, offer.line) == ("withdrawn", "undone", None)
    assert not StatementLine.objects.exists()


def test_a_corrected_row_that_a_later_file_holds_keeps_its_file(scene: Scene) -> None:
    first = bring(scene, [(MONDAY, "10.00", "1", "X"), (MONDAY, "abc", "123456", "PAGO")])
    services.correct_rejected(
        rejected_id=first.rejected_lines.get().pk,
        booked_on=MONDAY,
        amount=Decimal(7),
        texts={"reference": "123456", "text": "PAGO"},
        by=scene.cast.carol,
    )
    later = bring(scene, [(MONDAY, "7.00", "123456", "PAGO")])
    assert later.lines_confirming == 1
    with pytest.raises(Refused) as refused:
        services.undo_import(import_id=first.pk, reason="Otra cuenta", by=scene.cast.carol)
    assert refused.value.code == "line_confirmed"
    assert StatementLine.objects.count() == 2
    services.undo_import(import_id=later.pk, reason="Otra cuenta", by=scene.cast.carol)
    services.undo_import(import_id=first.pk, reason="Otra cuenta", by=scene.cast.carol)
    assert not StatementLine.objects.exists()


def test_a_file_that_confirmed_a_settled_line_is_not_undone(scene: Scene) -> None:
    """Whoever typed a deposit could have a file of their own confirm it, settle it alone, and take the file away again."""
    typed = services.enter_line(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, booked_on=scene.today, amount=Decimal(100),
        reference="45775572", reason="Falta en el extracto", by=scene.cast.carol,
    )  # fmt: skip
    made = bring(scene, [(scene.today, "100.00", "45775572", "DEPOSITO")])
    assert made.lines_confirming == 1
    assert scene.verify(scene.report("100", orders=[scene.order("100")], reference="45775572"), typed).kind == "verified"
    with pytest.raises(Refused) as refused:
        services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
    assert refused.value.code == "line_used"
    typed.refresh_from_db()
    assert typed.confirmation.statement_import == made


def test_a_file_that_confirmed_a_line_of_a_closed_month_is_not_undone(scene: Scene) -> None:
    last_month = scene.today.replace(day=1) - dt.timedelta(days=1)
    services.enter_line(
        merchant=scene.cast.merchant, account_id=scene.cast.account.pk, booked_on=last_month, amount=Decimal(100),
        reference="45775572", reason="Falta en el extracto", by=scene.cast.carol,
    )  # fmt: skip
    made = bring(scene, [(last_month, "100.00", "45775572", "DEPOSITO")])
    assert made.lines_confirming == 1
    services.close_period(month=last_month.replace(day=1), by=scene.cast.dan)
    with pytest.raises(Refused) as refused:
        services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
    assert refused.value.code == "period_closed"
    assert LineConfirmation.objects.get().statement_import == made


def test_a_dismissed_proposal_whose_movement_is_gone_does_not_come_back_empty(scene: Scene) -> None:
    made = bring(scene, [(scene.today, "100.00", "45775572", "DEPOSITO")])
    scene.report("100", reference="45775572", claim=False)
    services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.carol)
    proposal = Proposal.objects.get()
    services.dismiss_proposals(proposal_ids=[proposal.pk], by=scene.cast.carol)
    services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.carol)
    with pytest.raises(Stale):
        services.restore_proposal(proposal_id=proposal.pk, by=scene.cast.carol)
    proposal.refresh_from_db()
    assert proposal.state == "dismissed"
