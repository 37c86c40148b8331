"""Reads of the tickets room. Each takes a constant number of queries, however long the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Merchant, User
from files.models import StoredFile
from tickets.calendar import business_minutes_between
from tickets.models import (
    HELD_STATES,
    LIVE_STATES,
    Attachment,
    Conversation,
    IncomingMail,
    Message,
    Reason,
    State,
    Ticket,
    TicketEvent,
)

# Steps inside the house: the customer is told what they lead to.
INTERNAL_ACTS = frozenset({"release", "request_approval", "send_back"})
# From this share of the review hours on, the queue shows a ticket in amber.
NEAR_SHARE = 0.75


def tickets_for(actor: Actor | None) -> QuerySet[Ticket]:
    """Tickets that `actor` may see, newest first: staff those of their merchant, contacts (who report or use tickets) their
    customer's."""
    tickets = Ticket.objects.select_related("customer", "claimed_by", "prepared_by", "reason").order_by("-pk")
    if actor is None:
        return tickets.none()
    tickets = tickets.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return tickets
    contact = actor.contact
    if contact is None or not (contact.can_report or contact.can_use_tickets):
        return tickets.none()
    return tickets.filter(customer_id=contact.customer_id)


def ticket_for(actor: Actor | None, number: str) -> Ticket:
    """The ticket with that number, its conversation with it, or 404: another's and one that never was look the same."""
    ticket = tickets_for(actor).select_related("duplicate_of", "conversation").filter(number=number).first()
    if ticket is None or actor is None:
        raise Http404
    ticket.merchant = actor.merchant
    return ticket


def twin_for(actor: Actor, ticket: Ticket) -> Ticket | None:
    """The ticket that reports the same payment, when `actor` may know of it: to a customer only one of their own."""
    twin = ticket.duplicate_of
    if twin is None or actor.is_staff or twin.customer_id == ticket.customer_id:
        return twin
    return None


def conversations_for(actor: Actor | None) -> QuerySet[Conversation]:
    """Conversations that `actor` may see, the one with the newest message first.

    Each has `last_text`, `last_team` and `last_at` of its last message (None before the first; for customers internal notes
    do not
    count). Contacts who only report see those of tickets; support's own need the permission for tickets.
    """
    conversations = Conversation.objects.select_related("customer", "ticket", "department", "assigned_to").order_by(
        "-changed_at", "-pk"
    )
    if actor is None:
        return conversations.none()
    conversations = conversations.filter(merchant=actor.merchant)
    last = Message.objects.filter(conversation=OuterRef("pk")).order_by("-pk")
    if not (actor.is_staff or actor.is_system):
        contact = actor.contact
        if contact is None or not (contact.can_report or contact.can_use_tickets):
            return conversations.none()
        conversations = conversations.filter(customer_id=contact.customer_id)
        if not contact.can_use_tickets:
            conversations = conversations.filter(ticket__isnull=False)
        last = last.filter(is_internal=False)
    return conversations.annotate(
        last_text=Subquery(last.values("followup__comment")[:1]),
        last_team=Subquery(last.values("team")[:1]),
        last_at=Subquery(last.values("created_at")[:1]),
    )


def conversation_for(actor: Actor | None, number: str) -> Conversation:
    """The conversation with that number, or 404. A ticket's conversation has the ticket's number."""
    conversation = conversations_for(actor).filter(number=number).first()
    if conversation is None or actor is None:
        raise Http404
    conversation.merchant = actor.merchant
    return conversation


