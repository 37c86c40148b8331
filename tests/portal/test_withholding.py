"""A withholding voucher on the customer's form without JavaScript; what a surcharge comes to before sending."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orders.dates import today_at
from reports.models import Receipt, Withholding
from tests.cast import client_of
from tests.factories import make_order, make_withholding_kind
from tests.portal.browsing import form_named, send
from tests.portal.conftest import Scene
from tests.portal.test_report import PNG, good, open_form, to_check
from tickets.models import Ticket


@pytest.fixture
def alice(scene: Scene) -> Client:
    return client_of(scene.cast.alice)


def test_a_voucher_with_its_picture_is_reported_without_javascript(scene: Scene, alice: Client) -> None:
    tax, order = make_withholding_kind(scene.merchant), make_order(scene.customer, "116.00")
    page, form = open_form(alice, scene, order)
    assert "Tengo comprobante de retención" in page.content.decode()
    assert f"En {order.currency}, como las órdenes." in page.content.decode()
    day = (today_at(scene.merchant) - dt.timedelta(days=3)).isoformat()
    typed = {"w_0_kind": tax.pk, "w_0_number": "2026-0001", "w_0_issued_on": day, "w_0_amount": "12,00", "t_0_amount": "104,00"}
    bad = form.data(**good(scene, **{**typed, "w_0_number": ""}))
    refused = alice.post(
        scene.cast.url("portal:report"), {**dict(bad.lists()), "w-0-receipt": SimpleUploadedFile("voucher.png", PNG)}
    )
    assert refused.status_code == 422
    again = form_named(refused, "report-form")
    assert again.values["w-0-amount"] == ["12,00"]
    assert len(again.values["w-0-files"]) == 1
    check = to_check(alice, scene, again, **{**typed, "w_0_files": again.values["w-0-files"]})
    text = check.content.decode()
    assert "Retención de IVA" in text
    assert "2026-0001" in text
    sent = send(alice, scene.cast.url("portal:report_check"), form_named(check, having=f"due-{order.pk}").data())
    ticket = Ticket.objects.get(customer=scene.customer)
    assert "Retención de IVA 2026-0001" in alice.get(sent["Location"]).content.decode()
    assert Withholding.objects.get().amount == 12
    assert Receipt.objects.get().position == 101
    page = alice.get(scene.cast.url("portal:ticket", ticket.number)).content.decode()
    assert "2026-0001" in page
    assert "voucher.png" in page


def test_another_voucher_is_added_and_taken_away_by_buttons(scene: Scene, alice: Client) -> None:
    tax = make_withholding_kind(scene.merchant)
    _page, form = open_form(alice, scene, make_order(scene.customer, "116.00"))
    posted = form.data(press=("act", "add_withholding"), **good(scene, w_0_kind=tax.pk, w_0_number="1"))
    two = form_named(send(alice, scene.cast.url("portal:report"), posted), "report-form")
    assert "w-1-number" in two.values
    one = send(alice, scene.cast.url("portal:report"), two.data(press=("act", "remove_withholding:0")))
    assert "w-0-number" not in form_named(one, "report-form").values


def test_what_is_withheld_lowers_the_amount_that_is_offered(scene: Scene, alice: Client) -> None:
    tax = make_withholding_kind(scene.merchant)
    _page, form = open_form(alice, scene, make_order(scene.customer, "116.00"))
    posted = form.data(w_0_kind=tax.pk, w_0_number="1", w_0_amount="12,00")
    said = alice.post(scene.cast.url("portal:report_live"), posted.dict()).json()
    assert said["values"]["t-0-amount"] == "104,00"
    assert all(word in said["parts"]["withheld-live"] for word in ("USD\u00a012,00", "retenidos", "Exacto"))


def test_a_surcharge_is_said_before_sending_and_stands_on_the_check_page(scene: Scene, alice: Client) -> None:
    method = scene.cast.transfer
    method.surcharge_per_cent, method.surcharge_name_es = Decimal(3), "IGTF"
    method.save()
    page, form = open_form(alice, scene, make_order(scene.customer, "100.00"))
    assert form.values["t-0-amount"] == ["103,00"]
    text = page.content.decode().replace("\u00a0", " ")
    assert "IGTF 3 %: " in text
    assert "total a transferir" in text
    check = to_check(alice, scene, form).content.decode().replace("\u00a0", " ")
    assert "IGTF 3 %" in check
    assert "no paga ninguna orden" in check


def test_a_house_without_kinds_shows_nothing_of_it(scene: Scene, alice: Client) -> None:
    page, _form = open_form(alice, scene, make_order(scene.customer))
    assert "retención" not in page.content.decode()
