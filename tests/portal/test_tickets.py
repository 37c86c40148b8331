"""Tickets: history in the customer's words, the answer to a question, withdrawing, correcting, writing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.services import reject_report
from tests.cast import client_of
from tests.factories import make_order
from tests.portal.browsing import form_named, send
from tests.portal.conftest import Scene
from tests.portal.test_report import PNG
from tickets.models import Conversation, State, Ticket
from tickets.services import claim, post_message


def page_of(scene: Scene, ticket: Ticket, actor: Any = None) -> str:
    response = client_of(actor or scene.cast.alice).get(scene.cast.url("portal:ticket", ticket.number))
    assert response.status_code == 200
    return str(response.content.decode())


def rejected(scene: Scene, *orders: Any) -> Ticket:
    ticket = scene.report(*(orders or [make_order(scene.customer)]))
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    return reject_report(ticket_id=ticket.pk, reason_id=scene.reason().pk, by=scene.cast.carol)


def test_a_ticket_shows_teams_and_no_people(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    page = page_of(scene, ticket)
    assert "Equipo de Contabilidad" in page
    assert "Carol" not in page


def test_an_internal_note_is_never_shown(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    conversation = Conversation.objects.get(ticket=ticket)
    post_message(conversation_id=conversation.pk, text="parece falso", is_internal=True, by=scene.cast.sue)
    post_message(conversation_id=conversation.pk, text="Ya lo vemos.", by=scene.cast.sue)
    page = page_of(scene, ticket)
    assert "parece falso" not in page
    assert "Ya lo vemos." in page


def test_only_the_asked_fields_open(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "reference", "paid_on")
    page = page_of(scene, ticket)
    assert 'name="t-0-reference"' in page
    assert 'name="t-0-paid_on"' in page
    assert 'name="t-0-amount"' not in page
    assert "Lo demás no cambia" in page


def test_an_answer_sends_the_ticket_back_to_review(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "reference")
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:ticket_answer", ticket.number)
    form = form_named(client.get(scene.cast.url("portal:ticket", ticket.number)), having="t-0-reference")
    response = send(client, url, form.data(t_0_reference="0088 3120 45"))
    assert response.status_code == 302
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.state == State.IN_REVIEW
    assert ticket.report.transfers.get(until_revision__isnull=True).reference_raw == "0088 3120 45"


def test_an_answer_may_bring_a_receipt(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "receipt")
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:ticket_answer", ticket.number)
    files = {"t-0-receipt": SimpleUploadedFile("nuevo.png", PNG, "image/png")}
    form = form_named(client.get(scene.cast.url("portal:ticket", ticket.number)), having="t-0-receipt")
    assert send(client, url, form.data(), files=files).status_code == 302
    assert ticket.report.receipts.count() == 1


def test_a_bad_answer_loses_nothing_and_moves_nothing(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "reference")
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:ticket_answer", ticket.number)
    response = client.post(url, {"t-0-reference": "abc", "answer_note": "Es el que sale en el recibo"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "error-summary" in page
    assert 'value="abc"' in page
    assert "Es el que sale en el recibo" in page
    assert Ticket.objects.get(pk=ticket.pk).state == State.NEEDS_INFORMATION


def test_nothing_changed_and_nothing_written_is_told(scene: Scene) -> None:
    ticket = scene.ask(scene.report(make_order(scene.customer)), "reference")
    client = client_of(scene.cast.alice)
    form = form_named(client.get(scene.cast.url("portal:ticket", ticket.number)), having="t-0-reference")
    response = send(client, scene.cast.url("portal:ticket_answer", ticket.number), form.data())
    assert response.status_code == 422
    assert Ticket.objects.get(pk=ticket.pk).state == State.NEEDS_INFORMATION


def test_an_answer_that_comes_too_late_is_a_conflict(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    response = client_of(scene.cast.alice).post(scene.cast.url("portal:ticket_answer", ticket.number), {"answer_note": "Sí"})
    assert response.status_code == 409
    assert Ticket.objects.get(pk=ticket.pk).state == State.SUBMITTED


def test_withdrawing_asks_first(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:ticket_withdraw", ticket.number)
    assert "¿Retirar" in client.get(url).content.decode()
    assert Ticket.objects.get(pk=ticket.pk).state == State.SUBMITTED
    assert client.post(url).status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).state == State.WITHDRAWN


def test_withdrawing_what_is_in_review_is_a_conflict_in_words(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    response = client_of(scene.cast.alice).post(scene.cast.url("portal:ticket_withdraw", ticket.number))
    assert response.status_code == 409
    assert Ticket.objects.get(pk=ticket.pk).state == State.IN_REVIEW


def test_a_rejected_report_says_why_and_is_corrected_and_sent_again(scene: Scene) -> None:
    ticket = rejected(scene, make_order(scene.customer, "10.00"))
    assert "Corregir y enviar de nuevo" in page_of(scene, ticket)
    client = client_of(scene.cast.alice)
    form = form_named(client.get(scene.cast.url("portal:ticket_correct", ticket.number)), "report-form")
    assert form.values["t-0-amount"] == ["10,00"]
    response = send(client, scene.cast.url("portal:ticket_correct", ticket.number), form.data(t_0_reference="777 888 999"))
    assert response.status_code == 302
    page = client.get(response["Location"])
    sending = form_named(page, having="t-0-reference")
    sent = send(client, scene.cast.url("portal:ticket_correct_check", ticket.number), sending.data())
    assert sent.status_code == 302, sent.content.decode()[:2000]
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.state == State.SUBMITTED
    assert ticket.report.transfers.get(until_revision__isnull=True).reference_raw == "777 888 999"
    assert ticket.report.transfers.get(until_revision__isnull=True).amount == Decimal("10.00")


def test_what_is_not_rejected_cannot_be_corrected(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    response = client_of(scene.cast.alice).get(scene.cast.url("portal:ticket_correct", ticket.number))
    assert response.status_code == 302


def test_messages_go_both_ways_and_an_empty_one_is_told(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:ticket_message", ticket.number)
    assert client.post(url, {"text": "¿Cuándo lo revisan?"}).status_code == 302
    assert "¿Cuándo lo revisan?" in page_of(scene, ticket)
    assert client.post(url, {"text": "  "}).status_code == 422


def test_help_opens_a_conversation_and_is_listed_with_the_tickets(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer))
    client = client_of(scene.cast.alice)
    refused = client.post(scene.cast.url("portal:support_new"), {"subject": "", "text": "Hola"})
    assert refused.status_code == 422
    assert "Hola" in refused.content.decode()
    response = client.post(scene.cast.url("portal:support_new"), {"subject": "Mi dominio", "text": "No resuelve"})
    assert response.status_code == 302
    assert "No resuelve" in client.get(response["Location"]).content.decode()
    page = client.get(scene.cast.url("portal:tickets")).content.decode()
    assert "Mi dominio" in page
    assert ticket.number in page
    only = client.get(scene.cast.url("portal:tickets"), {"kind": "support"}).content.decode()
    assert ticket.number not in only


@pytest.mark.parametrize(
    "name", ["ticket", "ticket_answer", "ticket_withdraw", "ticket_correct", "ticket_message", "report_sent"]
)
def test_another_customers_ticket_is_not_found(scene: Scene, name: str) -> None:
    ticket = scene.report(make_order(scene.customer))
    client, url = client_of(scene.cast.bob), scene.cast.url(f"portal:{name}", ticket.number)
    method = client.post if name in {"ticket_answer", "ticket_message"} else client.get
    assert method(url, {"text": "x"} if method == client.post else None).status_code == 404
