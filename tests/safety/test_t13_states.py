"""T13: every state × every act. What a state does not have is refused with a sentence that names it, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from tests.once import built_once
from tests.tickets.makers import House, make_house, make_ticket, tomorrow
from tickets import services
from tickets.models import Conversation, State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[[House, int], object]] = {
    "claim": lambda h, t: services.claim(ticket_id=t, by=h.accountant),
    "release": lambda h, t: services.release(ticket_id=t, by=h.accountant),
    "wait_for_bank": lambda h, t: services.wait_for_bank(ticket_id=t, until=tomorrow(h), by=h.accountant),
    "resume": lambda h, t: services.resume(ticket_id=t, by=h.accountant),
    "ask_information": lambda h, t: services.ask_information(
        ticket_id=t, question="¿Referencia?", fields=["reference"], by=h.accountant
    ),
    "answer": lambda h, t: services.answer(ticket_id=t, note="004512", by=h.customer),
    "take_back": lambda h, t: services.take_back(ticket_id=t, by=h.accountant),
    "request_approval": lambda h, t: services.request_approval(ticket_id=t, by=h.accountant),
    "send_back": lambda h, t: services.send_back(ticket_id=t, note="Falta algo", by=h.senior),
    "verify": lambda h, t: services.verify(ticket_id=t, by=h.accountant),
    "sign": lambda h, t: services.verify(ticket_id=t, by=h.senior),
    "verify_automatically": lambda h, t: services.verify(ticket_id=t, by=h.system),
    "reject": lambda h, t: services.reject(ticket_id=t, reason_id=h.reason("not_found").pk, by=h.accountant),
    "resubmit": lambda h, t: services.resubmit(ticket_id=t, by=h.customer),
    "reopen": lambda h, t: services.reopen(ticket_id=t, note="Apareció", by=h.accountant),
    "withdraw": lambda h, t: services.withdraw(ticket_id=t, by=h.customer),
    "reverse": lambda h, t: services.reverse(
        ticket_id=t, reason_id=h.reason("returned_by_bank").pk, note="Devuelto", by=h.senior
    ),
}
# What follows, by act and state. Everything that is not here is refused.
LEGAL: dict[str, dict[str, str]] = {
    "claim": {"submitted": "in_review", "in_review": "in_review"},
    "release": {"in_review": "submitted"},
    "wait_for_bank": {"in_review": "waiting_for_bank"},
    "resume": {"waiting_for_bank": "in_review"},
    "ask_information": {"in_review": "needs_information", "waiting_for_bank": "needs_information"},
    "answer": {"needs_information": "in_review"},
    "take_back": {"needs_information": "in_review"},
    "request_approval": {"in_review": "awaiting_approval"},
    "send_back": {"awaiting_approval": "in_review"},
    "verify": {"in_review": "verified"},
    "sign": {"awaiting_approval": "verified"},
    "verify_automatically": {"submitted": "verified", "waiting_for_bank": "verified", "in_review": "verified"},
    "reject": {"in_review": "rejected", "waiting_for_bank": "rejected"},
    "resubmit": {"rejected": "submitted"},
    "reopen": {"rejected": "in_review", "reversed": "in_review"},
    "withdraw": {"submitted": "withdrawn", "needs_information": "withdrawn"},
    "reverse": {"verified": "reversed"},
}
# Refused for another reason than the state: an accountant may not sign; another's live claim is not taken.
OTHERWISE = {("verify", "awaiting_approval"): NotAllowed, ("sign", "in_review"): Refused}


@dataclass(frozen=True)
class Town:
    """One house with a ticket in each state."""

    house: House
    tickets: dict[str, int]


def make_town() -> Town:
    house = make_house()
    return Town(house=house, tickets={state: make_ticket(house, State(state)).pk for state in State.values})


town = built_once(make_town)


def facts(ticket_id: int) -> tuple[object, ...]:
    """All that an act could have changed."""
    row = Ticket.objects.filter(pk=ticket_id).values().get()
    conversation = Conversation.objects.filter(ticket_id=ticket_id).values(
        "is_open", "changed_at", "helpdesk_ticket__status", "helpdesk_ticket__modified"
    )
    return row, conversation.get(), TicketEvent.objects.count(), Letter.objects.count()


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_done_or_refused_in_each_state(town: Town, act: str, state: str) -> None:
    house, ticket = town.house, Ticket.objects.get(pk=town.tickets[state])
    before = facts(ticket.pk)
    target = LEGAL[act].get(state)
    if target is not None:
        ACTS[act](house, ticket.pk)
        ticket.refresh_from_db()
        assert ticket.state == target
        held_on = act == "claim" and state == "in_review"
        assert TicketEvent.objects.count() == before[2] + (0 if held_on else 1)
        return
    with pytest.raises((Refused, NotAllowed)) as caught:
        ACTS[act](house, ticket.pk)
    assert facts(ticket.pk) == before
    expected = OTHERWISE.get((act, state))
    if expected is None:
        refusal = caught.value
        assert isinstance(refusal, Refused)
        assert refusal.code == "wrong_state"
        assert str(State(state).label) in refusal.message
    else:
        assert isinstance(caught.value, expected)


def test_the_table_here_names_every_transition_of_the_machine() -> None:
    machine = {
        (source, name, str(target))
        for name, method in Ticket._meta.get_field("state").transitions[Ticket].items()
        for source, target in ((each.source, each.target) for each in method._django_fsm.transitions.values())
    }
    named = {"sign": "verify", "verify_automatically": "verify"}
    table = {(source, named.get(act, act), target) for act, targets in LEGAL.items() for source, target in targets.items()}
    assert table == machine


def test_no_act_reaches_another_merchants_ticket(town: Town) -> None:
    ours = make_house()
    for ticket_id in town.tickets.values():
        before = facts(ticket_id)
        for act in ACTS.values():
            with pytest.raises(Http404):
                act(ours, ticket_id)
        assert facts(ticket_id) == before
