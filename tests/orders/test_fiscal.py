"""Fiscal numbers: drawn with what asks for them, without gap or twin; what is paid back asks for a credit note."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Merchant, Role
from accounts.setup_models import FiscalPolicy
from letters.models import Letter
from letters.rendering import build_message, render_letter
from orders.dates import today_at
from orders.fiscal import asking_credit_note, draw_credit_note, series_of, set_series, standing_invoices
from orders.fiscal_attach import attach_fiscal_document, import_fiscal_numbers
from orders.models import FiscalDocument, FiscalFile, FiscalKind, Order
from orders.services import note_payment, void_order
from tests.factories import make_customer, make_merchant, make_order, mark_paid, staff_actor
from tests.triggers import triggers_asleep

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


def house(policy: FiscalPolicy = FiscalPolicy.PAID, **kw: Any) -> Actor:
    return staff_actor(make_merchant(fiscal_policy=policy, legal_name="Andina, C.A.", tax_id="J-1", **kw))


def order_of(by: Actor, total: str = "10.00") -> Order:
    return make_order(make_customer(by.merchant, tax_id="J-31", address="Av. 5", city="Caracas"), total)


def numbers(merchant: Merchant, kind: str = FiscalKind.INVOICE) -> list[str]:
    return list(FiscalDocument.objects.filter(merchant=merchant, kind=kind).order_by("pk").values_list("number", flat=True))


def unpay(order: Order) -> None:
    with triggers_asleep("orders_orderbalance"), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderbalance SET paid = 0 WHERE order_id = %s", [order.pk])
    note_payment(order_ids=[order.pk], paid_on=today_at(order.merchant), by=Actor.system(order.merchant))


@pytest.mark.django_db
def test_an_order_that_is_paid_gets_the_next_number_with_the_names_of_the_day() -> None:
    carol = house()
    first, second = order_of(carol), order_of(carol)
    mark_paid(first, "4.00")
    assert numbers(carol.merchant) == []
    mark_paid(second)
    mark_paid(first)
    mark_paid(first)
    assert numbers(carol.merchant) == ["00000001", "00000002"]
    document = FiscalDocument.objects.get(order=first)
    assert (document.sequence, document.seller_name, document.buyer_tax_id) == (2, "Andina, C.A.", "J-31")
    assert document.buyer_address == "Av. 5\nCaracas"
    assert Letter.objects.filter(kind="fiscal_document", about=f"order:{first.pk}").count() == 1


@pytest.mark.django_db
def test_the_letter_brings_the_invoice_as_pdf_in_its_readers_language() -> None:
    carol = house()
    mark_paid(order_of(carol))
    letter = Letter.objects.get(kind="fiscal_document")
    rendered = render_letter(letter)
    letter.subject, letter.text, letter.html = rendered.subject, rendered.text, rendered.html
    (name, content, kind) = build_message(letter).attachments[0]
    assert (name, kind, content[:5]) == ("00000001.pdf", "application/pdf", b"%PDF-")
    assert "00000001" in letter.text
    assert "factura fiscal" in letter.text


@pytest.mark.django_db
def test_numbers_can_be_drawn_at_issue_and_then_not_again_at_payment() -> None:
    carol = house(FiscalPolicy.ISSUED)
    order = order_of(carol)
    assert numbers(carol.merchant) == ["00000001"]
    mark_paid(order)
    assert numbers(carol.merchant) == ["00000001"]


@pytest.mark.django_db
def test_a_house_that_numbers_here_from_now_on_goes_on_behind_what_another_system_gave() -> None:
    """Seen to fail: the number was there already, and no payment could be settled any more."""
    carol = house(FiscalPolicy.EXTERNAL)
    for number in ("00000001", "00000002", "00000004"):
        attach_fiscal_document(order_id=order_of(carol).pk, number=number, by=carol)
    Merchant.objects.filter(pk=carol.merchant.pk).update(fiscal_policy=FiscalPolicy.PAID)
    mark_paid(order_of(carol))
    mark_paid(order_of(carol))
    assert numbers(carol.merchant)[3:] == ["00000003", "00000005"]


@pytest.mark.django_db
def test_many_numbers_of_another_system_are_passed_over_in_one_reading() -> None:
    """Seen to fail: with one question for each of them."""
    carol = house(FiscalPolicy.EXTERNAL)
    for number in ("X-00000001", "1", *(f"{value:08d}" for value in range(1, 30))):
        attach_fiscal_document(order_id=order_of(carol).pk, number=number, by=carol)
    Merchant.objects.filter(pk=carol.merchant.pk).update(fiscal_policy=FiscalPolicy.PAID)
    asked = []
    for _turn in range(2):
        order = order_of(carol)
        with CaptureQueriesContext(connection) as questions:
            mark_paid(order)
        asked.append(len(questions))
    assert numbers(carol.merchant)[-2:] == ["00000030", "00000031"]
    # The series is made once, and moved once.
    assert asked[0] <= asked[1] + 2


@pytest.mark.django_db
def test_where_another_system_numbers_nothing_is_drawn() -> None:
    carol = house(FiscalPolicy.EXTERNAL)
    mark_paid(order_of(carol))
    assert numbers(carol.merchant) == []


@pytest.mark.django_db
def test_a_number_of_what_is_rolled_back_is_given_to_the_next() -> None:
    carol = house()
    first, second = order_of(carol), order_of(carol)
    with transaction.atomic():
        mark_paid(first)
        transaction.set_rollback(True)
    mark_paid(second)
    assert numbers(carol.merchant) == ["00000001"]
    assert FiscalDocument.objects.get().order_id == second.pk


@pytest.mark.django_db
def test_a_payment_taken_back_asks_for_a_credit_note_and_paying_again_draws_anew() -> None:
    carol = house()
    order = order_of(carol)
    mark_paid(order)
    invoice = FiscalDocument.objects.get()
    with pytest.raises(Refused) as refused:
        draw_credit_note(document_id=invoice.pk, reason="Error", by=carol)
    assert refused.value.code == "not_asked"
    unpay(order)
    assert list(asking_credit_note(carol.merchant)) == [invoice]
    note = draw_credit_note(document_id=invoice.pk, reason=" El banco  devolvió el pago ", by=carol)
    assert (note.number, note.cancels_id, note.reason) == ("NC-00000001", invoice.pk, "El banco devolvió el pago")
    assert not asking_credit_note(carol.merchant)
    assert not standing_invoices(carol.merchant)
    with pytest.raises(Stale):
        draw_credit_note(document_id=invoice.pk, reason="Otra vez", by=carol)
    mark_paid(order)
    assert numbers(carol.merchant) == ["00000001", "00000002"]


@pytest.mark.django_db
def test_a_payment_that_comes_back_before_the_credit_note_leaves_the_invoice_as_it_is() -> None:
    carol = house()
    order = order_of(carol)
    mark_paid(order)
    unpay(order)
    mark_paid(order)
    assert numbers(carol.merchant) == ["00000001"]
    assert not asking_credit_note(carol.merchant)


@pytest.mark.django_db
def test_an_order_voided_after_its_number_asks_for_a_credit_note_which_accounting_alone_draws() -> None:
    carol = house(FiscalPolicy.ISSUED)
    void_order(order_id=order_of(carol).pk, reason="Error", by=carol)
    (invoice,) = asking_credit_note(carol.merchant)
    with pytest.raises(NotAllowed):
        draw_credit_note(document_id=invoice.pk, reason="Error", by=staff_actor(carol.merchant, Role.SUPPORT))
    with pytest.raises(Http404):
        draw_credit_note(document_id=invoice.pk, reason="Error", by=staff_actor(make_merchant()))
    with pytest.raises(Refused, match="."):
        draw_credit_note(document_id=invoice.pk, reason="  ", by=carol)
    assert numbers(carol.merchant, FiscalKind.CREDIT_NOTE) == []


@pytest.mark.django_db
def test_a_series_begins_where_the_administrator_says_and_then_only_goes_on() -> None:
    carol = house()
    boss = staff_actor(carol.merchant, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        set_series(kind="invoice", prefix="A-", next_value=4501, by=carol)
    set_series(kind="invoice", prefix="A-", next_value=4501, by=boss)
    mark_paid(order_of(carol))
    mark_paid(order_of(carol))
    assert numbers(carol.merchant) == ["A-00004501", "A-00004502"]
    for prefix, value, code in (("A-", 1, "series_begun"), ("A <b>", 1, "prefix_invalid"), ("B-", 0, "number_invalid")):
        with pytest.raises(Refused) as refused:
            set_series(kind="invoice", prefix=prefix, next_value=value, by=boss)
        assert refused.value.code == code
    assert series_of(carol.merchant)["invoice"].next_value == 4503
    set_series(kind="invoice", prefix="B-", next_value=1, by=boss)
    mark_paid(order_of(carol))
    assert numbers(carol.merchant)[-1] == "B-00000001"


@pytest.mark.django_db
def test_what_another_system_numbered_is_attached_once_and_its_files_stay_as_they_came() -> None:
    carol = house(FiscalPolicy.EXTERNAL)
    order, other = order_of(carol), order_of(carol)

    def attach(number: str = "F-77", order: Order = order, **kw: Any) -> FiscalDocument:
        return attach_fiscal_document(order_id=order.pk, number=number, by=carol, **kw)

    first = attach(pdf=SimpleUploadedFile("f.pdf", PDF))
    again = attach(pdf=SimpleUploadedFile("f.pdf", PDF), xml=SimpleUploadedFile("f.xml", b"<a>1</a>"))
    assert again == first
    assert sorted(first.files.values_list("kind", flat=True)) == ["pdf", "xml"]
    assert Letter.objects.filter(kind="fiscal_document").count() == 1
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("number_taken", {"order": other}),
        ("has_invoice", {"number": "F-78"}),
        ("number_required", {"number": " "}),
        ("has_file", {"pdf": SimpleUploadedFile("f.pdf", PDF + b"other")}),
        ("not_pdf", {"pdf": SimpleUploadedFile("f.pdf", b"MZ")}),
        ("not_xml", {"xml": SimpleUploadedFile("f.xml", bomb)}),
        ("empty", {"xml": SimpleUploadedFile("f.xml", b"")}),
        ("date_in_future", {"dated_on": today_at(carol.merchant) + dt.timedelta(days=3)}),
        ("reason_required", {"number": "NC-1", "cancels_id": first.pk}),
    ]
    for code, arguments in refusals:
        with pytest.raises(Refused) as refused:
            attach(**arguments)
        assert refused.value.code == code
    assert FiscalDocument.objects.count() == 1
    assert FiscalFile.objects.count() == 2
    note = attach(number="NC-1", cancels_id=first.pk, reason="Error")
    assert note.is_credit_note
    assert attach(number="F-78").number == "F-78"
    with pytest.raises(Http404):
        attach_fiscal_document(order_id=order.pk, number="X", by=house(FiscalPolicy.EXTERNAL))
    with pytest.raises(Refused) as refused:
        attach_fiscal_document(order_id=order_of(paid := house()).pk, number="X", by=paid)
    assert refused.value.code == "not_external"


@pytest.mark.django_db
def test_numbers_come_from_a_file_all_or_none() -> None:
    carol = house(FiscalPolicy.EXTERNAL)
    first, second = order_of(carol), order_of(carol)
    bad = f"order_number;fiscal_number;dated_on\n{first.number};F-1;2026-11-01\nNADA;F-2;\n{second.number};F-3;mañana\n"
    outcome = import_fiscal_numbers(content=bad.encode("cp1252"), by=carol)
    assert [line for line, _sentence in outcome.errors] == [3, 4]
    assert numbers(carol.merchant) == []
    good = f"order_number,fiscal_number\n{first.number},F-1\n{second.number},F-2\n".encode()
    assert import_fiscal_numbers(content=good, by=carol).new == 2
    outcome = import_fiscal_numbers(content=good, by=carol)
    assert (outcome.new, outcome.known, outcome.errors) == (0, 2, [])
    for content in (b"", b"a,b\n1,2\n", b"\x00\x01"):
        with pytest.raises(Refused):
            import_fiscal_numbers(content=content, by=carol)


@pytest.mark.django_db
def test_documents_are_never_changed_or_deleted() -> None:
    carol = house()
    mark_paid(order_of(carol))
    for sql in ("UPDATE orders_fiscaldocument SET number = '9'", "DELETE FROM orders_fiscaldocument"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_many_settlements_at_once_leave_no_gap_and_no_twin() -> None:
    carol = house()
    orders = [order_of(carol) for _ in range(24)]
    with triggers_asleep("orders_orderbalance"), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderbalance SET paid = total")

    def settle(each: Order) -> None:
        try:
            with transaction.atomic():
                note_payment(order_ids=[each.pk], paid_on=today_at(carol.merchant), by=carol)
                if each.pk % 5 == 0:
                    raise InterruptedError
        except InterruptedError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(settle, orders))
    kept = sum(order.pk % 5 != 0 for order in orders)
    assert list(FiscalDocument.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, kept + 1))
    assert series_of(carol.merchant)["invoice"].next_value == kept + 1
