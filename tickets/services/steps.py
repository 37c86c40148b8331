"""What every act is made of: the lock, the checks that all share, the step itself, the letter."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.keys import among
from accounts.models import Customer, Merchant, User
from accounts.selectors import Recipient, recipients_of, recipients_of_many
from letters.services import queue_letter, queue_letters_to_customers
from tickets.calendar import add_business_minutes, review_deadline
from tickets.models import LIVE_STATES, Conversation, Reason, State, Ticket, TicketEvent
from webhooks.kinds import Kind
from webhooks.services import News, announce_many

LONGEST_NOTE = 4000


def lock_ticket(merchant: Merchant, ticket_id: int) -> Ticket:
    """The ticket as it is now, its row locked until the transaction ends (the first lock of every act). `Http404` when it is
    not there."""
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("customer", "claimed_by", "prepared_by")
        .filter(merchant=merchant, pk=ticket_id)
        .first()
    )
    if ticket is None:
        raise Http404
    ticket.merchant = merchant
    return ticket


def lock_tickets(merchant: Merchant, ticket_ids: Iterable[int]) -> dict[int, Ticket]:
    """The same for many, locked by pk; those that are not there are left out."""
    rows = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("customer", "claimed_by", "prepared_by")
        .filter(merchant=merchant, pk__in=set(ticket_ids))
        .order_by("pk")
    )
    found = {ticket.pk: ticket for ticket in rows}
    for ticket in found.values():
        ticket.merchant = merchant
    return found


def wrong_state(ticket: Ticket) -> Stale:
    """The refusal of an act that the present state does not have; names the state."""
    return Stale(
        _("This cannot be done now: the ticket %(number)s is in the state “%(state)s”.")
        % {"number": ticket.number, "state": State(ticket.state).label},
        code="wrong_state",
    )


def require_act(ticket: Ticket, act: str) -> None:
    """Refuse unless the present state has this act. Before any other check, so that an illegal act always says so."""
    if not getattr(Ticket, act)._django_fsm.has_transition(ticket.state):
        raise wrong_state(ticket)


def require_hold(ticket: Ticket, by: Actor) -> None:
    """Refuse while somebody else is at work on a ticket in review. Says who, and until when."""
    if by.is_system or ticket.state != State.IN_REVIEW or by.user is None:
        return
    until = ticket.claimed_until
    if ticket.claimed_by_id == by.user.pk or until is None or until <= timezone.now():
        return
    raise Refused(
        _("%(person)s is working on this ticket until %(time)s.")
        % {"person": ticket.claimed_by, "time": _clock_time(ticket.merchant, until)},
        code="claimed",
    )


def _clock_time(merchant: Merchant, moment: datetime) -> str:
    return formats.time_format(moment.astimezone(zoneinfo.ZoneInfo(merchant.time_zone)), "H:i")


def person(by: Actor) -> User:
    """The user who acts; acts that need one are not for the program."""
    if by.user is None:
        raise NotAllowed
    return by.user


def holder_of(ticket: Ticket, by: Actor) -> User:
    """Who goes on with a ticket that comes back into review: the accountant who acts, else the one who had it."""
    if by.can_decide and by.user is not None:
        return by.user
    if ticket.claimed_by is None:
        raise NotAllowed
    return ticket.claimed_by


def working_claim(ticket: Ticket, now: datetime) -> datetime:
    """How long a claim lasts that starts without its holder looking: the merchant's minutes, counted in opening hours."""
    return add_business_minutes(ticket.merchant, now, ticket.merchant.claim_minutes)


def new_deadline(merchant: Merchant, now: datetime, clearing_days: int = 0) -> datetime:
    """When a report that arrives now must be decided, its money taking `clearing_days` business days to be seen."""
    return review_deadline(merchant, now, clearing_days=clearing_days)


def clean_note(text: str) -> str:
    """A note as it is kept: without NUL, trimmed. `Refused` (`note_too_long`) above 4,000 characters."""
    text = text.replace("\x00", "").strip()
    if len(text) > LONGEST_NOTE:
        raise Refused(_("Please write at most 4,000 characters."), code="note_too_long", fields=("note",))
    return text


def required_note(text: str, field: str = "note") -> str:
    """The same for a note that must say something (`note_required`)."""
    text = clean_note(text)
    if not text:
        raise Refused(_("Please write why, in a few words."), code="note_required", fields=(field,))
    return text


def take_step(
    ticket: Ticket,
    act: str,
    *,
    by: Actor,
    note: str = "",
    internal_note: str = "",
    reason: Reason | None = None,
    **facts: Any,
) -> TicketEvent:
    """Move the locked ticket by `act`, save it, write its event, keep helpdesk's row in step.

    `note` is for everybody, `internal_note` for staff. Raises `Stale` when the state does not have the act or changed meanwhile.
    """
    source = ticket.state
    if reason is not None:
        facts["reason"] = reason
    try:
        getattr(ticket, act)(**facts)
    except TransitionNotAllowed as error:
        raise wrong_state(ticket) from error
    ticket.changed_at = timezone.now()
    try:
        ticket.save()
    except ConcurrentTransition as error:
        raise Stale(_("Somebody else was faster. Please look at the ticket again."), code="stale") from error
    _keep_conversation_in_step(ticket, source)
    event = TicketEvent.objects.create(
        merchant=ticket.merchant,
        ticket=ticket,
        act=act,
        source=source,
        target=ticket.state,
        by=by.user,
        team=by.team,
        reason=reason,
        note=note,
        internal_note=internal_note,
        at=ticket.changed_at,
    )
    announce_step(ticket, event)
    return event


