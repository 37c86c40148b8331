"""Messages: who writes, who reads, which letters go out, and helpdesk kept behind its door."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from django.contrib import admin
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.urls import get_resolver
from helpdesk.models import FollowUp, Queue
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from tests.factories import customer_actor, make_customer
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.models import Attachment, Conversation, Department, Message, Reason, State, TicketEvent
from tickets.selectors import conversation_for, conversations_for, thread_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def say(house: House, ticket: object, text: str = "Hola", **kw: object) -> Message:
    kw.setdefault("by", house.customer)
    return services.post_message(conversation_id=ticket.conversation.pk, text=text, **kw)  # type: ignore[attr-defined]


def ask_support(house: House, by: Actor | None = None, **kw: object) -> Conversation:
    kw.setdefault("subject", "Mi dominio")
    kw.setdefault("text", "¿Cuándo vence?")
    return services.open_conversation(merchant=house.merchant, customer=house.customer.customer, by=by or house.customer, **kw)


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("recibo.pdf", b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")


def test_a_message_is_helpdesks_follow_up_and_ours(house: House) -> None:
    ticket = make_ticket(house)
    message = say(house, ticket, "Ya pagué\r\nayer\x00")
    followup = FollowUp.objects.get()
    assert message.followup == followup
    assert (followup.comment, followup.public, followup.user) == ("Ya pagué\nayer", True, house.customer.user)
    assert (message.team, message.is_internal) == ("customer", False)
    assert not mail.outbox


def test_staffs_message_is_one_letter_and_an_internal_note_none(house: House) -> None:
    ticket = make_ticket(house)
    Letter.objects.all().delete()
    say(house, ticket, "Revisamos", by=house.support)
    say(house, ticket, "Ojo con este", by=house.accountant, is_internal=True)
    say(house, ticket, "Gracias")
    letter = Letter.objects.get()
    assert (letter.kind, letter.to_email) == ("conversation_message", house.customer.user.email)
    assert letter.context["text"] == "Revisamos"
    assert "Ojo" not in str(Letter.objects.values())


def test_internal_notes_are_for_staff(house: House) -> None:
    ticket = make_ticket(house)
    with pytest.raises(NotAllowed):
        say(house, ticket, is_internal=True)
    note = say(house, ticket, "Ojo", by=house.accountant, is_internal=True)
    assert note.followup.public is False
    conversation = ticket.conversation
    assert [entry.text for entry in thread_for(house.customer, conversation)] == []
    assert [entry.text for entry in thread_for(house.auditor, conversation)] == ["Ojo"]
    assert conversation_for(house.customer, ticket.number).last_text is None  # type: ignore[attr-defined]


def test_an_internal_note_neither_opens_nor_closes(house: House) -> None:
    ticket = make_ticket(house, State.VERIFIED)
    say(house, ticket, "Nota", by=house.accountant, is_internal=True)
    assert Conversation.objects.get().is_open is False


@pytest.mark.parametrize("who", ["auditor", "stranger", "mute"])
def test_who_may_not_write_writes_nothing(house: House, who: str) -> None:
    ticket = make_ticket(house)
    by = {
        "auditor": house.auditor,
        "stranger": customer_actor(make_customer(house.merchant)),
        "mute": customer_actor(house.customer.customer, can_use_tickets=False),
    }[who]
    with pytest.raises(NotAllowed):
        say(house, ticket, by=by)
    assert not Message.objects.exists()


def test_another_merchants_conversation_does_not_exist_here(house: House) -> None:
    ticket = make_ticket(make_house())
    for by in (house.customer, house.support):
        with pytest.raises(Http404):
            services.post_message(conversation_id=ticket.conversation.pk, text="x", by=by)
    assert not Message.objects.exists()


def test_a_message_needs_words_or_a_file_and_has_limits(house: House) -> None:
    ticket = make_ticket(house)
    for text, files, code in (
        (" \x00\n", (), "text_required"),
        ("x" * 10_001, (), "text_too_long"),
        ("x", [pdf()] * 6, "too_many_files"),
    ):
        with pytest.raises(Refused) as caught:
            say(house, ticket, text, files=files)
        assert caught.value.code == code
    assert not FollowUp.objects.exists()


def test_attachments_are_private_files_of_the_customer(house: House) -> None:
    ticket = make_ticket(house)
    say(house, ticket, "", files=[pdf()])
    file = Attachment.objects.get().file
    assert (file.purpose, file.customer, file.original_name) == ("message", house.customer.customer, "recibo.pdf")
    say(house, ticket, "Nota", files=[pdf()], by=house.accountant, is_internal=True)
    assert Attachment.objects.latest("pk").file.customer is None


def test_a_refused_file_takes_the_whole_message_with_it(house: House) -> None:
    ticket = make_ticket(house)
    with pytest.raises(Refused):
        say(house, ticket, "Mire", files=[pdf(), SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")])
    assert not Message.objects.exists()
    assert not FollowUp.objects.exists()


def test_a_customers_message_answers_the_question(house: House) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    say(house, ticket, "Es la 004512")
    ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW
    assert TicketEvent.objects.get(act="answer").by == house.customer.user


def test_a_message_of_staff_or_of_who_may_not_report_answers_nothing(house: House) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    say(house, ticket, "¿Y bien?", by=house.support)
    say(house, ticket, "No sé", by=customer_actor(house.customer.customer, can_report=False))
    ticket.refresh_from_db()
    assert ticket.state == State.NEEDS_INFORMATION


def test_support_conversations_have_numbers_of_the_same_series(house: House) -> None:
    ticket = make_ticket(house)
    conversation = ask_support(house)
    assert (ticket.number[-5:], conversation.number[-5:]) == ("10001", "10002")
    assert conversation.helpdesk_ticket.queue.slug == f"{house.merchant.slug}-support"
    assert [entry.text for entry in thread_for(house.customer, conversation)] == ["¿Cuándo vence?"]


def test_a_conversation_needs_a_subject_and_a_department(house: House) -> None:
    for bad, field in (({"subject": " \x00 "}, "subject"), ({"department_id": 0}, "department"), ({"text": ""}, "text")):
        with pytest.raises(Refused) as caught:
            ask_support(house, **bad)
        assert caught.value.fields == (field,)
    assert not Conversation.objects.exists()
    assert not HelpdeskTicket.objects.exists()


def test_staff_write_first_and_the_customer_is_told(house: House) -> None:
    ask_support(house, by=house.support)
    assert Letter.objects.get().kind == "conversation_message"
    with pytest.raises(NotAllowed):
        ask_support(house, by=house.auditor)


def test_a_closed_conversation_opens_again_when_the_customer_writes(house: House) -> None:
    conversation = ask_support(house)
    with pytest.raises(NotAllowed):
        services.close_conversation(conversation_id=conversation.pk, by=house.customer)
    services.close_conversation(conversation_id=conversation.pk, by=house.support)
    row = HelpdeskTicket.objects.get()
    assert row.status == row.CLOSED_STATUS
    services.post_message(conversation_id=conversation.pk, text="Otra cosa", by=house.support)
    assert Conversation.objects.get().is_open is False
    services.post_message(conversation_id=conversation.pk, text="Otra cosa", by=house.customer)
    row.refresh_from_db()
    assert (Conversation.objects.get().is_open, row.status) == (True, row.REOPENED_STATUS)


def test_the_conversation_of_a_live_ticket_is_not_closed(house: House) -> None:
    ticket = make_ticket(house)
    with pytest.raises(Refused) as caught:
        services.close_conversation(conversation_id=ticket.conversation.pk, by=house.support)
    assert caught.value.code == "ticket_is_live"


def test_who_sees_which_conversations(house: House) -> None:
    ticket, support = make_ticket(house), ask_support(house)
    reporter = customer_actor(house.customer.customer, can_use_tickets=False)
    nobody = customer_actor(house.customer.customer, can_use_tickets=False, can_report=False)
    assert list(conversations_for(house.customer)) == [support, ticket.conversation]
    assert list(conversations_for(reporter)) == [ticket.conversation]
    for actor in (None, nobody, customer_actor(make_customer(house.merchant)), make_house().support):
        assert not conversations_for(actor)
        with pytest.raises(Http404):
            conversation_for(actor, support.number)
    row = conversations_for(house.auditor).get(pk=support.pk)
    assert (row.last_text, row.last_team) == ("¿Cuándo vence?", "customer")


def test_preparing_a_merchant_again_changes_nothing(house: House) -> None:
    reason = house.reason("not_found")
    reason.name_es = "No está"
    reason.save()
    before = (Queue.objects.count(), Reason.objects.count())
    services.prepare_merchant(merchant=house.merchant, by=house.administrator)
    assert (Queue.objects.count(), Reason.objects.count()) == before
    assert house.reason("not_found").name_es == "No está"
    with pytest.raises(NotAllowed):
        services.prepare_merchant(merchant=house.merchant, by=house.senior)


def test_a_ticket_makes_the_queue_that_is_missing() -> None:
    customer = customer_actor()
    services.open_ticket(merchant=customer.merchant, customer=customer.customer, subject="x", by=customer)
    assert Department.objects.get().queue.slug == f"{customer.merchant.slug}-payments"


def test_what_the_customer_reads_of_a_suspected_forgery_is_neutral(house: House) -> None:
    reason = house.reason("suspected_forgery")
    assert "alsific" in reason.staff_name
    assert "alsific" not in reason.name + reason.advice + reason.name_en + reason.advice_en
    assert house.reason("not_found").staff_name == house.reason("not_found").name


def test_helpdesk_has_no_page_of_its_own() -> None:
    for urlconf in ("config.urls", "config.merchant_urls"):
        callbacks = {_module(pattern.callback) for pattern in _patterns(get_resolver(urlconf).url_patterns)}
        assert not {name for name in callbacks if name.startswith(("helpdesk", "rest_framework"))}
    registered = {model._meta.app_label for model in admin.site._registry}
    assert "helpdesk" not in registered
    assert import_module("helpdesk.settings").HELPDESK_VIEW_A_TICKET_PUBLIC is False


@pytest.mark.parametrize("path", ["helpdesk/", "api/tickets/", "rss/user/", "view/?ticket=1", "public/", "login/"])
def test_helpdesks_usual_addresses_are_not_there(client: object, house: House, path: str) -> None:
    for prefix in ("/", f"/{house.merchant.slug}/", f"/{house.merchant.slug}/helpdesk/"):
        assert client.get(prefix + path, follow=True).status_code == 404  # type: ignore[attr-defined]


def _patterns(patterns: list[object]) -> list[object]:
    found: list[object] = []
    for pattern in patterns:
        found += _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]  # type: ignore[attr-defined]
    return found


def _module(callback: Callable[..., object]) -> str:
    return str(getattr(callback, "__module__", ""))
