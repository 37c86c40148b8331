"""The acts that decide a ticket or open a decided one. Money is the business of the rooms above, which call these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.models import User
from tickets.models import Reason, State, Ticket, TicketEvent
from tickets.services.steps import (
    clean_note,
    find_reason,
    keep_conversations_in_step,
    lock_ticket,
    new_deadline,
    person,
    reason_facts,
    require_act,
    require_hold,
    required_note,
    take_step,
    tell_customer,
    tell_customers,
    working_claim,
    wrong_state,
)


@transaction.atomic
def request_approval(*, ticket_id: int, note: str = "", by: Actor) -> Ticket:
    """Ask for the second signature; `by` is who prepared the decision. `note` is internal. No letter."""
    by.require(by.can_decide)
    preparer = person(by)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "request_approval")
    require_hold(ticket, by)
    take_step(ticket, "request_approval", by=by, internal_note=clean_note(note), now=timezone.now(), preparer=preparer)
    return ticket


@transaction.atomic
def send_back(*, ticket_id: int, note: str, by: Actor) -> Ticket:
    """The second person does not sign: the ticket goes back to who prepared it. `note` (internal) must say why. No letter."""
    by.require(by.can_sign)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "send_back")
    note = required_note(note)
    holder = ticket.prepared_by
    if holder is None:  # pragma: no cover - the CHECK ticket_state_has_its_facts
        raise wrong_state(ticket)
    take_step(ticket, "send_back", by=by, internal_note=note, holder=holder, until=working_claim(ticket, timezone.now()))
    return ticket


@transaction.atomic
def verify(
    *,
    ticket_id: int,
    note: str = "",
    applied: Sequence[Mapping[str, str]] = (),
    credit: Mapping[str, str] | None = None,
    by: Actor,
) -> Ticket:
    """The money is found and applied (called by `reconciliation.settle` alone). `note` is internal.

    A ticket that waits for its second signature is verified by somebody who may sign and did not prepare it (`Refused`, code
    `same_person`); nobody is exempt. The program verifies without a review, but never signs. For the letter: `applied` has one
    mapping an order with `order`, `amount`, `currency`, `left` (texts; `left` is what the order still owes), `credit` has
    `amount`
    and `currency` of what went to the customer's credit.
    """
    by.require(by.can_decide)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "verify")
    if ticket.state == State.AWAITING_APPROVAL:
        _require_second_person(ticket, by)
    require_hold(ticket, by)
    event = take_step(ticket, "verify", by=by, internal_note=clean_note(note), now=timezone.now(), signer=by.user)
    tell_customer(
        ticket,
        "ticket_verified",
        event,
        applied=[dict(each) for each in applied],
        credit=dict(credit) if credit else None,
    )
    return ticket


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What `verify` is told, for one of many. `ticket` was locked in this transaction, by `lock_tickets`."""

    ticket: Ticket
    note: str = ""
    applied: Sequence[Mapping[str, str]] = ()
    credit: Mapping[str, str] | None = None


@transaction.atomic
def verify_many(*, verdicts: Sequence[Verdict], by: Actor) -> None:
    """`verify` for many tickets, in a constant number of statements: the same checks, steps, events and letters.

    A person takes up what nobody has taken up yet (`claim`, `resume`) in the same act; the program need not. None of them may
    wait for a second signature. One that may not be verified (`Refused`) leaves all as they were.

    The machine is asked ticket by ticket; its answer is written for all at once, which nothing else in the house may do.
    """
    by.require(by.can_decide)
    now = timezone.now()
    events: list[TicketEvent] = []
    taken_up: list[int] = []
    for verdict in verdicts:
        ticket, source = verdict.ticket, verdict.ticket.state
        if source == State.AWAITING_APPROVAL:
            raise wrong_state(ticket)
        require_act(ticket, "verify")
        require_hold(ticket, by)
        if by.user is not None and source != State.IN_REVIEW:
            act = "claim" if source == State.SUBMITTED else "resume"
            getattr(ticket, act)(holder=by.user, until=now)
            events.append(_event(ticket, act, source, now, by))
            taken_up.append(ticket.pk)
        source = ticket.state
        try:
            ticket.verify(now=now, signer=by.user)
        except TransitionNotAllowed as error:
            raise wrong_state(ticket) from error
        ticket.changed_at = now
        events.append(_event(ticket, "verify", source, now, by, internal_note=clean_note(verdict.note)))
    pks = [verdict.ticket.pk for verdict in verdicts]
    _write_verified(pks, now)
    Ticket.objects.filter(pk__in=taken_up).update(claimed_by=by.user)
    keep_conversations_in_step(pks, is_live=False, at=now)
    steps = {event.ticket_id: event for event in TicketEvent.objects.bulk_create(events) if event.act == "verify"}
    tell_customers(
        "ticket_verified",
        [
            (
                each.ticket,
                steps[each.ticket.pk],
                {"applied": [dict(row) for row in each.applied], "credit": dict(each.credit) if each.credit else None},
            )
            for each in verdicts
        ],
    )


