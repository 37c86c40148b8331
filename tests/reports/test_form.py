"""The form itself: what it starts with, what its buttons do, what it counts, and that it reads its own fields alone."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from orders.dates import today_at
from reports.forms import RegisterForm, RejectForm, ReportForm
from reports.models import PaymentReport, Transfer
from tests.factories import make_account, make_method, make_order, make_rate
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, sentences, typed
from tickets.models import Ticket


def also(data: QueryDict, more: dict[str, Any]) -> None:
    """Set further names of what is posted."""
    for name, value in more.items():
        data[name] = str(value)


def test_it_starts_with_what_is_ticked_and_todays_date(scene: Scene) -> None:
    one, two = make_order(scene.customer, "1020.00"), make_order(scene.customer, "13.60")
    make_rate(scene.merchant, date=today_at(scene.merchant), rate="36.50")
    with translation.override("es"):
        form = ReportForm(customer=scene.customer, ticked=[one.pk, two.pk])
        transfer = form.transfers.forms[0]
        assert transfer["amount"].value() == "1.033,60"
        assert transfer["paid_on"].value() == today_at(scene.merchant)
        assert str(transfer["method"].value()) == str(scene.cast.transfer.pk)
        assert form.totals == {"USD": Decimal("1033.60"), "VES": Decimal("37726.40")}
        assert [each.is_ticked for each in form.order_choices] == [True, True]
        assert uuid.UUID(str(form["key"].value()))


def test_it_starts_with_the_method_used_last(scene: Scene) -> None:
    scene.report(make_order(scene.customer), transfer={"method_id": scene.cast.deposit.pk})
    form = ReportForm(customer=scene.customer)
    assert form.transfers.forms[0].method_now == scene.cast.deposit


def test_each_method_shows_its_fields(scene: Scene) -> None:
    asks = ["sender_name", "sender_email"]
    zelle = make_method(scene.merchant, "zelle", asks=asks, requires=asks[:1], position=9)
    make_account(scene.merchant, methods=[zelle])
    transfer = ReportForm(customer=scene.customer).transfers.forms[0]
    conditions = {each.bound.name: each for each in transfer.conditional}
    assert conditions["origin_bank"].shown_when == f"t-0-method={scene.cast.transfer.pk}"
    assert conditions["sender_name"].shown_when == f"t-0-method={zelle.pk}"
    assert (conditions["origin_bank"].is_shown, conditions["sender_name"].is_shown) == (True, False)
    assert (conditions["origin_bank"].is_optional, conditions["sender_email"].is_optional) == (False, True)


def test_buttons_add_and_remove_transfers_and_keep_what_was_typed(scene: Scene) -> None:
    data = typed(scene, make_order(scene.customer), t_0_amount="mil")
    data["add_transfer"] = "1"
    form = form_of(scene, data)
    form.skip_checks()
    assert [each.index for each in form.transfers.forms] == [0, 1]
    assert not form.errors
    assert form.transfers.forms[0]["amount"].value() == "mil"
    del data["add_transfer"]
    also(data, {"t-1-amount": "5", "t-2-amount": "7", "remove_transfer": "1"})
    form = form_of(scene, data)
    assert [each.index for each in form.transfers.forms] == [0, 2]


def test_a_further_transfer_left_blank_is_not_there(scene: Scene) -> None:
    data = typed(scene, make_order(scene.customer))
    also(data, {name.replace("t-0", "t-1"): value for name, value in data.items() if name.startswith("t-0")})
    also(data, {"t-1-amount": " ", "t-1-reference": ""})
    form = form_of(scene, data)
    assert form.is_valid(), sentences(form)
    assert len(form.content.transfers) == 1


def test_an_error_of_a_second_transfer_stands_at_its_field(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    data = typed(scene, order, t_0_amount="10,00")
    # The second is named t-2: the one between was removed.
    also(data, {name.replace("t-0", "t-2"): value for name, value in data.items() if name.startswith("t-0")})
    also(data, {"t-2-reference": "nada"})
    form = form_of(scene, data)
    assert not form.is_valid()
    assert list(sentences(form)) == ["t-2-reference"]


def test_two_equal_transfers_warn(scene: Scene) -> None:
    data = typed(scene, make_order(scene.customer, "20.00"), t_0_amount="10,00")
    also(data, {name.replace("t-0", "t-1"): value for name, value in data.items() if name.startswith("t-0")})
    form = form_of(scene, data)
    assert form.is_valid(), sentences(form)
    assert [(each.code, each.field) for each in form.warnings] == [("twin_transfers", "t-1-reference")]


@pytest.mark.parametrize(
    ("amount", "kind", "credit", "remaining"),
    [("33,60", "exact", "0", "0"), ("30,00", "partial", "0", "3.60"), ("40,00", "over", "6.40", "0")],
)
def test_it_says_what_the_payment_comes_to(scene: Scene, amount: str, kind: str, credit: str, remaining: str) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer, "33.60"), t_0_amount=amount))
    assert form.is_valid(), sentences(form)
    assert form.examined is not None
    assert (form.examined.kind, form.examined.credit, form.examined.remaining) == (kind, Decimal(credit), Decimal(remaining))
    assert form.examined.explanation


def test_it_is_examined_also_when_something_is_wrong(scene: Scene) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer, "33.60"), t_0_reference=""))
    assert not form.is_valid()
    assert form.examined is not None
    assert form.examined.kind == "exact"


def test_in_advance_is_said(scene: Scene) -> None:
    form = form_of(scene, typed(scene))
    assert form.is_valid(), sentences(form)
    assert [each.code for each in form.warnings] == ["advance"]


def test_the_check_page_carries_the_same_report(scene: Scene) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer)))
    assert form.is_valid()
    data = QueryDict(mutable=True)
    for name, value in form.hidden_pairs():
        data.appendlist(name, value)
    again = form_of(scene, data)
    assert again.is_valid(), sentences(again)
    assert again.content == form.content
    assert again.content.digest({}) == form.content.digest({})
    assert again.send_key == form.send_key


def test_t4_it_reads_its_own_fields_alone(scene: Scene) -> None:
    """Every column of the tables behind it is posted beside the form: none moves."""
    order = make_order(scene.customer, "20.00")
    data = typed(scene, order)
    for model in (PaymentReport, Transfer, Ticket):
        for field in model._meta.concrete_fields:
            for name in (field.attname, f"t-0-{field.attname}"):
                if name not in data:
                    data[name] = "999999"
    also(data, {"value": "999999", "rate": "0.001", "t-0-rate": "0.001", "t-0-value": "999999", "channel": "telephone"})
    form = form_of(scene, data)
    assert form.is_valid(), sentences(form)
    ticket, _made = scene.submit(form.content, key=form.send_key)
    report = PaymentReport.objects.get(ticket=ticket)
    assert (report.merchant, report.customer, report.channel, report.revision) == (scene.merchant, scene.customer, "portal", 1)
    assert ticket.state == "submitted"
    assert Transfer.objects.get(report=report).value == Decimal(20)


@pytest.mark.parametrize("rubbish", ["1e3", "\x00", "[]", "-1", "9" * 40, "٣"])
def test_t5_rubbish_in_any_field_is_a_sentence(scene: Scene, rubbish: str) -> None:
    names = [*form_of(scene, None).fields, *(f"t-0-{name}" for name in form_of(scene, None).transfers.forms[0].fields)]
    order = make_order(scene.customer)
    for name in names:
        data = typed(scene, order)
        data.setlist(name, [rubbish, rubbish])
        form = form_of(scene, data)
        form.is_valid()
        assert form.examined is not None


def test_staff_say_how_the_customer_told_them(scene: Scene) -> None:
    data = typed(scene, make_order(scene.customer))
    form = RegisterForm(data, MultiValueDict(), customer=scene.customer)
    assert not form.is_valid()
    assert list(sentences(form)) == ["channel"]
    data["channel"] = "portal"
    assert not RegisterForm(data, MultiValueDict(), customer=scene.customer).is_valid()
    data["channel"] = "whatsapp"
    assert RegisterForm(data, MultiValueDict(), customer=scene.customer).is_valid()


def test_a_rejection_has_a_reason_and_a_duplicate_its_twin(scene: Scene) -> None:
    twin = next(pk for pk, reason in RejectForm(merchant=scene.merchant).reasons.items() if reason.names_twin)
    assert list(RejectForm({}, merchant=scene.merchant).errors) == ["reason"]
    assert list(RejectForm({"reason": "1e3"}, merchant=scene.merchant).errors) == ["reason"]
    assert list(RejectForm({"reason": str(twin)}, merchant=scene.merchant).errors) == ["duplicate_of"]
    assert RejectForm({"reason": str(scene.reason().pk)}, merchant=scene.merchant).is_valid()


@pytest.mark.parametrize("count", [2, 30])
def test_the_form_costs_the_same_queries_for_any_number_of_orders(
    scene: Scene, count: int, django_assert_num_queries: Any
) -> None:
    orders = [make_order(scene.customer) for _ in range(count)]
    data = typed(scene, *orders[:2], t_0_paid_on=(today_at(scene.merchant) - dt.timedelta(days=2)).isoformat())
    scene.customer.merchant  # noqa: B018 - the request has it
    # Offer: accounts, their methods, methods, banks, masks; open orders, their tickets, method used last, rates; addresses.
    with django_assert_num_queries(12):
        form = ReportForm(customer=scene.customer, ticked=[orders[0].pk])
        _ = [each.share.value() for each in form.order_choices]
    # The same without method and rate, then orders as ticked, their tickets, own duplicates.
    with django_assert_num_queries(12):
        form = ReportForm(data, MultiValueDict(), customer=scene.customer)
        assert form.is_valid()
