"""The accountant's acts before a decision: take a ticket, wait for the bank, ask the customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from tickets.calendar import add_business_days, add_business_minutes, business_minutes_between, end_of_day, local_day
from tickets.models import ASKABLE_FIELDS, State, Ticket
from tickets.services.steps import (
    clean_note,
    holder_of,
    lock_ticket,
    person,
    require_act,
    require_hold,
    take_step,
    tell_customer,
    working_claim,
)

LONGEST_WAIT = timedelta(days=30)


@transaction.atomic
def claim(*, ticket_id: int, by: Actor) -> Ticket:
    """Take a ticket for the merchant's claim minutes. Again by the same person prolongs the claim, without an event.

    A claim that has run out may be taken over. `Refused` (`claimed`) while somebody else holds it. No letter.
    """
    by.require(by.can_decide)
    holder = person(by)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "claim")
    require_hold(ticket, by)
    until = timezone.now() + timedelta(minutes=by.merchant.claim_minutes)
    if ticket.state == State.IN_REVIEW and ticket.claimed_by_id == holder.pk:
        ticket.claimed_until = until
        ticket.save(update_fields=["claimed_until"])
        return ticket
    take_step(ticket, "claim", by=by, holder=holder, until=until)
    return ticket


@transaction.atomic
def release(*, ticket_id: int, by: Actor) -> Ticket:
    """Give a ticket back to the queue. Another's live claim: only who may sign. The program: when it has run out. No letter."""
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "release")
    if not by.can_sign:
        require_hold(ticket, by)
    take_step(ticket, "release", by=by)
    return ticket


@transaction.atomic
def wait_for_bank(*, ticket_id: int, until: date, note: str = "", by: Actor) -> Ticket:
    """The deposit is not in the statement yet: look again on `until` (in the merchant's zone) or when it arrives. `note` is
    internal.

    The clock runs on: the customer waits all the same.
    """
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "wait_for_bank")
    require_hold(ticket, by)
    now = timezone.now()
    today = local_day(by.merchant, now)
    if not today < until <= today + LONGEST_WAIT:
        raise Refused(_("Please choose a day from tomorrow to 30 days ahead."), code="wait_until", fields=("until",))
    event = take_step(ticket, "wait_for_bank", by=by, internal_note=clean_note(note), now=now, until=until)
    tell_customer(ticket, "ticket_waiting_for_bank", event, until_on=until)
    return ticket


@transaction.atomic
def resume(*, ticket_id: int, note: str = "", by: Actor) -> Ticket:
    """Back into review: by an accountant, or by the program when a candidate deposit arrives or the day has come. `note` is
    internal.

    No letter: the customer was told that we look again.
    """
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "resume")
    until = working_claim(ticket, timezone.now())
    take_step(ticket, "resume", by=by, internal_note=clean_note(note), holder=holder_of(ticket, by), until=until)
    return ticket


@transaction.atomic
def ask_information(*, ticket_id: int, question: str, fields: Iterable[str], by: Actor) -> Ticket:
    """Ask the customer. `question` is shown to them; `fields` (of `ASKABLE_FIELDS`, at least one) open again. The clock stops.

    The answer is due at the end of the merchant's n-th business day from now.
    """
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "ask_information")
    require_hold(ticket, by)
    asked = list(dict.fromkeys(fields))
    if not asked or not set(asked) <= set(ASKABLE_FIELDS):
        raise Refused(_("Please tick what the customer shall correct or add."), code="fields", fields=("fields",))
    question = clean_note(question)
    if not question:
        raise Refused(_("Please write what you want to know."), code="question", fields=("question",))
    now, merchant = timezone.now(), by.merchant
    due = end_of_day(merchant, add_business_days(merchant, local_day(merchant, now), merchant.answer_business_days))
    left = business_minutes_between(merchant, now, ticket.deadline_at) if ticket.deadline_at else 0
    holder = ticket.claimed_by if by.is_system else person(by)
    ticket.claimed_by = holder
    event = take_step(
        ticket, "ask_information", by=by, note=question, now=now, question=question, fields=asked, due=due, minutes_left=left
    )
    tell_customer(ticket, "ticket_needs_information", event, note=question, fields=asked, answer_due_at=due)
    return ticket


@transaction.atomic
def take_back(*, ticket_id: int, by: Actor) -> Ticket:
    """Withdraw the question: by an accountant, or by the program when the answer is overdue. The clock goes on."""
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "take_back")
    now = timezone.now()
    deadline = add_business_minutes(by.merchant, now, ticket.minutes_left or 0)
    event = take_step(
        ticket, "take_back", by=by, holder=holder_of(ticket, by), until=working_claim(ticket, now), deadline=deadline
    )
    tell_customer(ticket, "ticket_question_withdrawn", event)
    return ticket