def announce_step(ticket: Ticket, event: TicketEvent) -> None:
    """Tell other systems of this step."""
    announce_steps(ticket.merchant, [event.pk])


def announce_steps(merchant: Merchant, event_ids: Iterable[int]) -> None:
    """The same of many steps, in as many statements as of one."""

    def news() -> list[News]:
        events = TicketEvent.objects.filter(pk__in=among(event_ids)).order_by("pk")
        rows = events.values_list(
            "pk", "ticket_id", "ticket__number", "ticket__customer__number", "act", "source", "target", "at"
        )
        return [
            News(
                about=f"ticket:{ticket_id}",
                occasion=f"event:{pk}",
                payload={"ticket": number, "customer": customer, "act": act, "from": source, "to": target, "at": at},
            )
            for pk, ticket_id, number, customer, act, source, target, at in rows
        ]

    announce_many(merchant=merchant, kind=Kind.TICKET_STATE_CHANGED, news=news)


def _keep_conversation_in_step(ticket: Ticket, source: str) -> None:
    """Open or close the conversation and helpdesk's ticket when ours ends or comes back to life."""
    if (source in LIVE_STATES) != ticket.is_live:
        keep_conversations_in_step([ticket.pk], is_live=ticket.is_live, at=ticket.changed_at)


def keep_conversations_in_step(ticket_ids: Sequence[int], *, is_live: bool, at: datetime) -> None:
    """Open or close the conversations of these tickets, and helpdesk's tickets with them. Two statements."""
    status = HelpdeskTicket.REOPENED_STATUS if is_live else HelpdeskTicket.CLOSED_STATUS
    Conversation.objects.filter(ticket__in=among(ticket_ids)).update(is_open=is_live, changed_at=at)
    HelpdeskTicket.objects.filter(conversation__ticket__in=among(ticket_ids)).update(status=status, modified=at)


def tell_customer(ticket: Ticket, kind: str, event: TicketEvent, **facts: Any) -> None:
    """Queue one letter about this step to each person who follows the customer's tickets."""
    _tell(ticket, kind, event, recipients_of(ticket.customer), facts)


def tell_customers_of_all(kind: str, tickets: QuerySet[Ticket], *, events: Mapping[int, int], facts: Mapping[int, str]) -> None:
    """`tell_customer` for many tickets of one merchant, in as many statements as for one.

    By ticket: the event told of, and the members of a JSON object, without its braces.
    """
    rows = list(tickets.order_by("pk").values_list("pk", "number", "customer_id", "merchant_id"))
    customers = Customer.objects.filter(pk__in={customer_id for _pk, _number, customer_id, _merchant in rows})
    letters = [
        f'{{"customer_id": {customer_id}, "about": "ticket:{pk}", "occasion": "event:{events[pk]}", '
        f'"context": {{"number": {json.dumps(number)}, {facts[pk]}}}}}'
        for pk, number, customer_id, _merchant in rows
    ]
    queue_letters_to_customers(
        merchant_id=rows[0][3], kind=kind, recipients=recipients_of_many(customers), rows=f"[{', '.join(letters)}]"
    )


def tell_holder(ticket: Ticket, kind: str, event: TicketEvent, **facts: Any) -> None:
    """The same to the accountant who has the ticket."""
    holder = ticket.claimed_by
    if holder is None or not holder.is_active:
        return
    to = [Recipient(email=holder.email, language=holder.language, user_id=holder.pk, name=holder.name)]
    _tell(ticket, kind, event, to, {"customer": ticket.customer.name, **facts})


def _tell(ticket: Ticket, kind: str, event: TicketEvent, to: list[Recipient], facts: dict[str, Any]) -> None:
    context = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in facts.items()}
    queue_letter(
        merchant=ticket.merchant,
        kind=kind,
        about=f"ticket:{ticket.pk}",
        occasion=f"event:{event.pk}",
        recipients=to,
        context={"number": ticket.number, **context},
        customer=ticket.customer,
    )


def reason_facts(reason: Reason) -> dict[str, str]:
    """A reason as a letter's facts, in both languages; what staff call it among themselves stays out."""
    return {
        "reason_es": reason.name_es,
        "reason_en": reason.name_en,
        "advice_es": reason.advice_es,
        "advice_en": reason.advice_en,
    }


def find_reason(merchant: Merchant, kind: Reason.Kind, reason_id: int) -> Reason:
    """An active reason of this merchant and kind; `Refused` (`reason_unknown`) otherwise."""
    reason = Reason.objects.filter(merchant=merchant, kind=kind, pk=reason_id, is_active=True).first()
    if reason is None:
        raise Refused(_("Please choose a reason from the list."), code="reason_unknown", fields=("reason",))
    return reason