def reasons_of(merchant: Merchant, kind: Reason.Kind | str) -> list[Reason]:
    """The merchant's active reasons of a kind (`reject`, `reverse`), in their order."""
    return list(Reason.objects.filter(merchant=merchant, kind=kind, is_active=True))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a timeline: a step (`act`, `source`, `state`) or a message (`text`, `attachments`).

    `team` is what customers see of who did it; `person` is for staff and None for customers, and so is `mail`, by which a message
    came. `is_own`: by the reader.
    """

    at: datetime
    is_message: bool
    team: str
    person: User | None
    is_own: bool
    act: str = ""
    source: str = ""
    state: str = ""
    reason: Reason | None = None
    note: str = ""
    internal_note: str = ""
    text: str = ""
    is_internal: bool = False
    mail: IncomingMail | None = None
    attachments: tuple[StoredFile, ...] = field(default=())


def timeline_for(actor: Actor, ticket: Ticket) -> list[Entry]:
    """Steps and messages of a ticket in the order of time. Three queries.

    Customers see teams instead of people, no internal notes, and no step that the house takes within itself.
    """
    conversation = Conversation.objects.filter(merchant=actor.merchant, ticket=ticket)
    entries = [*_steps(actor, ticket), *_messages(actor, conversation)]
    return sorted(entries, key=lambda entry: entry.at)


def thread_for(actor: Actor, conversation: Conversation) -> list[Entry]:
    """The messages of a conversation in the order of time, as `actor` may see them. Two queries."""
    return _messages(actor, Conversation.objects.filter(merchant=actor.merchant, pk=conversation.pk))


def _reads_all(actor: Actor) -> bool:
    return actor.is_staff or actor.is_system


def _steps(actor: Actor, ticket: Ticket) -> list[Entry]:
    events = TicketEvent.objects.filter(merchant=actor.merchant, ticket=ticket).select_related("by", "reason").order_by("pk")
    inside = _reads_all(actor)
    entries: list[Entry] = []
    shown = ""
    for event in events:
        if not inside and event.act == "release" and entries and entries[-1].act == "claim":
            # Taken and put back: for the customer nobody began, so that the newest step is the state of the ticket.
            entries.pop()
            shown = event.target
        # The review began once for the customer, however often it changed hands.
        if not inside and (event.act in INTERNAL_ACTS or (event.act == "claim" and shown == State.IN_REVIEW)):
            continue
        shown = event.target
        entries.append(
            Entry(
                at=event.at,
                is_message=False,
                team=event.team,
                person=event.by if inside else None,
                is_own=actor.user is not None and event.by_id == actor.user.pk,
                act=event.act,
                source=event.source,
                state=event.target,
                reason=event.reason,
                note=event.note,
                internal_note=event.internal_note if inside else "",
            )
        )
    return entries


def _messages(actor: Actor, conversations: QuerySet[Conversation]) -> list[Entry]:
    inside = _reads_all(actor)
    attachments = Prefetch("attachments", Attachment.objects.select_related("file").order_by("pk"))
    messages = Message.objects.filter(conversation__in=conversations).select_related("followup", "author").order_by("pk")
    messages = messages.select_related("mail") if inside else messages.filter(is_internal=False)
    return [
        Entry(
            at=message.created_at,
            is_message=True,
            team=message.team,
            person=message.author if inside else None,
            is_own=actor.user is not None and message.author_id == actor.user.pk,
            text=message.followup.comment or "",
            is_internal=message.is_internal,
            mail=getattr(message, "mail", None) if inside else None,
            attachments=tuple(each.file for each in message.attachments.all()),
        )
        for message in messages.prefetch_related(attachments)
    ]


def queue_counts(actor: Actor) -> dict[str, int]:
    """How many live tickets stand in each drawer of the queue, for this member of the staff. One query.

    `open` all, `new` unclaimed, `mine` in the actor's hands (`HELD_STATES`, as in the queue), `in_review`, `waiting_for_bank`,
    `waiting_for_customer`, `second_signature`, `to_sign` (of these, the ones that the actor may sign), `overdue`.
    """
    user_id = actor.user.pk if actor.user else None
    signable = Q(state=State.AWAITING_APPROVAL) & ~Q(prepared_by=user_id) if actor.can_sign else Q(pk__in=[])
    drawers = {
        "open": Q(),
        "new": Q(state=State.SUBMITTED),
        "mine": Q(state__in=HELD_STATES, claimed_by=user_id),
        "in_review": Q(state=State.IN_REVIEW),
        "waiting_for_bank": Q(state=State.WAITING_FOR_BANK),
        "waiting_for_customer": Q(state=State.NEEDS_INFORMATION),
        "second_signature": Q(state=State.AWAITING_APPROVAL),
        "to_sign": signable,
        "overdue": Q(deadline_at__lt=timezone.now()),
    }
    live = Ticket.objects.filter(merchant=actor.merchant, state__in=LIVE_STATES)
    return live.aggregate(**{name: Count("pk", filter=found) for name, found in drawers.items()})


@dataclass(frozen=True)
class Clock:
    """A ticket's deadline as the queue shows it. `stage`: `running`, `near` (75 % used), `over`, `paused`, `stopped` (decided).

    `minutes` are business minutes that are left; negative when over; None when decided.
    """

    stage: str
    minutes: int | None


def clock_of(merchant: Merchant, ticket: Ticket, now: datetime | None = None) -> Clock:
    """Where the ticket's clock stands. No query."""
    if not ticket.is_live:
        return Clock("stopped", None)
    if ticket.deadline_at is None:
        return Clock("paused", ticket.minutes_left or 0)
    now = now or timezone.now()
    left = business_minutes_between(merchant, now, ticket.deadline_at)
    if ticket.deadline_at < now:
        return Clock("over", left)
    allowed = merchant.review_hours * 60
    return Clock("near" if left <= allowed * (1 - NEAR_SHARE) else "running", left)
