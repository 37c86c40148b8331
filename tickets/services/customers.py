"""The customer's acts (or staff's, for a customer who called or wrote): open, answer, correct, withdraw."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Stale
from accounts.models import Customer, Merchant
from tickets.calendar import add_business_minutes
from tickets.models import Department, State, Ticket, TicketEvent
from tickets.services.conversations import number_of, start_conversation
from tickets.services.merchants import usual_department
from tickets.services.steps import (
    LONGEST_NOTE,
    announce_step,
    clean_note,
    holder_of,
    lock_ticket,
    new_deadline,
    require_act,
    take_step,
    tell_customer,
    tell_holder,
    working_claim,
)


def may_act_for(by: Actor, customer_id: int) -> bool:
    """Whether `by` reports for this customer: their contact with that permission, or staff who register for customers."""
    contact = by.contact
    return by.can_register or (contact is not None and contact.customer_id == customer_id and contact.can_report)


@transaction.atomic
def open_ticket(*, merchant: Merchant, customer: Customer, subject: str, clearing_days: int = 0, by: Actor) -> Ticket:
    """A new ticket in the state submitted, with its number, its deadline and its conversation (called by
    `reports.submit_report`). `clearing_days`: business days until the money can be seen at the bank."""
    by.require(by.merchant.pk == merchant.pk == customer.merchant_id and (by.is_system or may_act_for(by, customer.pk)))
    now = timezone.now()
    deadline = new_deadline(merchant, now, clearing_days)
    subject = " ".join(subject.replace("\x00", "").split())[:200]
    department = usual_department(merchant, Department.PAYMENTS)
    conversation = start_conversation(merchant=merchant, customer=customer, subject=subject, department=department)
    number = number_of(merchant)
    ticket = Ticket(
        merchant=merchant,
        customer=customer,
        number=number,
        opened_at=now,
        submitted_at=now,
        changed_at=now,
        deadline_at=deadline,
    )
    ticket.save(force_insert=True)
    conversation.number, conversation.ticket, conversation.subject = number, ticket, subject or number
    conversation.save(force_insert=True)
    event = TicketEvent.objects.create(
        merchant=merchant, ticket=ticket, act="open", target=State.SUBMITTED, by=by.user, team=by.team, at=now
    )
    announce_step(ticket, event)
    tell_customer(ticket, "ticket_submitted", event, subject=subject, deadline_at=deadline)
    return ticket


@transaction.atomic
def answer(*, ticket_id: int, note: str = "", said: str = "", by: Actor) -> Ticket:
    """The customer answered; `note` is what they wrote, `said` what stands in the conversation already and is only quoted. The
    clock goes on; the accountant who asked gets a letter."""
    ticket = lock_ticket(by.merchant, ticket_id)
    by.require(may_act_for(by, ticket.customer_id))
    require_act(ticket, "answer")
    note = clean_note(note)
    now = timezone.now()
    deadline = add_business_minutes(by.merchant, now, ticket.minutes_left or 0)
    event = take_step(
        ticket,
        "answer",
        by=by,
        note=note,
        holder=holder_of(ticket, Actor.system(by.merchant)),
        until=working_claim(ticket, now),
        deadline=deadline,
    )
    tell_holder(ticket, "ticket_answered", event, note=note or said[:LONGEST_NOTE], deadline_at=deadline)
    return ticket


@transaction.atomic
def resubmit(*, ticket_id: int, clearing_days: int = 0, by: Actor) -> Ticket:
    """The customer corrected a rejected report (called by `reports.resubmit_report`): reviewed from the start, with a new
    deadline."""
    ticket = lock_ticket(by.merchant, ticket_id)
    by.require(may_act_for(by, ticket.customer_id))
    require_act(ticket, "resubmit")
    now = timezone.now()
    deadline = new_deadline(by.merchant, now, clearing_days)
    event = take_step(ticket, "resubmit", by=by, now=now, deadline=deadline)
    tell_customer(ticket, "ticket_resubmitted", event, deadline_at=deadline)
    return ticket


@transaction.atomic
def withdraw(*, ticket_id: int, by: Actor) -> Ticket:
    """The customer takes the report back before its review starts, or instead of answering (called by
    `reports.withdraw_report`)."""
    ticket = lock_ticket(by.merchant, ticket_id)
    by.require(may_act_for(by, ticket.customer_id))
    if ticket.state in (State.IN_REVIEW, State.WAITING_FOR_BANK, State.AWAITING_APPROVAL):
        raise Stale(
            _("%(number)s is “%(state)s”: its review has begun, so it cannot be withdrawn. Please write a message on the ticket.")
            % {"number": ticket.number, "state": State(ticket.state).label},
            code="wrong_state",
        )
    require_act(ticket, "withdraw")
    event = take_step(ticket, "withdraw", by=by, now=timezone.now())
    tell_customer(ticket, "ticket_withdrawn", event)
    return ticket
