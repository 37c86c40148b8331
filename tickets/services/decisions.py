"""The acts that decide a ticket or open a decided one. Money is the business of the rooms above, which call these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.keys import among, as_array
from accounts.models import User
from tickets.models import Reason, State, Ticket
from tickets.services.steps import (
    announce_steps,
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
    tell_customers_of_all,
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


# One step of every ticket of these that stands in one state; the note is the verdict's.
EVENTS = """
INSERT INTO tickets_ticketevent (merchant_id, ticket_id, act, source, target, by_id, team, note, internal_note, at)
SELECT k.merchant_id, k.id, %(act)s, %(source)s, %(target)s, %(by)s, %(team)s, '',
       CASE WHEN %(act)s = 'verify' THEN d.note ELSE '' END, %(at)s
  FROM unnest(%(tickets)s::bigint[], %(notes)s::text[]) WITH ORDINALITY d(ticket_id, note, place)
  JOIN tickets_ticket k ON k.id = d.ticket_id AND k.merchant_id = %(merchant)s
 WHERE k.state = %(state)s ORDER BY d.place RETURNING ticket_id, id
"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What `verify` is told, for one of many. `ticket` was locked in this transaction, by `lock_tickets`."""

    ticket: Ticket
    note: str = ""
    applied: Sequence[Mapping[str, str]] = ()
    credit: Mapping[str, str] | None = None


def verify_many(*, verdicts: Sequence[Verdict], by: Actor) -> None:
    """`verify` for many tickets, in a constant number of statements: the same checks, steps, events and letters.

    A person takes up what nobody has taken up yet (`claim`, `resume`) in the same act; the program need not. None of them may
    wait for a second signature. One that may not be verified (`Refused`) leaves all as they were.
    """
    verify_all(
        ticket_ids=[each.ticket.pk for each in verdicts],
        notes=[each.note for each in verdicts],
        applied=[json.dumps([dict(row) for row in each.applied]) for each in verdicts],
        credit=[json.dumps(dict(each.credit) if each.credit else None) for each in verdicts],
        by=by,
    )


@transaction.atomic
def verify_all(
    *, ticket_ids: Sequence[int], notes: Sequence[str], applied: Sequence[str], credit: Sequence[str], by: Actor
) -> None:
    """`verify_many` by columns, `applied` and `credit` as JSON. The caller locked these tickets in this transaction.

    The machine is asked once for each state that they stand in; its answer is written for all at once, which nothing else in the
    house may do.
    """
    by.require(by.can_decide)
    if not ticket_ids:
        return
    now = timezone.now()
    own = Ticket.objects.filter(merchant=by.merchant, pk__in=among(ticket_ids))
    columns: dict[str, Any] = {
        "tickets": as_array(ticket_ids), "notes": [clean_note(note) for note in notes], "merchant": by.merchant.pk,
        "by": by.user.pk if by.user is not None else None, "team": by.team, "at": now,
    }  # fmt: skip
    events: dict[int, int] = {}
    written: list[int] = []
    with connection.cursor() as cursor:
        for state, act, source, target in _steps_of_all(own, now, by):
            cursor.execute(EVENTS, {**columns, "state": state, "act": act, "source": source, "target": target})
            made = cursor.fetchall()
            written += [event_id for _ticket_id, event_id in made]
            if act == "verify":
                events.update(made)
    _write_verified(ticket_ids, now, by)
    announce_steps(by.merchant, written)
    keep_conversations_in_step(ticket_ids, is_live=False, at=now)
    facts = [f'"applied": {rows}, "credit": {money}' for rows, money in zip(applied, credit, strict=True)]
    tell_customers_of_all("ticket_verified", own, events=events, facts=dict(zip(ticket_ids, facts, strict=True)))


def _steps_of_all(own: QuerySet[Ticket], now: datetime, by: Actor) -> list[tuple[str, str, str, str]]:
    """State, act, source, target: what the machine does with a ticket of each state among these, asked with one of them."""
    held = own.filter(state=State.IN_REVIEW, claimed_until__gt=now) if by.user is not None else own.none()
    other = held.exclude(claimed_by=by.user).select_related("claimed_by", "merchant").order_by("pk").first()
    if other is not None:
        require_hold(other, by)
    steps = []
    for ticket in own.order_by("state", "pk").distinct("state"):
        state = source = ticket.state
        if state == State.AWAITING_APPROVAL:
            raise wrong_state(ticket)
        require_act(ticket, "verify")
        if by.user is not None and state != State.IN_REVIEW:
            act = "claim" if state == State.SUBMITTED else "resume"
            getattr(ticket, act)(holder=by.user, until=now)
            steps.append((state, act, source, ticket.state))
            source = ticket.state
        try:
            ticket.verify(now=now, signer=by.user)
        except TransitionNotAllowed as error:
            raise wrong_state(ticket) from error
        steps.append((state, "verify", source, ticket.state))
    return steps


def _write_verified(pks: Sequence[int], now: datetime, by: Actor) -> None:
    """What the transitions set, for rows that are locked: where another state stands, nothing is written at all."""
    holder = (
        F("claimed_by")
        if by.user is None
        else Case(When(state=State.IN_REVIEW, then=F("claimed_by")), default=Value(by.user.pk), output_field=BigIntegerField())
    )
    open_states = (State.SUBMITTED, State.IN_REVIEW, State.WAITING_FOR_BANK)
    written = Ticket.objects.filter(pk__in=among(pks), state__in=open_states).update(
        state=State.VERIFIED, verified_at=now, claimed_by=holder, claimed_until=None, waiting_since=None, wait_until=None,
        changed_at=now,
    )  # fmt: skip
    if written != len(pks):
        raise Stale(_("Somebody else was faster. Please look at the ticket again."), code="stale")


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
