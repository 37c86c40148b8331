"""Answers by mail: whose they are, what counts, what is held, and that nobody learns anything by it (N-06, S1-32)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from accounts.actors import Actor
from letters.models import Letter
from letters.rendering import build_message, render_letter
from reports.services import take_mail
from tests.factories import customer_actor, make_customer
from tests.tickets.mails import PDF, PNG, a_mail, answer_address, make_mailbox
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.mail.tokens import read_rating_token, read_token, reply_token, split_address, with_token
from tickets.models import Attachment, Conversation, IncomingMail, Mailbox, Message, State
from tickets.selectors import conversation_for, thread_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house(support_email="ayuda@andina.example")


@pytest.fixture
def mailbox(house: House) -> Mailbox:
    return make_mailbox(house.merchant)


@pytest.fixture
def talk(house: House) -> Conversation:
    made = services.open_conversation(
        merchant=house.merchant, customer=house.customer.customer, subject="Mi dominio", text="¿Cuándo vence?", by=house.customer
    )
    services.post_message(conversation_id=made.pk, text="Mañana.", by=house.support)
    return made


def email_of(actor: Actor) -> str:
    assert actor.user is not None
    return str(actor.user.email)


def take(mailbox: Mailbox, raw: bytes) -> IncomingMail:
    """What became of it, as it stands in the table."""
    take_mail(mailbox=mailbox, raw=raw)
    return IncomingMail.objects.filter(mailbox=mailbox).latest("pk")


def answer(house: House, mailbox: Mailbox, talk: Conversation, text: str = "Gracias", **kw: Any) -> IncomingMail:
    sender = kw.pop("sender", email_of(house.customer))
    to = answer_address(mailbox, talk, house.customer.user.pk if house.customer.user else 0)
    return take(mailbox, a_mail(sender, kw.pop("to", to), text, **kw))


def seen_by_customer(house: House, talk: Conversation) -> list[str]:
    return [entry.text for entry in thread_for(house.customer, talk)]


def test_letters_about_a_conversation_are_answered_at_an_address_of_ones_own(
    house: House, mailbox: Mailbox, talk: Conversation
) -> None:
    letter = Letter.objects.get(kind="conversation_message")
    message = build_message(letter)
    local, detail = split_address(message.reply_to[0])
    assert local == mailbox.address
    said = read_token(detail, house.merchant.pk)
    assert said is not None
    assert (said.conversation_id, said.user_id) == (talk.pk, house.customer.user.pk)  # type: ignore[union-attr]
    assert detail in message.extra_headers["References"]
    assert "Escriba su respuesta encima" in render_letter(letter).text
    Mailbox.objects.update(is_active=False)
    assert build_message(letter).reply_to == ["ayuda@andina.example"]
    assert "encima" not in render_letter(letter).text


def test_a_token_is_one_merchants_one_persons_and_cannot_be_made_up(house: House) -> None:
    token = reply_token(house.merchant.pk, 7, 9)
    assert read_token(token.upper(), house.merchant.pk) is not None
    assert read_token(token, house.merchant.pk + 1) is None
    for forged in (
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        token.replace("r7-", "r8-"),
        "",
        "r7-9-",
        "r" * 60,
        "rzzzzzzzzzzzz-1-" + "a" * 20,
    ):
        assert read_token(forged, house.merchant.pk) is None
    long = "a" * 40 + "@x.example"
    assert with_token(long, token) == long
    assert read_rating_token("nope", house.merchant.pk) is None


def test_an_answer_lands_in_its_conversation_without_what_it_quotes(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    services.close_conversation(conversation_id=talk.pk, by=house.support)
    quoted = "El mar, 24 nov 2026 a las 9:12, Andina (<x@y.example>)\nescribió:\n\n> — Escriba su respuesta encima de"
    quoted += " esta línea —\n> Mañana.\n"
    text = f"Perfecto, muchas gracias.\n\n{quoted}"
    row = answer(house, mailbox, talk, text, files={"recibo.pdf": PDF})
    assert (row.outcome, row.conversation) == ("posted", talk)
    assert seen_by_customer(house, talk)[-1] == "Perfecto, muchas gracias."
    message = Message.objects.latest("pk")
    assert (message.author, message.team) == (house.customer.user, "customer")
    assert Attachment.objects.get().file.customer == talk.customer
    talk.refresh_from_db()
    assert talk.is_open
    assert talk.awaits_us


def test_the_same_mail_counts_once(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    for _again in range(3):
        answer(house, mailbox, talk, "Una vez", Message_ID="<x1@mail.example>")
    assert seen_by_customer(house, talk).count("Una vez") == 1
    assert IncomingMail.objects.count() == 1


def test_a_program_that_loses_the_address_is_known_by_what_it_refers_to(
    house: House, mailbox: Mailbox, talk: Conversation
) -> None:
    token = reply_token(house.merchant.pk, talk.pk, house.customer.user.pk)  # type: ignore[union-attr]
    row = answer(house, mailbox, talk, to=mailbox.address, References=f"<a@b> <{token}@testserver>", In_Reply_To="<c@d>")
    assert (row.outcome, row.conversation) == ("posted", talk)


def test_an_answer_by_mail_answers_the_question(house: House, mailbox: Mailbox) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    Letter.objects.all().delete()
    row = answer(house, mailbox, ticket.conversation, "Es la 004512")
    ticket.refresh_from_db()
    assert (row.outcome, ticket.state) == ("posted", State.IN_REVIEW)
    assert ticket.deadline_at is not None
    letter = Letter.objects.get(kind="ticket_answered")
    assert (letter.to_email, letter.context["note"]) == (email_of(house.accountant), "Es la 004512")


def test_a_customer_whom_nobody_represents_answers_from_its_own_address(house: House, mailbox: Mailbox) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    customer = ticket.customer
    customer.contacts.all().delete()
    raw = a_mail(customer.email.upper(), answer_address(mailbox, ticket.conversation, 0), "La 004512")
    assert take(mailbox, raw).outcome == "posted"
    ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW
    assert Message.objects.get().team == "customer"


@pytest.mark.parametrize("how", ["stranger", "forged", "no_sender", "mute"])
def test_who_may_not_write_is_held_for_the_staff_alone(house: House, mailbox: Mailbox, talk: Conversation, how: str) -> None:
    before = Letter.objects.count()
    changed_at = Conversation.objects.get(pk=talk.pk).changed_at
    kw: dict[str, Any] = {"sender": "quien@otra.example"}
    if how == "forged":
        kw = {"Authentication_Results": "mx.example; spf=pass; dmarc=fail (p=none)"}
    if how == "no_sender":
        kw = {"sender": "a@x.example, b@x.example"}
    if how == "mute":
        other = customer_actor(house.customer.customer, can_use_tickets=False)
        kw = {"sender": email_of(other)}
    row = answer(house, mailbox, talk, "Cambie mi cuenta", files={"virus.pdf": PDF}, **kw)
    assert (row.outcome, row.reason) == ("held", "stranger" if how == "mute" else how)
    assert "Cambie mi cuenta" not in seen_by_customer(house, talk)
    assert conversation_for(house.customer, talk.number).last_text == "Mañana."  # type: ignore[attr-defined]
    entry = thread_for(house.support, talk)[-1]
    assert (entry.text, entry.team, entry.is_internal) == ("Cambie mi cuenta\n\n[virus.pdf]", "stranger", True)
    assert Letter.objects.count() == before
    assert not Attachment.objects.exists()
    assert Conversation.objects.get(pk=talk.pk).changed_at == changed_at


def test_a_stranger_answers_no_question(house: House, mailbox: Mailbox) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    assert answer(house, mailbox, ticket.conversation, "Es la 1", sender="x@otra.example").outcome == "held"
    other = customer_actor(make_customer(house.merchant))
    assert answer(house, mailbox, ticket.conversation, "Es la 2", sender=email_of(other)).outcome == "held"
    ticket.refresh_from_db()
    assert ticket.state == State.NEEDS_INFORMATION


def test_another_merchants_token_opens_nothing(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    far = make_house()
    theirs = make_mailbox(far.merchant)
    token = reply_token(house.merchant.pk, talk.pk, house.customer.user.pk)  # type: ignore[union-attr]
    row = take(theirs, a_mail(email_of(house.customer), with_token(theirs.address, token), "Hola"))
    assert (row.outcome, row.reason, row.conversation) == ("held", "unknown", None)
    assert seen_by_customer(house, talk)[-1] == "Mañana."


def test_staff_who_answer_by_mail_write_a_note_inside(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    before = Letter.objects.count()
    row = answer(house, mailbox, talk, "Yo lo veo", sender=email_of(house.accountant))
    assert (row.outcome, row.reason) == ("posted", "staff")
    assert "Yo lo veo" not in seen_by_customer(house, talk)
    assert Letter.objects.count() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Auto_Response_Suppress": "All"}, {"List_Id": "<a.b>"},
        {"Return_Path": "<>"},
    ],
)  # fmt: skip
def test_what_a_program_wrote_is_ignored(house: House, mailbox: Mailbox, talk: Conversation, headers: dict[str, str]) -> None:
    before = (Letter.objects.count(), Message.objects.count())
    assert answer(house, mailbox, talk, "Estoy de vacaciones", **headers).outcome == "ignored"
    assert (Letter.objects.count(), Message.objects.count()) == before


def test_our_own_addresses_and_robots_are_ignored(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    for sender in (
        mailbox.address,
        mailbox.address.replace("@", "+r1-2-x@"),
        "ayuda@andina.example",
        "no-reply@localhost",
        "MAILER-DAEMON@x.example",
    ):
        assert answer(house, mailbox, talk, sender=sender).outcome == "ignored"


def test_who_writes_all_the_time_waits_for_a_person(
    house: House, mailbox: Mailbox, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.mail.MOST_PER_HOUR", 2)
    outcomes = [answer(house, mailbox, talk, f"Mensaje {count}").outcome for count in range(4)]
    assert outcomes == ["posted", "posted", "held", "held"]
    assert seen_by_customer(house, talk)[-1] == "Mensaje 1"


def test_a_known_person_begins_a_conversation_by_mail(house: House, mailbox: Mailbox) -> None:
    sales = services.save_department(
        merchant=house.merchant,
        data=services.DepartmentData(name_es="Ventas", name_en="Sales", email="ventas@andina.example"),
        by=house.administrator,
    )
    row = take(
        mailbox,
        a_mail(email_of(house.customer), "ventas@andina.example", "¿Qué planes hay?", Subject="=?utf-8?b?UGxhbmVzIPCfmoA=?="),
    )
    assert row.outcome == "opened"
    talk = Conversation.objects.get()
    assert (talk.department, talk.subject, talk.customer) == (sales, "Planes 🚀", house.customer.customer)
    assert Message.objects.get().author == house.customer.user
    assert split_address(build_message(_letter_of(house, talk)).reply_to[0])[0] == "ventas@andina.example"


def _letter_of(house: House, talk: Conversation) -> Letter:
    services.post_message(conversation_id=talk.pk, text="Tres", by=house.support)
    return Letter.objects.get(kind="conversation_message", about=f"conversation:{talk.pk}")


def test_an_unknown_sender_is_held_and_told_nothing(house: House, mailbox: Mailbox) -> None:
    row = take(mailbox, a_mail("quien@otra.example", mailbox.address, "Quiero pagar"))
    assert (row.outcome, row.reason, row.text) == ("held", "unknown", "Quiero pagar")
    assert not Letter.objects.exists()
    services.settle_held_mail(mail_id=row.pk, by=house.support)
    row.refresh_from_db()
    assert row.settled_at is not None


def test_files_that_cannot_be_taken_are_told_by_letter_and_the_rest_is_kept(
    house: House, mailbox: Mailbox, talk: Conversation
) -> None:
    files = {
        "grande.pdf": b"%PDF-1.4\n" + b"0" * (10 * 1024 * 1024 + 1),
        "macro.docm": b"PK\x03\x04" + b"0" * 200,
        "foto.png": PNG,
    }
    row = answer(house, mailbox, talk, "Aquí van", files=files)
    assert row.outcome == "posted"
    assert [each.file.original_name for each in Attachment.objects.all()] == ["foto.png"]
    letter = Letter.objects.get(kind="mail_not_taken")
    assert letter.to_email == email_of(house.customer)
    told = render_letter(letter).text
    assert "grande.pdf: El archivo" in told
    assert "macro.docm" in told
    assert "Su texto se recibió" in told


def test_a_mail_that_is_too_large_is_answered_by_a_letter(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    head = a_mail(email_of(house.customer), answer_address(mailbox, talk, house.customer.user.pk), "x").split(b"\n\n")[0]  # type: ignore[union-attr]
    take_mail(mailbox=mailbox, raw=head, size=30 * 1024 * 1024, is_whole=False)
    row = IncomingMail.objects.get()
    assert (row.outcome, row.reason, row.size) == ("refused", "nothing_taken", 30 * 1024 * 1024)
    assert "25 MB" in render_letter(Letter.objects.get(kind="mail_not_taken")).text
    assert seen_by_customer(house, talk)[-1] == "Mañana."


def test_an_empty_answer_is_nothing(house: House, mailbox: Mailbox, talk: Conversation) -> None:
    assert answer(house, mailbox, talk, " \n").outcome == "refused"
    with pytest.raises(ObjectDoesNotExist):
        Letter.objects.get(kind="mail_not_taken")
