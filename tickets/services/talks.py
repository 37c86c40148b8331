"""What becomes of a conversation: closed, opened again, handed to another department, given to somebody, rated, linked."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import WRITING, Actor
from accounts.errors import Refused
from accounts.models import StaffRole, User
from accounts.selectors import recipients_of
from tickets.mail.tokens import rating_token
from tickets.models import Conversation, ConversationEvent, Department, Rating, Ticket, Topic
from tickets.services.conversations import lock_conversation, may_write, note_step, set_open, staff_recipients, tell
from tickets.services.steps import clean_note

MOST_TOPICS = 20


@transaction.atomic
def close_conversation(*, conversation_id: int, by: Actor) -> Conversation:
    """Nothing is left to say (staff). The customer gets a letter that asks how they were served; writing again opens it.

    The conversation of a live ticket stays open until the ticket is decided (`ticket_is_live`); one that is closed stays so.
    """
    by.require(by.can_write_messages)
    conversation = lock_conversation(by.merchant, conversation_id)
    if conversation.ticket is not None and conversation.ticket.is_live:
        raise Refused(_("This conversation belongs to a ticket that is not decided yet."), code="ticket_is_live")
    if not conversation.is_open:
        return conversation
    conversation.awaits_us = False
    conversation.rating, conversation.rated_at = "", None
    set_open(conversation, is_open=False)
    conversation.save(update_fields=["rating", "rated_at"])
    event = note_step(conversation, ConversationEvent.Act.CLOSE, by=by)
    if conversation.ticket_id is None:
        tell(
            conversation,
            kind="conversation_closed",
            occasion=f"event:{event.pk}",
            recipients=recipients_of(conversation.customer),
            token=rating_token(conversation.merchant_id, conversation.pk),
        )
    return conversation


@transaction.atomic
def reopen_conversation(*, conversation_id: int, by: Actor) -> Conversation:
    """Staff take a closed conversation up again without a word from the customer."""
    by.require(by.can_write_messages)
    conversation = lock_conversation(by.merchant, conversation_id)
    _refuse_reports(conversation)
    if conversation.is_open:
        return conversation
    set_open(conversation, is_open=True)
    note_step(conversation, ConversationEvent.Act.REOPEN, by=by)
    return conversation


@transaction.atomic
def move_conversation(*, conversation_id: int, department_id: int, note: str = "", by: Actor) -> Conversation:
    """Hand a conversation to another department, with a note for who takes it there. Nobody has it after that; the customer is
    told who answers now. Reports of payments stay with accounting (`is_report`).

    `Refused`: `department` (none of the merchant's active ones), `same_department`, `note_too_long`.
    """
    by.require(by.can_write_messages)
    conversation = lock_conversation(by.merchant, conversation_id)
    _refuse_reports(conversation)
    target = Department.objects.filter(merchant=by.merchant, pk=department_id, is_active=True).first()
    if target is None:
        raise Refused(_("Please choose a department from the list."), code="department", fields=("department",))
    if target.pk == conversation.department_id:
        raise Refused(_("The conversation is with this department already."), code="same_department", fields=("department",))
    note = clean_note(note)
    source, conversation.department, conversation.assigned_to = conversation.department, target, None
    conversation.changed_at = timezone.now()
    conversation.save(update_fields=["department", "assigned_to", "changed_at"])
    event = note_step(conversation, ConversationEvent.Act.MOVE, by=by, source=source.name, target=target.name, note=note)
    tell(
        conversation,
        kind="conversation_moved",
        occasion=f"event:{event.pk}",
        recipients=recipients_of(conversation.customer),
        department_es=target.name_es,
        department_en=target.name_en,
    )
    return conversation


@transaction.atomic
def assign_conversation(*, conversation_id: int, user_id: int | None, by: Actor) -> Conversation:
    """Give a conversation to a member of the staff who writes to customers, or to nobody (`user_id` None). Who gets it from
    somebody else is told by a letter, and from then on of each answer. `Refused`: `not_staff`, `is_report`."""
    by.require(by.can_write_messages)
    conversation = lock_conversation(by.merchant, conversation_id)
    _refuse_reports(conversation)
    person: User | None = None
    if user_id is not None:
        role = StaffRole.objects.filter(merchant=by.merchant, user=user_id, user__is_active=True, role__in=WRITING)
        found = role.select_related("user").first()
        if found is None:
            raise Refused(_("Please choose a person from the list."), code="not_staff", fields=("assigned",))
        person = found.user
    if person == conversation.assigned_to:
        return conversation
    source, conversation.assigned_to = conversation.assigned_to, person
    conversation.save(update_fields=["assigned_to"])
    event = note_step(
        conversation,
        ConversationEvent.Act.ASSIGN,
        by=by,
        source=str(source) if source else "",
        target=str(person) if person else "",
    )
    if person is not None and person != by.user:
        tell(
            conversation,
            kind="conversation_assigned",
            occasion=f"event:{event.pk}",
            recipients=staff_recipients(person),
            who=str(by.user or by.merchant.name),
        )
    return conversation


@transaction.atomic
def rate_conversation(*, conversation_id: int, rating: str, note: str = "", by: Actor) -> Conversation:
    """The customer's judgement of a closed conversation; the last one counts. `by` is a contact of theirs, or the program for
    who holds the link of the letter. `Refused`: `rating`, `still_open`, `note_too_long`."""
    conversation = lock_conversation(by.merchant, conversation_id)
    by.require(by.is_system or (not by.is_staff and may_write(by, conversation.customer_id)))
    if rating not in Rating.values:
        raise Refused(_("Please choose one of the three answers."), code="rating", fields=("rating",))
    if conversation.is_open or conversation.ticket_id is not None:
        raise Refused(_("This conversation is open again: tell us when it is closed."), code="still_open")
    note = clean_note(note)
    if conversation.rating == rating and not note:
        return conversation
    source, conversation.rating, conversation.rated_at = conversation.rating, rating, timezone.now()
    conversation.save(update_fields=["rating", "rated_at"])
    note_step(conversation, ConversationEvent.Act.RATE, by=by, team="customer", source=source, target=rating, note=note)
    return conversation


@transaction.atomic
def add_topic(*, conversation_id: int, ticket: Ticket | None = None, order_number: str = "", by: Actor) -> Topic:
    """Note that a conversation is about a ticket or an order of the same customer (called by `reports.services.link_topic`, which
    knows both). Again it changes nothing. `Refused`: `too_many_topics`."""
    conversation = lock_conversation(by.merchant, conversation_id)
    by.require(by.is_system or may_write(by, conversation.customer_id))
    by.require(ticket is None or ticket.customer_id == conversation.customer_id)
    if Topic.objects.filter(conversation=conversation).count() >= MOST_TOPICS:
        raise Refused(_("Please link at most twenty things."), code="too_many_topics", fields=("topic",))
    topic, made = Topic.objects.get_or_create(
        merchant=by.merchant, conversation=conversation, ticket=ticket, order_number=order_number[:40]
    )
    if made:
        number = ticket.number if ticket else order_number
        note_step(conversation, ConversationEvent.Act.LINK, by=by, target=number)
    return topic


@transaction.atomic
def remove_topic(*, conversation_id: int, topic_id: int, by: Actor) -> None:
    """Take a link away again (staff); the history keeps that it was there. A link that is gone already is no error."""
    by.require(by.can_write_messages)
    conversation = lock_conversation(by.merchant, conversation_id)
    topic = Topic.objects.filter(conversation=conversation, pk=topic_id).select_related("ticket").first()
    if topic is None:
        return
    number = topic.ticket.number if topic.ticket else topic.order_number
    topic.delete()
    note_step(conversation, ConversationEvent.Act.UNLINK, by=by, target=number)


def _refuse_reports(conversation: Conversation) -> None:
    """Reports of payments have a state machine of their own, which says who has them."""
    if conversation.ticket_id is not None:
        raise Refused(_("This is a report of a payment: it stays with accounting."), code="is_report")
