"""What the form says while one types, and receipts that travel on their own."""

from __future__ import annotations

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from reports.models import PaymentReport, ReportDraft
from tests.cast import client_of
from tests.factories import make_order
from tests.portal.browsing import form_named, send
from tests.portal.conftest import Scene
from tests.portal.test_report import PNG, good, open_form


def test_sums_sentences_and_suggestions_come_from_the_server(scene: Scene) -> None:
    client, order = client_of(scene.cast.alice), make_order(scene.customer, "10.00")
    _page, form = open_form(client, scene, order)
    answer = send(client, scene.cast.url("portal:report_live"), form.data(t_0_amount="12,50")).json()
    assert answer["kind"] == "over"
    assert "Saldo a favor" in answer["parts"]["t-0-amount-live"]
    assert "USD\u00a02,50" in answer["parts"]["totals"]
    assert answer["values"][f"allocation-{order.pk}"] == "10,00"
    assert answer["saved"]


def test_ticking_another_order_renews_an_amount_that_is_still_ours(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    one, other = make_order(scene.customer, "10.00"), make_order(scene.customer, "7.00")
    _page, form = open_form(client, scene, one)
    answer = send(client, scene.cast.url("portal:report_live"), form.data(orders=[one.pk, other.pk])).json()
    assert answer["values"]["t-0-amount"] == "17,00"
    mine = send(client, scene.cast.url("portal:report_live"), form.data(orders=[one.pk, other.pk], t_0_amount="16,00")).json()
    assert "t-0-amount" not in mine["values"]
    assert mine["kind"] == "partial"


def test_unreadable_amounts_are_told_softly_while_typing(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    _page, form = open_form(client, scene, make_order(scene.customer))
    answer = send(client, scene.cast.url("portal:report_live"), form.data(t_0_amount="1.2.3,4")).json()
    assert "field-warning" in answer["parts"]["t-0-amount-live"]


def test_ones_own_duplicate_is_told_and_anothers_never(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    order = make_order(scene.customer)
    first = scene.report(order, transfer={"reference_raw": "0045775572442"})
    _page, form = open_form(client, scene, make_order(scene.customer))
    typed = form.data(**good(scene, t_0_amount="10,00", t_0_reference="572442"))
    assert first.number in send(client, scene.cast.url("portal:report_live"), typed).json()["parts"]["t-0-reference-live"]
    bob = client_of(scene.cast.bob)
    _page, form = open_form(bob, scene)
    typed = form.data(**good(scene, t_0_amount="10,00", t_0_reference="572442"))
    assert first.number not in str(send(bob, scene.cast.url("portal:report_live"), typed).json())


def test_a_shipping_order_that_is_ticked_opens_the_wish(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    order, shipping = make_order(scene.customer), make_order(scene.customer, "5.00", kind="shipping")
    _page, form = open_form(client, scene, order)
    url = scene.cast.url("portal:report_live")
    assert not send(client, url, form.data()).json()["may_wish"]
    assert send(client, url, form.data(orders=[order.pk, shipping.pk])).json()["may_wish"]


def test_typing_after_sending_changes_nothing(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    _page, form = open_form(client, scene, make_order(scene.customer))
    check = client.get(send(client, scene.cast.url("portal:report"), form.data(**good(scene)))["Location"])
    send(client, scene.cast.url("portal:report_check"), form_named(check, having="key").data())
    answer = send(client, scene.cast.url("portal:report_live"), form.data(t_0_amount="1,00")).json()
    assert not answer["saved"]
    assert not ReportDraft.objects.exists()
    assert PaymentReport.objects.count() == 1


def test_a_receipt_is_kept_before_the_form_is_sent(scene: Scene) -> None:
    client, key = client_of(scene.cast.alice), uuid.uuid4()
    response = client.post(
        scene.cast.url("portal:report_upload", key, 1), {"file": SimpleUploadedFile("pago.png", PNG, "image/png")}
    )
    assert response.status_code == 200
    assert response.json()["name"] == "pago.png"
    page = client.get(scene.cast.url("portal:report"), {"draft": key}).content.decode()
    assert "pago.png" in page
    client.post(scene.cast.url("portal:report_upload", key, 1), {"remove": response.json()["key"]})
    assert "pago.png" not in client.get(scene.cast.url("portal:report"), {"draft": key}).content.decode()


def test_an_upload_keeps_what_was_typed(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    _page, form = open_form(client, scene, make_order(scene.customer))
    send(client, scene.cast.url("portal:report_live"), form.data(note="Importante"))
    key = form.values["key"][0]
    client.post(scene.cast.url("portal:report_upload", key, 1), {"file": SimpleUploadedFile("pago.png", PNG, "image/png")})
    assert "Importante" in client.get(scene.cast.url("portal:report"), {"draft": key}).content.decode()


def test_a_bad_file_is_refused_in_a_sentence(scene: Scene) -> None:
    client = client_of(scene.cast.alice)
    bad = SimpleUploadedFile("dibujo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    response = client.post(scene.cast.url("portal:report_upload", uuid.uuid4(), 1), {"file": bad})
    assert response.status_code == 400
    assert response.json()["error"]


def test_live_answers_need_the_permission(scene: Scene) -> None:
    client = client_of(scene.cast.nora)
    assert client.post(scene.cast.url("portal:report_live"), {"key": str(uuid.uuid4())}).status_code == 403
    assert client.post(scene.cast.url("portal:report_upload", uuid.uuid4(), 1)).status_code == 403
