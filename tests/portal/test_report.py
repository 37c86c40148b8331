"""Reporting a payment as a browser without JavaScript does it: form, check page, ticket number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orders.dates import today_at
from reports.models import PaymentReport, ReportDraft
from tests.cast import client_of
from tests.factories import make_bank, make_order, make_rate, mark_paid
from tests.portal.browsing import PageForm, form_named, send
from tests.portal.conftest import Scene
from tickets.models import Ticket

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60


@pytest.fixture
def alice(scene: Scene) -> Client:
    return client_of(scene.cast.alice)


def open_form(client: Client, scene: Scene, *orders: Any) -> tuple[Any, PageForm]:
    response = client.get(scene.cast.url("portal:report"), {"orders": [order.pk for order in orders]})
    assert response.status_code == 200
    return response, form_named(response, "report-form")


def good(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "t_0_reference": "0045 7755 7244 2",
        "t_0_origin_bank": make_bank(country="VE", code="9998").pk,
        "t_0_account": scene.usd.pk,
        **changes,
    }


def to_check(client: Client, scene: Scene, form: PageForm, **changes: Any) -> Any:
    response = send(client, scene.cast.url("portal:report"), form.data(**good(scene, **changes)))
    assert response.status_code == 302, response.content.decode()[:3000]
    return client.get(response["Location"])


def test_two_orders_are_reported_without_javascript(scene: Scene, alice: Client) -> None:
    one, other = make_order(scene.customer, "20.00", due_in=-3), make_order(scene.customer, "12.00")
    _page, form = open_form(alice, scene, one, other)
    assert form.values["t-0-amount"] == ["32,00"]
    page = to_check(alice, scene, form)
    assert page.status_code == 200
    assert "Enviar reporte de pago" in page.content.decode()
    sending = form_named(page, having="due-" + str(one.pk))
    response = send(alice, scene.cast.url("portal:report_check"), sending.data())
    ticket = Ticket.objects.get(customer=scene.customer)
    assert response["Location"].endswith(scene.cast.url("portal:report_sent", ticket.number))
    sent = alice.get(response["Location"]).content.decode()
    assert ticket.number in sent
    assert "Recibimos su reporte de pago" in sent
    amounts = {each.order_id: each.amount for each in ticket.report.allocations.all()}
    assert amounts == {one.pk: Decimal("20.00"), other.pk: Decimal("12.00")}


def test_a_second_click_gives_the_same_ticket(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    sending = form_named(to_check(alice, scene, form), having="key").data()
    first = send(alice, scene.cast.url("portal:report_check"), sending)
    second = send(alice, scene.cast.url("portal:report_check"), sending)
    assert first["Location"] == second["Location"]
    assert PaymentReport.objects.count() == 1


def test_the_back_button_after_sending_leads_to_the_ticket(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    page = to_check(alice, scene, form)
    sending = form_named(page, having="key").data()
    sent = send(alice, scene.cast.url("portal:report_check"), sending)["Location"]
    assert alice.get(scene.cast.url("portal:report_check"), {"draft": sending["key"]})["Location"] == sent
    assert alice.get(scene.cast.url("portal:report"), {"draft": sending["key"]})["Location"] == sent


def test_another_body_under_the_same_key_is_told_and_makes_nothing(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    sending = form_named(to_check(alice, scene, form), having="key").data()
    send(alice, scene.cast.url("portal:report_check"), sending)
    sending["t-0-amount"] = "11,00"
    response = send(alice, scene.cast.url("portal:report_check"), sending)
    assert response.status_code in {302, 409}
    assert PaymentReport.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("t_0_amount", "0"),
        ("t_0_amount", "-5"),
        ("t_0_amount", "1.2.34,5"),
        ("t_0_amount", ""),
        ("t_0_paid_on", "2999-01-01"),
        ("t_0_reference", ""),
        ("t_0_reference", "abc"),
        ("t_0_origin_bank", ""),
    ],
)
def test_bad_input_is_told_at_the_top_and_nothing_is_lost(scene: Scene, alice: Client, name: str, value: str) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    data = form.data(**good(scene, note="Pagué desde la oficina", **{name: value}))
    response = send(alice, scene.cast.url("portal:report"), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in text
    assert "Pagué desde la oficina" in text
    field = "-".join(name.split("_", 2))
    assert f'href="#id_{field}"' in text
    again = form_named(response, "report-form")
    if value:
        assert again.values[field] == [value]
    assert not PaymentReport.objects.exists()


def test_an_order_that_was_paid_meanwhile_is_a_conflict(scene: Scene, alice: Client) -> None:
    order = make_order(scene.customer)
    _page, form = open_form(alice, scene, order)
    sending = form_named(to_check(alice, scene, form), having="key").data()
    mark_paid(order)
    response = send(alice, scene.cast.url("portal:report_check"), sending)
    assert response.status_code == 409
    assert order.number in response.content.decode()
    assert not PaymentReport.objects.exists()


def test_an_order_that_changed_meanwhile_is_a_conflict(scene: Scene, alice: Client) -> None:
    order = make_order(scene.customer)
    _page, form = open_form(alice, scene, order)
    sending = form_named(to_check(alice, scene, form), having="key").data()
    mark_paid(order, "4.00")
    response = send(alice, scene.cast.url("portal:report_check"), sending)
    assert response.status_code == 409
    assert not PaymentReport.objects.exists()


def test_bolivares_are_offered_at_the_rate_of_the_payment_date(scene: Scene, alice: Client) -> None:
    today = today_at(scene.merchant)
    make_rate(scene.merchant, rate="36.50", date=today)
    make_rate(scene.merchant, rate="36.00", date=today - dt.timedelta(days=1))
    _page, form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    data = form.data(press=("act", "update"), t_0_account=scene.ves.pk, t_0_paid_on=today - dt.timedelta(days=1))
    again = form_named(send(alice, scene.cast.url("portal:report"), data), "report-form")
    assert again.values["t-0-amount"] == ["360,00"]
    page = to_check(alice, scene, again, t_0_account=scene.ves.pk)
    assert "360,00" in page.content.decode()


def test_an_amount_of_ones_own_is_never_overwritten(scene: Scene, alice: Client) -> None:
    one, other = make_order(scene.customer, "10.00"), make_order(scene.customer, "7.00")
    _page, form = open_form(alice, scene, one)
    data = form.data(press=("act", "update"), t_0_amount="15,00", orders=[one.pk, other.pk])
    again = form_named(send(alice, scene.cast.url("portal:report"), data), "report-form")
    assert again.values["t-0-amount"] == ["15,00"]
    assert again.values[f"allocation-{one.pk}"] == ["10,00"]
    assert again.values[f"allocation-{other.pk}"] == ["5,00"]


def test_shares_that_we_offered_follow_the_amount_and_typed_ones_stay(scene: Scene, alice: Client) -> None:
    one, other = make_order(scene.customer, "10.00", due_in=1), make_order(scene.customer, "7.00", due_in=2)
    _page, form = open_form(alice, scene, one, other)
    data = form.data(press=("act", "update"), t_0_amount="9,00", **{f"allocation_{other.pk}": "3,00"})
    again = form_named(send(alice, scene.cast.url("portal:report"), data), "report-form")
    assert again.values[f"allocation-{one.pk}"] == ["6,00"]
    assert again.values[f"allocation-{other.pk}"] == ["3,00"]


def test_over_payment_goes_to_the_balance_and_is_explained(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    page = to_check(alice, scene, form, t_0_amount="12,50")
    assert "Saldo a favor" in page.content.decode()
    send(alice, scene.cast.url("portal:report_check"), form_named(page, having="key").data())
    report = PaymentReport.objects.get()
    assert sum(each.amount for each in report.allocations.all()) == Decimal("10.00")


def test_a_payment_in_advance_needs_no_order(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene)
    page = to_check(alice, scene, form, t_0_amount="40")
    send(alice, scene.cast.url("portal:report_check"), form_named(page, having="key").data())
    assert not PaymentReport.objects.get().allocations.exists()


def test_another_transfer_is_added_and_removed_by_buttons(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    url = scene.cast.url("portal:report")
    two = form_named(send(alice, url, form.data(press=("act", "add_transfer"), **good(scene, t_0_amount="6,00"))), "report-form")
    assert {"t-0-amount", "t-1-amount"} <= two.names
    bank = make_bank(country="VE", code="9998").pk
    second = {"t_1_amount": "4,00", "t_1_reference": "998877", "t_1_account": scene.usd.pk, "t_1_origin_bank": bank}
    page = to_check(alice, scene, two, t_0_amount="6,00", **second)
    send(alice, scene.cast.url("portal:report_check"), form_named(page, having="key").data())
    assert [each.amount for each in PaymentReport.objects.get().transfers.order_by("position")] == [Decimal(6), Decimal(4)]
    one = form_named(send(alice, url, two.data(press=("act", "remove_transfer:1"))), "report-form")
    assert "t-1-amount" not in one.names


def test_shipping_is_added_by_its_button_and_the_wish_needs_an_address(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    url = scene.cast.url("portal:report")
    page = send(alice, url, form.data(press=("act", "add_shipping"), **good(scene)))
    added = form_named(page, "report-form")
    assert added.values["t-0-amount"] == ["15,00"]
    assert added.values["wants_paper"] == ["1"]
    refused = send(alice, url, added.data(**good(scene, address="", state="", city="", receiver_phone="")))
    assert refused.status_code == 422
    assert 'href="#id_address"' in refused.content.decode()
    address = {"address": "Av. Las Delicias, piso 3, 3-B", "state": "Aragua", "city": "Maracay", "receiver_phone": "0412-5550142"}
    check = to_check(alice, scene, added, **address)
    send(alice, scene.cast.url("portal:report_check"), form_named(check, having="key").data())
    assert PaymentReport.objects.get().shipping_wishes.count() == 1
    assert PaymentReport.objects.get().allocations.count() == 2


def test_of_a_shipping_that_is_paid_it_is_not_said_that_it_waits_to_be_paid(scene: Scene, alice: Client) -> None:
    make_order(scene.customer, "5.00", kind="shipping", paid="5.00")
    page, _form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    text = page.content.decode()
    assert ("está pagado y sin usar" in text, "Sale cuando" in text) == (True, False)


def test_the_wish_is_closed_without_a_right(scene: Scene, alice: Client) -> None:
    page, _form = open_form(alice, scene, make_order(scene.customer, "10.00"))
    box = page.content.decode().split('name="wants_paper"')[1].split(">")[0]
    assert "disabled" in box


def test_a_receipt_survives_an_error_elsewhere(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    files = {"t-0-receipt": SimpleUploadedFile("pago.png", PNG, "image/png")}
    data = form.data(**good(scene, t_0_amount="nada"))
    response = send(alice, scene.cast.url("portal:report"), data, files=files)
    assert response.status_code == 422
    assert "pago.png" in response.content.decode()
    page = to_check(alice, scene, form_named(response, "report-form"), t_0_amount="10,00")
    assert "pago.png" in page.content.decode()
    send(alice, scene.cast.url("portal:report_check"), form_named(page, having="key").data())
    assert PaymentReport.objects.get().receipts.count() == 1


def test_a_receipt_that_is_unticked_is_not_sent(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    files = {"t-0-receipt": SimpleUploadedFile("pago.png", PNG, "image/png")}
    response = send(alice, scene.cast.url("portal:report"), form.data(press=("act", "update"), **good(scene)), files=files)
    page = to_check(alice, scene, form_named(response, "report-form"), t_0_files=None)
    assert "pago.png" not in page.content.decode()


def test_a_file_that_is_no_picture_is_told_by_name(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    files = {"t-0-receipt": SimpleUploadedFile("pago.jpg", b"<html><script>alert(1)</script></html>", "image/jpeg")}
    response = send(alice, scene.cast.url("portal:report"), form.data(**good(scene)), files=files)
    assert response.status_code == 422
    assert "pago.jpg" in response.content.decode()
    assert not PaymentReport.objects.exists()


def test_an_old_payment_is_confirmed_on_the_check_page(scene: Scene, alice: Client) -> None:
    order = make_order(scene.customer)
    _page, form = open_form(alice, scene, order)
    long_ago = today_at(scene.merchant) - dt.timedelta(days=scene.merchant.report_age_warning_days + 5)
    page = to_check(alice, scene, form, t_0_paid_on=long_ago)
    sending = form_named(page, having="key")
    refused = send(alice, scene.cast.url("portal:report_check"), sending.data())
    assert refused.status_code == 422
    assert not PaymentReport.objects.exists()
    marks = page.content.decode().split('name="confirm" value="')[1:]
    ticks = [mark.split('"')[0] for mark in marks]
    send(alice, scene.cast.url("portal:report_check"), sending.data(confirm=ticks))
    assert PaymentReport.objects.count() == 1


def test_another_customers_order_is_not_there(scene: Scene, alice: Client) -> None:
    theirs = make_order(scene.cast.b)
    page, form = open_form(alice, scene, theirs)
    assert theirs.number not in page.content.decode()
    response = send(alice, scene.cast.url("portal:report"), form.data(orders=[theirs.pk], **good(scene, t_0_amount="10")))
    assert response.status_code == 422
    assert not PaymentReport.objects.exists()


def test_a_form_without_a_session_is_found_after_signing_in(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    stranger = Client()
    data = form.data(**good(scene, note="Desde el teléfono"))
    response = send(stranger, scene.cast.url("portal:report"), data)
    assert response.status_code == 302
    assert "login" in response["Location"]
    assert f"draft%3D{data['key']}" in response["Location"]
    page = alice.get(scene.cast.url("portal:report_check"), {"draft": data["key"]})
    assert "Desde el teléfono" in page.content.decode()
    assert not PaymentReport.objects.exists()


def test_a_check_page_without_a_session_is_found_after_signing_in(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    sending = form_named(to_check(alice, scene, form), having="key").data()
    ReportDraft.objects.all().delete()
    response = send(Client(), scene.cast.url("portal:report_check"), sending)
    assert response.status_code == 302
    assert not PaymentReport.objects.exists()
    page = alice.get(scene.cast.url("portal:report_check"), {"draft": sending["key"]})
    assert page.status_code == 200


def test_a_form_from_before_signing_in_again_is_kept_and_not_sent(scene: Scene) -> None:
    """Signing in gives a new CSRF token, so a form that lay open in another tab carries an old one."""
    client = client_of(scene.cast.alice, enforce_csrf_checks=True)
    _page, form = open_form(client, scene, make_order(scene.customer))
    data = form.data(**good(scene, note="De la otra pestaña"), csrfmiddlewaretoken="x" * 64)
    response = send(client, scene.cast.url("portal:report"), data)
    assert response.status_code == 302
    page = client.get(response["Location"])
    assert "De la otra pestaña" in page.content.decode()
    sending = form_named(page, having="t-0-reference").data(csrfmiddlewaretoken="y" * 64)
    assert send(client, scene.cast.url("portal:report_check"), sending).status_code == 302
    assert not PaymentReport.objects.exists()
    fresh = form_named(client.get(response["Location"]), having="t-0-reference").data()
    send(client, scene.cast.url("portal:report_check"), fresh)
    assert PaymentReport.objects.count() == 1


def test_a_forged_post_without_a_token_stores_nothing(scene: Scene) -> None:
    client = client_of(scene.cast.alice, enforce_csrf_checks=True)
    response = client.post(scene.cast.url("portal:report"), {"t-0-amount": "5", "orders": "1"})
    assert response.status_code == 403
    assert not ReportDraft.objects.exists()
    body = {"t-0-amount": "5", "key": "c0ffee00-0000-4000-8000-000000000000"}
    assert client.post(scene.cast.url("portal:report_check"), body).status_code == 403
    assert not PaymentReport.objects.exists()


def test_a_stranger_without_a_token_stores_nothing(scene: Scene) -> None:
    response = Client().post(scene.cast.url("portal:report"), {"t-0-amount": "5", "token": "nonsense"})
    assert response.status_code == 302
    assert not ReportDraft.objects.exists()


def test_a_draft_is_offered_again_and_can_be_discarded(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    send(alice, scene.cast.url("portal:report"), form.data(**good(scene)))
    page = alice.get(scene.cast.url("portal:report"))
    assert form.values["key"][0] in page.content.decode()
    recovered = alice.get(scene.cast.url("portal:report"), {"draft": form.values["key"][0]})
    assert "Recuperamos su borrador" in recovered.content.decode()
    alice.post(scene.cast.url("portal:report_discard"), {"key": form.values["key"][0]})
    assert not ReportDraft.objects.exists()


def test_a_draft_is_nobody_elses(scene: Scene, alice: Client) -> None:
    _page, form = open_form(alice, scene, make_order(scene.customer))
    send(alice, scene.cast.url("portal:report"), form.data(**good(scene)))
    bob = client_of(scene.cast.bob)
    response = bob.get(scene.cast.url("portal:report_check"), {"draft": form.values["key"][0]})
    assert response.status_code == 302
