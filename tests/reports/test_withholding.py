"""Withholding vouchers and surcharges on the form: what is refused, what counts, what survives a correction."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from accounts.errors import Refused
from banking.models import WithholdingKind
from orders.dates import today_at
from reports.content import WithholdingContent
from reports.forms import ReportForm
from reports.models import PaymentReport, Transfer, Withholding
from reports.selectors import report_of
from reports.services import answer_question, resubmit_report
from reports.surcharge import surcharge_within, with_surcharge
from tests.factories import make_order, make_withholding_kind
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, sentences, typed
from tickets.services import claim, reject


@pytest.fixture
def tax(scene: Scene) -> WithholdingKind:
    make_withholding_kind(scene.merchant, "islr")
    return make_withholding_kind(scene.merchant)


def written(scene: Scene, tax: WithholdingKind, **changes: Any) -> dict[str, Any]:
    """A good voucher of 12.00 as posted."""
    day = (today_at(scene.merchant) - dt.timedelta(days=2)).isoformat()
    return {"w_0_kind": tax.pk, "w_0_number": "2026-11-0042", "w_0_issued_on": day, "w_0_amount": "12,00", **changes}


def voucher(scene: Scene, tax: WithholdingKind, amount: str = "12", **kw: Any) -> WithholdingContent:
    kw.setdefault("number", "2026-11-0042")
    return WithholdingContent(kind_id=tax.pk, issued_on=today_at(scene.merchant), amount=Decimal(amount), **kw)


def test_transfer_and_voucher_together_pay_the_order(scene: Scene, tax: WithholdingKind) -> None:
    order = make_order(scene.customer, "116.00")
    form = form_of(scene, typed(scene, order, t_0_amount="104,00", **written(scene, tax)))
    assert form.is_valid(), sentences(form)
    assert form.examined is not None
    assert (form.examined.kind, form.examined.withheld, form.examined.value) == ("exact", 12, 116)
    ticket, _made = scene.submit(form.content)
    view = report_of(scene.cast.alice, ticket)
    (row,) = view.withholdings
    assert (row.kind, row.number, row.reference, row.amount, row.currency) == (tax, "2026-11-0042", "2026110042", 12, "USD")
    assert (view.value, view.current.paid, view.credit) == (116, 104, 0)
    assert view.allocations[0].amount == 116


def test_less_than_the_order_is_partial_and_more_is_credit(scene: Scene, tax: WithholdingKind) -> None:
    order = make_order(scene.customer, "116.00")
    for amount, kind in (("100,00", "partial"), ("110,00", "over")):
        form = form_of(scene, typed(scene, order, t_0_amount=amount, **written(scene, tax)))
        assert form.is_valid()
        assert form.examined is not None
        assert form.examined.kind == kind


TOMORROW = "tomorrow"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kind", "", "impuesto"), ("kind", "999999", "impuesto"), ("number", " ", "número"),
        ("number", "sin número", "comprobante"),
        ("number", "9" * 41, "largo"), ("issued_on", "", "fecha"), ("issued_on", "32/13/2026", "fecha"),
        ("issued_on", TOMORROW, "todavía no"), ("issued_on", "1026-01-01", "antigua"), ("amount", "", "monto"),
        ("amount", "-5", "signo menos"), ("amount", "0", "mayor que cero"), ("amount", "1,005.555", ""),
        ("amount", "doce", "cifras"), ("amount", "116,01", "116,01"), ("amount", "99999999999999", "demasiado"),
    ],
)  # fmt: skip
def test_a_bad_voucher_gets_a_sentence_and_sends_nothing(
    scene: Scene, tax: WithholdingKind, name: str, value: str, words: str
) -> None:
    order = make_order(scene.customer, "116.00")
    if value == TOMORROW:
        value = (today_at(scene.merchant) + dt.timedelta(days=1)).isoformat()
    with translation.override("es"):
        form = form_of(scene, typed(scene, order, **written(scene, tax, **{f"w_0_{name}": value})))
        assert not form.is_valid()
        said = sentences(form)
        assert list(said) == [f"w-0-{name}"], said
        assert len(said[f"w-0-{name}"]) == 1
        assert words in said[f"w-0-{name}"][0].lower()
    assert form.withholdings[0][name].value() == value


def test_a_blank_voucher_is_not_there_and_a_house_without_kinds_has_none(scene: Scene, tax: WithholdingKind) -> None:
    order = make_order(scene.customer)
    form = form_of(scene, typed(scene, order, w_0_kind=tax.pk, w_0_number="", w_0_amount="", w_0_issued_on=""))
    assert form.is_valid()
    assert form.content.withholdings == ()
    WithholdingKind.objects.update(is_active=False)
    form = form_of(scene, typed(scene, order, **written(scene, tax)))
    assert form.is_valid()
    assert (form.withholdings, form.content.withholdings) == ([], ())


def test_a_voucher_is_handed_in_once(scene: Scene, tax: WithholdingKind) -> None:
    one, other = make_order(scene.customer, "20.00"), make_order(scene.customer, "20.00")
    first = scene.report(one, amount="8", withholdings=(voucher(scene, tax),))
    form = form_of(scene, typed(scene, other, t_0_amount="8", **written(scene, tax, w_0_number="2026 11 0042")))
    assert not form.is_valid()
    assert first.number in sentences(form)["w-0-number"][0]
    with pytest.raises(Refused) as refused:
        scene.submit(scene.content(other, amount="8", withholdings=(voucher(scene, tax),)))
    assert refused.value.code == "voucher_used"
    twice = (voucher(scene, tax, "1", number="7-1"), voucher(scene, tax, "1", number="71"))
    with pytest.raises(Refused) as refused:
        scene.submit(scene.content(other, amount="8", withholdings=twice))
    assert refused.value.code == "voucher_twice"
    assert PaymentReport.objects.count() == 1


def test_a_voucher_without_orders_pays_nothing(scene: Scene, tax: WithholdingKind) -> None:
    with pytest.raises(Refused) as refused:
        scene.submit(scene.content(amount="8", withholdings=(voucher(scene, tax),)))
    assert refused.value.code == "voucher_no_order"


def test_the_digest_counts_vouchers(scene: Scene, tax: WithholdingKind) -> None:
    order, key = make_order(scene.customer, "20.00"), uuid.uuid4()
    content = scene.content(order, amount="8", withholdings=(voucher(scene, tax),))
    ticket, made = scene.submit(content, key=key)
    assert (made, scene.submit(content, key=key)) == (True, (ticket, False))
    other = replace(content, withholdings=(voucher(scene, tax, "11"),))
    with pytest.raises(Refused) as refused:
        scene.submit(other, key=key)
    assert refused.value.code == "key_reused"
    assert Withholding.objects.count() == 1


def test_a_correction_keeps_the_row_that_says_the_same_and_ends_the_other(scene: Scene, tax: WithholdingKind) -> None:
    order = make_order(scene.customer, "20.00")
    ticket = scene.report(order, amount="6", withholdings=(voucher(scene, tax), voucher(scene, tax, "2", number="9-9")))
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    reject(ticket_id=ticket.pk, reason_id=scene.reason("withholding_missing").pk, by=scene.cast.carol)
    present = report_of(scene.cast.alice, ticket).content()
    kept, wrong = present.withholdings
    resubmit_report(
        ticket_id=ticket.pk, by=scene.cast.alice, content=replace(present, withholdings=(kept, replace(wrong, amount=Decimal(1))))
    )
    rows = [(row.amount, row.since_revision, row.until_revision) for row in Withholding.objects.order_by("pk")]
    assert rows == [(12, 1, None), (2, 1, 2), (1, 2, None)]
    view = report_of(scene.cast.alice, ticket)
    assert (view.value, view.allocations[0].amount, view.older[0].value) == (19, 19, 20)


def test_staff_ask_for_the_voucher_that_is_missing(scene: Scene, tax: WithholdingKind) -> None:
    order = make_order(scene.customer, "20.00")
    ticket = scene.ask(scene.report(order, amount="8"), "withholding")
    present = report_of(scene.cast.alice, ticket).content()
    answered = replace(present, withholdings=(voucher(scene, tax),))
    assert answer_question(ticket_id=ticket.pk, content=answered, by=scene.cast.alice).state == "in_review"
    view = report_of(scene.cast.alice, ticket)
    assert (view.value, view.allocations[0].amount, len(view.withholdings)) == (20, 20, 1)


def test_what_was_not_asked_stays_closed(scene: Scene, tax: WithholdingKind) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer, "20.00"), amount="8"), "reference")
    present = report_of(scene.cast.alice, ticket).content()
    with pytest.raises(Refused) as refused:
        answer_question(ticket_id=ticket.pk, content=replace(present, withholdings=(voucher(scene, tax),)), by=scene.cast.alice)
    assert refused.value.code == "not_asked"
    assert not Withholding.objects.exists()


# --- Surcharge -------------------------------------------------------------------------------


@pytest.mark.parametrize("per_cent", ["3", "0.01", "7.25", "30"])
def test_what_was_added_is_what_is_taken_out(per_cent: str) -> None:
    rate = Decimal(per_cent)
    for cents in range(1, 3000, 7):
        net = Decimal(cents) / 100
        whole = with_surcharge(net, rate, "USD")
        assert whole - surcharge_within(whole, rate, "USD") == net


def test_the_form_offers_the_sum_with_the_surcharge_and_the_order_gets_its_own(scene: Scene) -> None:
    method = scene.cast.transfer
    method.surcharge_per_cent, method.surcharge_name_es, method.surcharge_name_en = Decimal(3), "IGTF", "IGTF"
    method.save()
    order = make_order(scene.customer, "100.00")
    begun = ReportForm(customer=scene.customer, ticked=[order.pk])
    assert begun.transfers.forms[0]["amount"].value() in ("103,00", "103.00")
    form = form_of(scene, typed(scene, order, t_0_amount="103"))
    assert form.is_valid(), sentences(form)
    assert form.examined is not None
    assert (form.examined.kind, form.examined.value) == ("exact", 100)
    scene.submit(form.content)
    row = Transfer.objects.get()
    assert (row.amount, row.surcharge, row.surcharge_per_cent, row.value) == (103, 3, 3, 100)
    assert row.surcharge_label == "IGTF 3\u00a0%"
