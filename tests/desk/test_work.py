"""Everyday acts over HTTP: wait, ask, take back, reopen, messages, conversations."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from letters.models import Letter
from tests.reconciliation.scene import Scene
from tickets.models import Conversation, Message, State
from tickets.services import open_conversation

pytestmark = pytest.mark.django_db


def test_waiting_for_the_bank_and_going_on(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    until = scene.today + dt.timedelta(days=2)
    bad = post("carol", "desk:wait_for_bank", ticket.number, until=scene.today.isoformat(), note="Mañana miro")
    assert bad.status_code == 400
    assert "Mañana miro" in bad.content.decode()
    assert scene.state(ticket) == State.IN_REVIEW
    assert post("carol", "desk:wait_for_bank", ticket.number, until=until.strftime("%d/%m/%Y")).status_code == 302
    assert scene.state(ticket) == State.WAITING_FOR_BANK
    assert post("carol", "desk:resume", ticket.number).status_code == 302
    assert scene.state(ticket) == State.IN_REVIEW


def test_asking_needs_fields_and_words(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    answer = post("carol", "desk:ask_information", ticket.number, question="¿Cuál es la referencia?")
    assert answer.status_code == 400
    assert "¿Cuál es la referencia?" in answer.content.decode()
    post("carol", "desk:ask_information", ticket.number, question="¿Cuál es?", fields_asked=["reference", "receipt"])
    ticket.refresh_from_db()
    assert (ticket.state, ticket.asked_fields) == (State.NEEDS_INFORMATION, ["reference", "receipt"])
    assert post("carol", "desk:take_back", ticket.number).status_code == 302
    assert scene.state(ticket) == State.IN_REVIEW


def test_forms_open_in_place_and_lead_back_when_the_state_is_another(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    for name in ("wait_for_bank", "ask_information", "reject", "verify_other"):
        assert browse("carol").get(scene.cast.url(f"desk:{name}", ticket.number)).status_code == 200, name
    answer = browse("carol").get(scene.cast.url("desk:reopen", ticket.number))
    assert answer.headers["Location"] == scene.cast.url("desk:ticket", ticket.number)


def test_a_rejected_ticket_is_opened_again_with_a_note(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    post("carol", "desk:reject", ticket.number, reason=scene.reason("not_found"))
    assert post("carol", "desk:reopen", ticket.number).status_code == 400
    assert post("carol", "desk:reopen", ticket.number, note="Apareció").status_code == 302
    assert scene.state(ticket) == State.IN_REVIEW


def test_a_note_stays_inside_and_a_message_goes_out(scene: Scene, browse: Any, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    letters = Letter.objects.count()
    post("sue", "desk:message", ticket.number, text="Ojo con este", kind="internal")
    assert Message.objects.get().is_internal
    assert Letter.objects.count() == letters
    post("sue", "desk:message", ticket.number, text="Buenos días", kind="public")
    assert Letter.objects.filter(kind="conversation_message").exists()
    html = browse("carol").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Ojo con este" in html
    assert "Nota interna de Sue" in html


def test_without_a_kind_nothing_goes_out(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    post("sue", "desk:message", ticket.number, text="¿A quién?")
    assert Message.objects.get().is_internal


def test_an_empty_message_is_refused(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    assert post("sue", "desk:message", ticket.number, text=" ", kind="public").status_code == 400
    assert not Message.objects.exists()


def test_support_reads_answers_and_closes_a_conversation(scene: Scene, browse: Any, post: Any) -> None:
    cast = scene.cast
    talk = open_conversation(merchant=cast.merchant, customer=cast.a, subject="Mi dominio", text="No abre", by=cast.alice)
    html = browse("sue").get(cast.url("desk:conversations")).content.decode()
    assert "Mi dominio" in html
    assert post("otto", "desk:conversation", talk.number, text="Hola", kind="public").status_code == 403
    assert post("sue", "desk:conversation", talk.number, text="Ya lo vemos", kind="public").status_code == 302
    html = browse("otto").get(cast.url("desk:conversation", talk.number)).content.decode()
    assert "Ya lo vemos" in html
    assert 'name="text"' not in html
    assert post("sue", "desk:conversation_act", talk.number, act="close").status_code == 302
    assert not Conversation.objects.get(pk=talk.pk).is_open


def test_staff_begin_a_conversation(scene: Scene, post: Any) -> None:
    cast = scene.cast
    answer = post("sue", "desk:conversation_new", cast.a.pk, subject="", text="Buenos días")
    assert answer.status_code == 400
    assert "Buenos días" in answer.content.decode()
    assert post("sue", "desk:conversation_new", cast.a.pk, subject="Su plan", text="Buenos días").status_code == 302
    assert Conversation.objects.get(ticket__isnull=True).subject == "Su plan"


def test_a_tickets_conversation_is_read_on_its_page(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00")
    answer = browse("sue").get(scene.cast.url("desk:conversation", ticket.number))
    assert answer.headers["Location"] == scene.cast.url("desk:ticket", ticket.number)


def test_the_search_finds_by_number_customer_and_end_of_reference(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")], reference="0045775572442")
    scene.verify(ticket, scene.line("40.00"))

    def found(query: str) -> Any:
        return browse("otto").get(scene.cast.url("desk:search"), {"q": query})

    assert found(ticket.number.lower()).headers["Location"] == scene.cast.url("desk:ticket", ticket.number)
    assert ticket.number in found("572442").content.decode()
    html = found("alvarez").content.decode()
    assert ticket.number in html
    assert scene.cast.url("desk:customer", scene.cast.a.pk) in html
    assert "No se halló nada" in found("zzz").content.decode()
    assert found("").status_code == 200


def test_english_pages_hold_no_spanish(scene: Scene, browse: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    client = browse("carol")
    client.cookies["django_language"] = "en"
    html = client.get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Candidate deposits" in html
    for word in ("Depósitos", "Rechazar", "Historia", "Esperado"):
        assert word not in html
