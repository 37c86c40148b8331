"""Corrections: an answer changes what was asked alone, a rejected report is sent again, older revisions stay readable."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils.datastructures import MultiValueDict

from accounts.errors import Refused, Stale
from orders.dates import today_at
from reports.drafts import correction_key
from reports.forms import AnswerForm, ReportForm
from reports.models import PaymentReport, ReportDraft, ReportRevision, Transfer
from reports.selectors import report_of
from reports.services import answer_question, reject_report, resubmit_report, save_draft, withdraw_report
from tests.cast import make_cast
from tests.factories import make_order, make_rate, make_transfer_content, mark_paid
from tests.files import hostile
from tests.files.makers import make_file
from tests.reports.conftest import Scene
from tests.reports.makers import sentences, typed
from tickets.models import State, Ticket, TicketEvent
from tickets.services import claim


def changed(scene: Scene, ticket: Ticket, **changes: Any) -> Any:
    """The present content with changes of the report, or of its first transfer (`transfer={…}`)."""
    content = report_of(scene.cast.alice, ticket).content()
    said = changes.pop("transfer", None)
    if said:
        content = replace(content, transfers=(replace(content.transfers[0], **said), *content.transfers[1:]))
    return replace(content, **changes)


def reject(scene: Scene, ticket: Ticket) -> None:
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    reject_report(ticket_id=ticket.pk, reason_id=scene.reason().pk, by=scene.cast.carol)


def test_an_answer_makes_a_revision_and_the_old_one_stays(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer), transfer={"reference_raw": "111222"})
    scene.ask(ticket, "reference")
    content = changed(scene, ticket, transfer={"reference_raw": "0045 7755"})
    after = answer_question(ticket_id=ticket.pk, content=content, note="Aquí está.", by=scene.cast.alice)
    assert after.state == State.IN_REVIEW
    view = report_of(scene.cast.alice, ticket)
    assert view.current.number == 2
    assert view.current.revision.cause == ReportRevision.Cause.ANSWERED
    assert view.transfers[0].reference == "457755"
    assert [each.reference for each in view.older[0].transfers] == ["111222"]
    assert view.allocations == view.older[0].allocations


def test_a_transfer_that_did_not_change_keeps_its_row(scene: Scene) -> None:
    order = make_order(scene.customer, "30.00")
    content = scene.content(order, amount="10.00")
    second = make_transfer_content(scene.usd, "20.00")
    ticket, _made = scene.submit(replace(content, transfers=(content.transfers[0], second)))
    rows = report_of(scene.cast.alice, ticket).transfers
    scene.ask(ticket, "reference")
    present = report_of(scene.cast.alice, ticket).content()
    corrected = replace(present, transfers=(present.transfers[0], replace(second, reference_raw="998877")))
    answer_question(ticket_id=ticket.pk, content=corrected, by=scene.cast.alice)
    now = report_of(scene.cast.alice, ticket).transfers
    assert now[0] == rows[0]
    assert now[1] != rows[1]
    assert Transfer.objects.get(pk=rows[1].pk).until_revision == 2


def test_a_kept_transfer_keeps_its_rate_and_worth(scene: Scene) -> None:
    rate = make_rate(scene.merchant, date=today_at(scene.merchant) - dt.timedelta(days=1), rate="36.74")
    order = make_order(scene.customer, "33.60")
    ticket = scene.report(order, account=scene.ves, amount="1234.46")
    make_rate(scene.merchant, date=rate.date, rate="40")
    scene.ask(ticket, "payer")
    answer_question(ticket_id=ticket.pk, content=changed(scene, ticket, payer_name="Sol, C.A."), by=scene.cast.alice)
    view = report_of(scene.cast.alice, ticket)
    assert view.current.payer_name == "Sol, C.A."
    assert (view.transfers[0].rate, view.value) == (Decimal("36.74"), Decimal("33.60"))


def test_another_amount_is_shared_out_anew(scene: Scene) -> None:
    late, soon = make_order(scene.customer, "20.00", due_in=-5), make_order(scene.customer, "13.60")
    ticket = scene.report(late, soon)
    scene.ask(ticket, "amount")
    content = changed(scene, ticket, transfer={"amount": Decimal("25.00")})
    answer_question(ticket_id=ticket.pk, content=content, by=scene.cast.alice)
    view = report_of(scene.cast.alice, ticket)
    assert {each.order: each.amount for each in view.allocations} == {late: Decimal(20), soon: Decimal(5)}
    assert {each.order: each.amount for each in view.older[0].allocations} == {late: Decimal(20), soon: Decimal("13.60")}


def test_the_customers_split_survives_an_answer_about_something_else(scene: Scene) -> None:
    late, soon = make_order(scene.customer, "20.00", due_in=-5), make_order(scene.customer, "13.60")
    ticket = scene.report(late, soon, amount="15.00", allocations={soon.pk: Decimal("13.60")})
    scene.ask(ticket, "reference")
    content = changed(scene, ticket, transfer={"reference_raw": "998877"})
    answer_question(ticket_id=ticket.pk, content=content, by=scene.cast.alice)
    view = report_of(scene.cast.alice, ticket)
    assert {each.order: each.amount for each in view.allocations} == {late: Decimal("1.40"), soon: Decimal("13.60")}


@pytest.mark.parametrize(
    "changes",
    [
        {"transfer": {"amount": Decimal("99.00")}},
        {"transfer": {"paid_on": dt.date(2026, 1, 1)}},
        {"payer_name": "Otro"},
        {"orders": ()},
        {"note": "x"},
        {"transfers": ()},
        {"allocations": {}},
    ],
)  # fmt: skip
def test_what_was_not_asked_stays(scene: Scene, changes: dict[str, Any]) -> None:
    ticket = scene.report(make_order(scene.customer))
    scene.ask(ticket, "reference")
    events = TicketEvent.objects.count()
    with pytest.raises(Refused) as refused:
        answer_question(ticket_id=ticket.pk, content=changed(scene, ticket, **changes), by=scene.cast.alice)
    assert refused.value.code == "not_asked"
    assert ReportRevision.objects.count() == 1
    assert TicketEvent.objects.count() == events


def test_an_answer_says_something(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    scene.ask(ticket, "reference")
    same = changed(scene, ticket)
    with pytest.raises(Refused) as refused:
        answer_question(ticket_id=ticket.pk, content=same, by=scene.cast.alice)
    assert refused.value.code == "nothing_changed"
    answer_question(ticket_id=ticket.pk, content=same, note="Es correcta.", by=scene.cast.alice)
    assert ReportRevision.objects.count() == 1


def test_an_answer_is_checked_like_a_report(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    scene.ask(ticket, "paid_on")
    content = changed(scene, ticket, transfer={"paid_on": today_at(scene.merchant) + dt.timedelta(days=1)})
    with pytest.raises(Refused) as refused:
        answer_question(ticket_id=ticket.pk, content=content, by=scene.cast.alice)
    assert refused.value.code == "date_in_future"
    assert ReportRevision.objects.count() == 1


def test_an_order_that_was_paid_meanwhile_does_not_stop_an_answer(scene: Scene) -> None:
    order = make_order(scene.customer)
    ticket = scene.report(order)
    scene.ask(ticket, "amount")
    mark_paid(order)
    answer_question(
        ticket_id=ticket.pk, content=changed(scene, ticket, transfer={"amount": Decimal("12.00")}), by=scene.cast.alice
    )
    view = report_of(scene.cast.alice, ticket)
    assert (view.allocations[0].amount, view.credit) == (Decimal(0), Decimal(12))


def test_an_answer_outside_its_state_says_so(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    with pytest.raises(Stale) as refused:
        answer_question(ticket_id=ticket.pk, content=changed(scene, ticket), by=scene.cast.alice)
    assert refused.value.code == "wrong_state"
    with pytest.raises(Stale):
        resubmit_report(ticket_id=ticket.pk, content=changed(scene, ticket), by=scene.cast.alice)


def test_nobody_corrects_for_somebody_else(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    content = changed(scene, ticket)
    for stranger in (scene.cast.bob, make_cast().alice):
        with pytest.raises(Http404):
            answer_question(ticket_id=ticket.pk, content=content, note="x", by=stranger)
        with pytest.raises(Http404):
            withdraw_report(ticket_id=ticket.pk, by=stranger)
    ticket.refresh_from_db()
    assert ticket.state == State.SUBMITTED


def test_the_answer_form_shows_what_was_asked_and_nothing_else(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer), transfer={"reference_raw": "111222"})
    ticket = scene.ask(ticket, "reference", "receipt")
    view = report_of(scene.cast.alice, ticket)
    form = AnswerForm(view=view)
    assert sorted(form.fields) == ["answer_note", "key"]
    assert sorted(form.transfers.forms[0].fields) == ["files", "receipt", "reference"]
    assert form.order_choices == []
    # Mass assignment: what is posted beyond that is not read.
    data = typed(scene, t_0_reference="998877", t_0_amount="1,00", orders=["1"], note="x", payer_name="Otro", payer_other="on")
    files = MultiValueDict({"t-0-receipt": [SimpleUploadedFile("foto.jpg", hostile.jpeg(), content_type="image/jpeg")]})
    form = AnswerForm(data, files, view=view)
    assert form.is_valid(), sentences(form)
    key = correction_key(view.report)
    form.attach(save_draft(customer=scene.customer, key=key, data=dict(data.lists()), uploads=form.uploads, by=scene.cast.alice))
    answer_question(ticket_id=ticket.pk, content=form.content, by=scene.cast.alice)
    now = report_of(scene.cast.alice, ticket)
    assert now.transfers[0].reference == "998877"
    assert now.transfers[0].amount == view.transfers[0].amount
    assert [receipt.file.original_name for receipt in now.receipts] == ["foto.jpg"]
    assert now.older[0].receipts == {}
    assert not ReportDraft.objects.exists()


def test_a_question_about_the_method_opens_what_depends_on_it(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "method")
    form = AnswerForm(view=report_of(scene.cast.alice, ticket))
    assert {"method", "account", "reference", "origin_bank"} <= set(form.transfers.forms[0].fields)
    assert "amount" not in form.transfers.forms[0].fields


def test_a_rejected_report_is_corrected_and_sent_again(scene: Scene) -> None:
    one, two = make_order(scene.customer, "20.00"), make_order(scene.customer, "13.60")
    file = make_file(customer=scene.customer)
    ticket = scene.report(one, transfer={"file_keys": (file.key,), "reference_raw": "111222"})
    reject(scene, ticket)
    view = report_of(scene.cast.alice, ticket)
    form = ReportForm(customer=scene.customer, view=view)
    assert form.ticked == {one.pk}
    assert form.transfers.forms[0]["reference"].value() == "111222"
    data = typed(scene, one, two, t_0_reference="998877", t_0_amount="33,60")
    form = ReportForm(data, MultiValueDict(), customer=scene.customer, view=view)
    assert form.is_valid(), sentences(form)
    after = resubmit_report(ticket_id=ticket.pk, content=form.content, by=scene.cast.alice)
    assert after.state == State.SUBMITTED
    now = report_of(scene.cast.alice, ticket)
    assert now.current.revision.cause == ReportRevision.Cause.RESUBMITTED
    assert {each.order: each.amount for each in now.allocations} == {one: Decimal(20), two: Decimal("13.60")}
    assert [receipt.file for receipt in now.receipts] == [file]
    assert PaymentReport.objects.count() == 1


def test_a_receipt_taken_out_stays_in_the_older_revision(scene: Scene) -> None:
    old, new = make_file(customer=scene.customer), make_file(customer=scene.customer)
    ticket = scene.report(make_order(scene.customer), transfer={"file_keys": (old.key,)})
    reject(scene, ticket)
    resubmit_report(ticket_id=ticket.pk, content=changed(scene, ticket, transfer={"file_keys": (new.key,)}), by=scene.cast.alice)
    view = report_of(scene.cast.alice, ticket)
    assert [receipt.file for receipt in view.receipts] == [new]
    assert [receipt.file for receipt in view.older[0].receipts[1]] == [old]


def test_a_rejected_report_cannot_cover_an_order_that_is_paid_by_now(scene: Scene) -> None:
    order = make_order(scene.customer)
    ticket = scene.report(order)
    reject(scene, ticket)
    mark_paid(order)
    with pytest.raises(Stale) as refused:
        resubmit_report(ticket_id=ticket.pk, content=changed(scene, ticket), by=scene.cast.alice)
    assert refused.value.code == "order_paid"
    assert ReportRevision.objects.count() == 1
    resubmit_report(ticket_id=ticket.pk, content=changed(scene, ticket, orders=()), by=scene.cast.alice)
    assert report_of(scene.cast.alice, ticket).credit == Decimal(10)


def test_a_file_is_the_receipt_of_one_report(scene: Scene) -> None:
    file = make_file(customer=scene.customer)
    scene.report(make_order(scene.customer), transfer={"file_keys": (file.key,)})
    strangers = make_file(customer=scene.cast.b)
    for key, code in ((file.key, "file_used"), (strangers.key, "file_unknown"), (uuid.uuid4(), "file_unknown")):
        with pytest.raises(Refused) as refused:
            scene.report(make_order(scene.customer), transfer={"file_keys": (key,)})
        assert (refused.value.code, refused.value.fields) == (code, ("t-0-receipt",))
    assert PaymentReport.objects.count() == 1
