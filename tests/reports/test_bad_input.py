"""Every bad input gets one clear sentence at its field, in both languages, and nothing is written or lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from accounts.errors import Refused, Stale
from orders.dates import today_at
from orders.services import void_order
from reports.models import PaymentReport
from tests.cast import make_cast
from tests.factories import make_account, make_method, make_order, make_rate, mark_paid
from tests.files import hostile
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, sentences, typed
from tickets.models import Ticket

AMOUNTS = {
    "0": "zero",
    "0,00": "zero",
    "-5": "negative",
    "−5,00": "negative",
    "abc": "unreadable",
    "1.2.3,4": "unreadable",
    "1e3": "unreadable",
    "NaN": "unreadable",
    "٣": "unreadable",
    "9999999999999": "too_large",
    "10,0055": "too_fine",
    "": "required",
}


def nothing_written() -> bool:
    return not PaymentReport.objects.exists() and not Ticket.objects.exists()


@pytest.mark.parametrize(("text", "code"), AMOUNTS.items())
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_bad_amount(scene: Scene, text: str, code: str, language: str) -> None:
    with translation.override(language):
        form = form_of(scene, typed(scene, make_order(scene.customer), t_0_amount=text))
        assert not form.is_valid()
        transfer = form.transfers.forms[0]
        assert [error.code for error in transfer.errors.as_data()["amount"]] == [code]
        assert list(sentences(form)) == ["t-0-amount"]
        assert transfer["amount"].value() == text


@pytest.mark.parametrize("text", ["1.234,50", "1,234.50", "1234,5", "USD 1 234,50"])
def test_an_amount_with_either_decimal_sign(scene: Scene, text: str) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_amount=text))
    assert form.is_valid(), sentences(form)
    assert form.content.transfers[0].amount == Decimal("1234.50")


@pytest.mark.parametrize("text", ["", "31/02/2026", "11/24/2026", "ayer", "2026-13-01", "0000-00-00", "1e3"])
def test_an_unreadable_date(scene: Scene, text: str) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_paid_on=text))
    assert not form.is_valid()
    assert list(sentences(form)) == ["t-0-paid_on"]
    assert form.transfers.forms[0]["paid_on"].value() == text


def test_a_date_is_read_day_first(scene: Scene) -> None:
    day = today_at(scene.merchant) - dt.timedelta(days=3)
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_paid_on=day.strftime("%d/%m/%Y")))
    assert form.is_valid(), sentences(form)
    assert form.content.transfers[0].paid_on == day


def test_a_date_in_the_future(scene: Scene) -> None:
    tomorrow = today_at(scene.merchant) + dt.timedelta(days=1)
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_paid_on=tomorrow.isoformat()))
    assert not form.is_valid()
    assert list(sentences(form)) == ["t-0-paid_on"]
    with pytest.raises(Refused) as refused:
        scene.report(make_order(scene.customer), transfer={"paid_on": tomorrow})
    assert (refused.value.code, refused.value.fields) == ("date_in_future", ("t-0-paid_on",))
    assert nothing_written()


def test_dates_that_only_warn(scene: Scene) -> None:
    order = make_order(scene.customer)
    before = order.issued_on - dt.timedelta(days=1)
    long_ago = today_at(scene.merchant) - dt.timedelta(days=scene.merchant.report_age_warning_days + 1)
    for day, codes in ((before, ["before_order"]), (long_ago, ["old_date", "before_order"])):
        form = form_of(scene, typed(scene, order, t_0_paid_on=day.isoformat()))
        assert form.is_valid(), sentences(form)
        assert [(each.code, each.field) for each in form.warnings] == [(code, "t-0-paid_on") for code in codes]
        assert all(each.confirm for each in form.warnings)


def test_no_rate_for_that_date_names_the_nearest_one(scene: Scene) -> None:
    today = today_at(scene.merchant)
    order = make_order(scene.customer)
    with translation.override("en"):
        data = typed(scene, order, t_0_account=scene.ves.pk, t_0_amount="100,00", t_0_paid_on=today.isoformat())
        form = form_of(scene, data)
        assert not form.is_valid()
        assert list(sentences(form)) == ["t-0-paid_on"]
        make_rate(scene.merchant, date=today - dt.timedelta(days=30), rate="36.50")
        form = form_of(scene, data)
        assert not form.is_valid()
        assert str((today - dt.timedelta(days=30)).year) in sentences(form)["t-0-paid_on"][0]
    with pytest.raises(Refused) as refused:
        scene.report(order, account=scene.ves, amount="100.00")
    assert (refused.value.code, refused.value.fields) == ("no_rate", ("t-0-paid_on",))
    assert nothing_written()


def test_an_order_that_is_paid_or_void_meanwhile(scene: Scene) -> None:
    paid, void = make_order(scene.customer), make_order(scene.customer)
    content, data = scene.content(paid, void), typed(scene, paid, void)
    mark_paid(paid)
    void_order(order_id=void.pk, reason="Duplicada", by=scene.cast.carol)
    form = form_of(scene, data)
    assert not form.is_valid()
    said = sentences(form)
    assert list(said) == ["orders"]
    assert paid.number in said["orders"][0]
    with pytest.raises(Stale) as refused:
        scene.submit(content)
    assert refused.value.code in {"order_paid", "order_void"}
    assert paid.number in refused.value.message
    assert void.number in refused.value.message
    assert nothing_written()


def test_an_order_that_owes_less_than_was_shown(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    data = typed(scene, order)
    form = form_of(scene, data)
    assert form.is_valid()
    for name, value in form.hidden_pairs():
        if name.startswith("due-"):
            data[name] = value
    mark_paid(order, "5.00")
    form = form_of(scene, data)
    assert not form.is_valid()
    assert form.errors.as_data()["orders"][0].code == "order_changed"
    with pytest.raises(Stale) as refused:
        scene.submit(form.content)
    assert refused.value.code == "order_changed"
    assert nothing_written()


def test_orders_of_somebody_else_do_not_exist(scene: Scene) -> None:
    other = make_cast()
    strangers = [make_order(scene.cast.b), make_order(other.a)]
    for stranger in strangers:
        form = form_of(scene, typed(scene, stranger))
        assert not form.is_valid()
        assert form.errors.as_data()["orders"][0].code == "order_unknown"
        assert stranger.number not in str(form.errors)
        with pytest.raises(Refused) as refused:
            scene.report(stranger)
        assert refused.value.code == "order_unknown"
    for rubbish in ("1e3", "-1", "9" * 30, "x", ""):
        form = form_of(scene, typed(scene, orders=[rubbish]))
        assert not form.is_valid()
    assert nothing_written()


def test_orders_in_two_currencies_need_two_reports(scene: Scene) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer), make_order(scene.customer, currency="VES")))
    assert not form.is_valid()
    assert form.errors.as_data()["orders"][0].code == "mixed_currency"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"t_0_origin_bank": None}, ["t-0-origin_bank"]),
        ({"t_0_origin_bank": "0"}, ["t-0-origin_bank"]),
        ({"t_0_origin_bank": "999999"}, ["t-0-origin_bank"]),
        ({"t_0_reference": ""}, ["t-0-reference"]),
        ({"t_0_reference": "   "}, ["t-0-reference"]),
        ({"t_0_reference": "0000"}, ["t-0-reference"]),
        ({"t_0_reference": "transferencia"}, ["t-0-reference"]),
        ({"t_0_reference": "N/A"}, ["t-0-reference"]),
        ({"t_0_reference": "1" * 41}, ["t-0-reference"]),
        ({"t_0_method": None}, ["t-0-method"]),
        ({"t_0_method": "1e3"}, ["t-0-method"]),
        ({"t_0_account": None}, ["t-0-account"]),
        ({"t_0_account": "99999"}, ["t-0-account"]),
        ({"payer_other": "on"}, ["payer_name"]),
        ({"payer_other": "on", "payer_tax_id": "J-1"}, ["payer_name"]),
        ({"t_0_amount": "", "t_0_reference": "", "t_0_origin_bank": ""}, ["t-0-amount", "t-0-origin_bank", "t-0-reference"]),
    ],
)  # fmt: skip
def test_what_is_missing_or_absurd_is_said_at_its_field(scene: Scene, changes: dict[str, str], fields: list[str]) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer), **changes))
    assert not form.is_valid()
    assert sorted(sentences(form)) == fields
    assert all(len(said) == 1 for said in sentences(form).values())


def test_another_bank_needs_its_name_alone(scene: Scene) -> None:
    changes = {"t_0_origin_bank": "0", "t_0_origin_bank_name": "Banco de Fuera"}
    form = form_of(scene, typed(scene, make_order(scene.customer), **changes))
    assert form.is_valid(), sentences(form)
    assert form.content.transfers[0].origin_bank_name == "Banco de Fuera"


def test_an_account_that_does_not_take_the_method(scene: Scene) -> None:
    cash = make_method(scene.merchant, "cash")
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_method=cash.pk))
    assert not form.is_valid()
    assert list(sentences(form)) == ["t-0-account"]


def test_accounts_and_methods_of_another_merchant_do_not_exist(scene: Scene) -> None:
    other = make_cast()
    order = make_order(scene.customer)
    for changes, field in (
        ({"t_0_account": other.account.pk}, "t-0-account"),
        ({"t_0_method": other.transfer.pk}, "t-0-method"),
    ):
        form = form_of(scene, typed(scene, order, **changes))
        assert not form.is_valid()
        assert list(sentences(form)) == [field]
    with pytest.raises(Refused):
        scene.report(order, transfer={"method_id": other.transfer.pk})
    assert nothing_written()


def test_a_method_asks_what_its_row_says(scene: Scene) -> None:
    zelle = make_method(scene.merchant, "zelle", asks=["sender_name", "sender_email"], requires=["sender_name", "sender_email"])
    mobile = make_method(scene.merchant, "pago_movil", asks=["payer_phone", "payer_id"], requires=["payer_phone", "payer_id"])
    account = make_account(scene.merchant, methods=[zelle, mobile])
    order = make_order(scene.customer)
    base = {"t_0_account": account.pk, "t_0_reference": None, "t_0_origin_bank": None}
    form = form_of(scene, typed(scene, order, t_0_method=zelle.pk, t_0_sender_email="ana@", **base))
    assert sorted(sentences(form)) == ["t-0-sender_email", "t-0-sender_name"]
    form = form_of(scene, typed(scene, order, t_0_method=mobile.pk, t_0_payer_phone="12", **base))
    assert sorted(sentences(form)) == ["t-0-payer_id", "t-0-payer_phone"]
    good = {"t_0_payer_phone": "0414-5550142", "t_0_payer_id": "V-12.345.678"}
    form = form_of(scene, typed(scene, order, t_0_method=mobile.pk, **base, **good))
    assert form.is_valid(), sentences(form)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("dibujo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/svg+xml"),
        ("foto.jpg", b"<!DOCTYPE html><html></html>", "image/jpeg"),
        ("nada.jpg", b"", "image/jpeg"),
        ("carta.docx", b"PK\x03\x04 word", "application/octet-stream"),
    ],
)
def test_a_receipt_that_is_none(scene: Scene, name: str, content: bytes, kind: str) -> None:
    files = {"t-0-receipt": [SimpleUploadedFile(name, content, content_type=kind)]}
    form = form_of(scene, typed(scene, make_order(scene.customer)), files)
    assert not form.is_valid()
    assert list(sentences(form)) == ["t-0-receipt"]
    assert form.uploads == {}


def test_a_good_receipt_is_kept_though_something_else_is_wrong(scene: Scene) -> None:
    files = {"t-0-receipt": [SimpleUploadedFile("foto.jpg", hostile.jpeg(), content_type="image/jpeg")]}
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_amount=""), files)
    assert not form.is_valid()
    assert [upload.name for upload in form.uploads[1]] == ["foto.jpg"]


@pytest.mark.parametrize(
    ("share", "code"),
    [("-1", "negative"), ("x", "unreadable"), ("21,00", "allocation_over_due"), ("15,00", "allocations_over_value")],
)
def test_a_bad_share_of_an_order(scene: Scene, share: str, code: str) -> None:
    order = make_order(scene.customer, "20.00")
    form = form_of(scene, typed(scene, order, t_0_amount="10,00", **{f"allocation_{order.pk}": share}))
    assert not form.is_valid()
    assert form.errors.as_data()[f"allocation-{order.pk}"][0].code == code


def test_hostile_text_is_text(scene: Scene) -> None:
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_reference="12\x0034", note="a\x00b", state="\x00"))
    assert not form.is_valid()
    assert set(sentences(form)) == {"t-0-reference", "note", "state"}
