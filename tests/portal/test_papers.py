"""Papers over HTTP (T8): saved under our name, never sniffed, cached or run; another's are 404."""

from __future__ import annotations

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase

from accounts.actors import Actor
from accounts.models import Merchant, Role
from documents.downloads import HEADERS
from letters.models import Letter
from orders.fiscal import draw_credit_note
from orders.models import FiscalDocument
from orders.services import void_order
from reconciliation.audit import audit_books
from reconciliation.services.bulk import accept_proposals
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_customer, staff_actor
from tests.reconciliation.bench import pair
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
# Checks of the books that are seen to speak here.
FISCAL_CHECKS = {"fiscal_paid", "fiscal_gap", "fiscal_twins"}


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def get(who: Actor, name: str, *args: object, query: str = "") -> HttpResponseBase:
    number = {"number": args[0]} if isinstance(args[0], str) else {"pk": args[0]} if args else {}
    return client_of(who).get(house_url(who.merchant, name, **number) + query)


def text_of(response: HttpResponseBase) -> str:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith('attachment; filename="')
    for header, value in HEADERS.items():
        assert response[header] == value
    document = pypdfium2.PdfDocument(response.content)  # type: ignore[attr-defined]
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split()).replace("\xa0", " ")


def test_a_customer_takes_bill_receipt_and_statement_away_and_nobody_else_does(scene: Scene) -> None:
    order = scene.order("100")
    ticket = scene.report("40", orders=[order])
    alice, other = scene.cast.alice, customer_actor(make_customer(scene.cast.merchant))
    assert get(alice, "portal:ticket_receipt", ticket.number).status_code == 404
    scene.verify(ticket, scene.line("40"))
    bill = text_of(get(alice, "portal:order_pdf", order.number))
    assert "USD 60" in bill
    assert "USD 40" in bill
    receipt = text_of(get(alice, "portal:ticket_receipt", ticket.number))
    assert order.number in receipt
    assert "USD 40" in receipt
    statement = client_of(alice).get(house_url(scene.cast.merchant, "portal:account_statement") + "?format=pdf")
    assert order.number in text_of(statement)
    for name, number in (("portal:order_pdf", order.number), ("portal:ticket_receipt", ticket.number)):
        assert get(other, name, number).status_code == 404
    assert "USD 60" in text_of(get(scene.cast.carol, "desk:order_pdf", order.number))
    assert order.number in text_of(get(scene.cast.carol, "desk:ticket_receipt", ticket.number))


def test_bulk_settlement_draws_numbers_without_gap_and_the_books_know_it(scene: Scene) -> None:
    merchant = scene.cast.merchant
    Merchant.objects.filter(pk=merchant.pk).update(fiscal_policy="paid")
    offers = [pair(scene, f"{amount}.00") for amount in (11, 12, 13)]
    outcome = accept_proposals(proposal_ids=[each.pk for each in offers], by=scene.cast.carol)
    assert len(outcome.verified) == 3
    assert list(FiscalDocument.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3]
    assert Letter.objects.filter(kind="fiscal_document").values("about").distinct().count() == 3
    assert not list(audit_books(merchant))
    ticket = scene.report("20", orders=[scene.order("20")])
    scene.verify(ticket, scene.line("20"))
    scene.reverse(ticket)
    invoice = FiscalDocument.objects.get(sequence=4)
    assert draw_credit_note(document_id=invoice.pk, reason="Devuelto", by=scene.cast.carol).number == "NC-00000001"
    assert not list(audit_books(merchant))
    invoice_text = text_of(get(scene.cast.alice, "portal:fiscal_document", invoice.pk))
    assert "00000004" in invoice_text


def test_the_audit_names_a_gap_and_a_paid_order_without_its_number(scene: Scene) -> None:
    merchant = scene.cast.merchant
    ticket = scene.report("20", orders=[order := scene.order("20")])
    scene.verify(ticket, scene.line("20"))
    Merchant.objects.filter(pk=merchant.pk).update(fiscal_policy="paid")
    assert [(each.check, order.number in each.text) for each in audit_books(merchant)] == [("fiscal_paid", True)]
    for sequence in (1, 3):
        FiscalDocument.objects.create(
            merchant=merchant, order=order, kind="invoice", origin="paid", sequence=sequence, number=str(sequence),
            dated_on=scene.today, seller_name="A", buyer_name="B",
        )  # fmt: skip
    assert {each.check for each in audit_books(merchant)} == FISCAL_CHECKS - {"fiscal_paid"}


def test_another_systems_invoice_is_attached_on_the_page_and_goes_out_as_it_came(scene: Scene) -> None:
    order = scene.order("30")
    carol, address = client_of(scene.cast.carol), house_url(scene.cast.merchant, "desk:order_fiscal", number=order.number)
    xml = b"<factura>\r\n1</factura>"
    files = {"pdf": SimpleUploadedFile("f.pdf", b"MZ"), "xml": SimpleUploadedFile("f.xml", xml)}
    refused = carol.post(address, {"number": "F-1", **files})
    assert refused.status_code == 400
    assert 'value="F-1"' in refused.content.decode()
    assert not FiscalDocument.objects.exists()
    files = {"pdf": SimpleUploadedFile("f.pdf", b"%PDF-1.7 x"), "xml": SimpleUploadedFile("f.xml", xml)}
    assert carol.post(address, {"number": "F-1", **files}).status_code == 302
    document = FiscalDocument.objects.get()
    sent = get(scene.cast.alice, "portal:fiscal_document", document.pk, query="?as=xml")
    assert sent.content == xml  # type: ignore[attr-defined]
    assert (sent["Content-Type"], sent["X-Content-Type-Options"]) == ("application/xml", "nosniff")
    for who in (customer_actor(make_customer(scene.cast.merchant)), customer_actor()):
        assert get(who, "portal:fiscal_document", document.pk).status_code == 404
    assert get(scene.cast.alice, "portal:fiscal_document", document.pk, query="?as=exe").status_code == 404
    page = client_of(scene.cast.alice).get(house_url(scene.cast.merchant, "portal:order", number=order.number))
    assert "F-1" in page.content.decode()
    void_order(order_id=order.pk, reason="Error", by=scene.cast.carol)
    asked = carol.get(house_url(scene.cast.merchant, "desk:fiscal")).content.decode()
    assert "?act=credit" in asked
    assert carol.post(address, {"act": "credit", "number": "NC-1", "reason": "Error"}).status_code == 302
    assert get(staff_actor(), "desk:fiscal_document", document.pk).status_code == 404


def test_the_administrator_begins_a_series_on_the_page_and_a_bad_one_keeps_what_was_typed(scene: Scene) -> None:
    merchant = scene.cast.merchant
    Merchant.objects.filter(pk=merchant.pk).update(fiscal_policy="paid")
    boss, address = client_of(staff_actor(merchant, Role.ADMINISTRATOR)), house_url(merchant, "desk:fiscal")
    refused = boss.post(address, {"act": "series", "kind": "invoice", "begins_with": "<b>", "next_value": "5"})
    assert refused.status_code == 400
    assert "&lt;b&gt;" in refused.content.decode()
    typed = {"act": "series", "kind": "invoice", "begins_with": "A-", "next_value": "4501"}
    assert boss.post(address, typed).status_code == 302
    assert client_of(scene.cast.carol).post(address, typed).status_code == 403
    ticket = scene.report("20", orders=[scene.order("20")])
    scene.verify(ticket, scene.line("20"))
    assert FiscalDocument.objects.get().number == "A-00004501"
    assert "A-00004501" in boss.get(f"{address}?q=A-0000").content.decode()