def _write_verified(pks: Sequence[int], now: datetime) -> None:
    """What the transition `verify` sets, for rows that are locked: where another state stands, nothing is written at all."""
    written = Ticket.objects.filter(pk__in=pks, state__in=(State.SUBMITTED, State.IN_REVIEW, State.WAITING_FOR_BANK)).update(
        state=State.VERIFIED, verified_at=now, claimed_until=None, waiting_since=None, wait_until=None, changed_at=now
    )
    if written != len(pks):
        raise Stale(_("Somebody else was faster. Please look at the ticket again."), code="stale")


def _event(ticket: Ticket, act: str, source: str, at: datetime, by: Actor, internal_note: str = "") -> TicketEvent:
    return TicketEvent(
        merchant=ticket.merchant,
        ticket=ticket,
        act=act,
        source=source,
        target=ticket.state,
        by=by.user,
        team=by.team,
        internal_note=internal_note,
        at=at,
    )


def _require_second_person(ticket: Ticket, by: Actor) -> None:
    if by.is_system:
        raise wrong_state(ticket)
    by.require(by.can_sign)
    signer: User = person(by)
    if signer.pk == ticket.prepared_by_id:
        raise Refused(_("You prepared this decision: somebody else must sign it."), code="same_person")


@transaction.atomic
def reject(*, ticket_id: int, reason_id: int, note: str = "", duplicate_of: str = "", by: Actor) -> Ticket:
    """Refuse the report with a reason (called by `reports.reject_report` alone). `note` is added for the customer.

    A reason that names a twin needs `duplicate_of`, the number of another ticket of this merchant. The customer is told the
    twin's
    number only when it is their own.
    """
    by.require(by.can_decide)
    person(by)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "reject")
    require_hold(ticket, by)
    reason = find_reason(by.merchant, Reason.Kind.REJECT, reason_id)
    twin = _find_twin(ticket, duplicate_of) if reason.names_twin else None
    note = clean_note(note)
    event = take_step(ticket, "reject", by=by, note=note, reason=reason, now=timezone.now(), twin=twin)
    own_twin = twin.number if twin is not None and twin.customer_id == ticket.customer_id else ""
    tell_customer(ticket, "ticket_rejected", event, note=note, twin=own_twin, **reason_facts(reason))
    return ticket


def _find_twin(ticket: Ticket, number: str) -> Ticket:
    twin = Ticket.objects.filter(merchant=ticket.merchant, number=number.strip().upper()).exclude(pk=ticket.pk).first()
    if twin is None:
        raise Refused(
            _("Please give the number of the other ticket that reports the same payment."),
            code="duplicate_of",
            fields=("duplicate_of",),
        )
    return twin


@transaction.atomic
def reopen(*, ticket_id: int, note: str, by: Actor) -> Ticket:
    """Look at a rejected or reversed report once more, when the money turns up. `note` (internal) must say why. A new
    deadline runs."""
    by.require(by.can_decide)
    holder = person(by)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "reopen")
    note = required_note(note)
    now = timezone.now()
    deadline = new_deadline(by.merchant, now)
    event = take_step(
        ticket, "reopen", by=by, internal_note=note, holder=holder, until=working_claim(ticket, now), deadline=deadline
    )
    tell_customer(ticket, "ticket_reopened", event, deadline_at=deadline)
    return ticket


@transaction.atomic
def reverse(*, ticket_id: int, reason_id: int, note: str, by: Actor) -> Ticket:
    """The payment does not hold (called by `reconciliation.reverse_settlement` alone). `note` (internal) must say what
    happened."""
    by.require(by.can_sign)
    ticket = lock_ticket(by.merchant, ticket_id)
    require_act(ticket, "reverse")
    reason = find_reason(by.merchant, Reason.Kind.REVERSE, reason_id)
    note = required_note(note)
    event = take_step(ticket, "reverse", by=by, internal_note=note, reason=reason, now=timezone.now())
    tell_customer(ticket, "ticket_reversed", event, **reason_facts(reason))
    return ticket
