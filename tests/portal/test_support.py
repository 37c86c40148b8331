"""Support in the portal: whom one writes to and about what, how it was, and a receipt that comes by mail (S1-32, N-06)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from letters.rendering import render_letter
from reports.services import take_mail
from tests.cast import client_of
from tests.factories import make_order
from tests.portal.conftest import Scene
from tests.tickets.mails import PDF, PNG, a_mail, answer_address, make_mailbox
from tickets import services
from tickets.mail.tokens import rating_token
from tickets.models import Conversation, ConversationEvent, Department, Message, State, Ticket, Topic

pytestmark = pytest.mark.django_db


def ready(scene: Scene) -> Department:
    services.prepare_merchant(merchant=scene.cast.merchant, by=scene.cast.ada)
    data = services.DepartmentData(name_es="Ventas", name_en="Sales")
    return services.save_department(merchant=scene.cast.merchant, data=data, by=scene.cast.ada)


def closed(scene: Scene) -> Conversation:
    cast = scene.cast
    talk = services.open_conversation(merchant=cast.merchant, customer=cast.a, subject="Plan", text="¿Cuánto?", by=cast.alice)
    services.close_conversation(conversation_id=talk.pk, by=cast.sue)
    return talk


def test_one_writes_to_a_department_about_an_order_with_several_files(scene: Scene) -> None:
    sales, order = ready(scene), make_order(scene.customer, "12.00")
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:support_new")
    page = client.get(url, {"about": order.number}).content.decode()
    assert f'value="{order.number}" selected' in page
    files = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.pdf", PDF)]
    said = {"department": sales.pk, "topic": order.number, "subject": "Otro plan", "text": "Quiero cambiar", "attachments": files}
    assert client.post(url, said).status_code == 302
    talk = Conversation.objects.get()
    assert (talk.department, Topic.objects.get().order_number) == (sales, order.number)
    assert talk.messages.get().attachments.count() == 2
    shown = client.get(scene.cast.url("portal:conversation", talk.number)).content.decode()
    assert ("Ventas" in shown, order.number in shown) == (True, True)


def test_a_file_that_is_too_large_is_told_and_nothing_is_lost(scene: Scene) -> None:
    ready(scene)
    big = SimpleUploadedFile("grande.pdf", PDF + b"0" * (10 * 1024 * 1024))
    said = {"subject": "Mi plan", "text": "Aquí va", "attachments": [big, SimpleUploadedFile("b.pdf", PDF)]}
    answer = client_of(scene.cast.alice).post(scene.cast.url("portal:support_new"), said)
    html = answer.content.decode()
    assert (answer.status_code, "grande.pdf" in html, "Aquí va" in html) == (422, True, True)
    assert not Conversation.objects.exists()


def test_what_is_not_offered_or_not_ones_own_cannot_be_chosen(scene: Scene) -> None:
    sales = ready(scene)
    Department.objects.filter(pk=sales.pk).update(is_offered=False)
    theirs, _own = make_order(scene.cast.b, "13.00"), make_order(scene.customer)
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:support_new")
    for bad in ({"department": sales.pk}, {"topic": theirs.number}, {"department": "x"}):
        assert client.post(url, {"subject": "x", "text": "y", **bad}).status_code == 422, bad
    with pytest.raises(Refused):
        services.open_conversation(
            merchant=scene.cast.merchant,
            customer=scene.cast.a,
            subject="x",
            text="y",
            department_id=sales.pk,
            by=scene.cast.alice,
        )
    assert not Conversation.objects.exists()


def test_the_letter_at_the_end_leads_to_one_click_and_looking_changes_nothing(scene: Scene) -> None:
    talk, stranger = closed(scene), Client()
    letter = Letter.objects.get(kind="conversation_closed")
    url = scene.cast.url("portal:rating", letter.context["token"])
    assert url in render_letter(letter).text
    assert stranger.get(url).status_code == 200
    assert Conversation.objects.get(pk=talk.pk).rating == ""
    assert stranger.post(url, {"rating": "great"}).status_code == 422
    assert stranger.post(url, {"rating": "good", "note": "<b>Rápido</b>"}).status_code == 302
    assert Conversation.objects.get(pk=talk.pk).rating == "good"
    event = ConversationEvent.objects.get(act="rate")
    assert (event.target, event.note, event.team) == ("good", "<b>Rápido</b>", "customer")
    shown = client_of(scene.cast.sue).get(scene.cast.url("desk:conversation", talk.number)).content.decode()
    assert "&lt;b&gt;Rápido" in shown
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:conversation", talk.number)).content.decode()
    assert "Gracias por contarnos" in page
    assert "<b>Rápido" not in page


def test_a_rating_link_is_one_conversations_and_only_while_it_is_closed(scene: Scene) -> None:
    talk = closed(scene)
    far = rating_token(scene.cast.merchant.pk + 1, talk.pk)
    for token in ("x", far, rating_token(scene.cast.merchant.pk, 10**9)):
        assert Client().get(scene.cast.url("portal:rating", token)).status_code == 404
    services.post_message(conversation_id=talk.pk, text="Una cosa más", by=scene.cast.alice)
    url = scene.cast.url("portal:rating", rating_token(scene.cast.merchant.pk, talk.pk))
    assert Client().post(url, {"rating": "bad"}).status_code == 409
    assert Conversation.objects.get(pk=talk.pk).rating == ""
    for by in (scene.cast.sue, scene.cast.bob):
        with pytest.raises(NotAllowed):
            services.rate_conversation(conversation_id=talk.pk, rating="good", by=by)


def test_a_receipt_that_answers_by_mail_becomes_the_reports(scene: Scene) -> None:
    cast = scene.cast
    mailbox = make_mailbox(cast.merchant)
    ticket = scene.ask(scene.report(make_order(scene.customer)), "receipt")
    user: Any = cast.alice.user
    to = answer_address(mailbox, ticket.conversation, user.pk)
    take_mail(mailbox=mailbox, raw=a_mail(user.email, to, "Aquí está", files={"nuevo.png": PNG}))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.state == State.IN_REVIEW
    assert ticket.report.receipts.count() == 1
    message = Message.objects.get()
    assert (message.followup.comment, message.attachments.count()) == ("Aquí está", 1)
    assert ticket.report.revision == 2
