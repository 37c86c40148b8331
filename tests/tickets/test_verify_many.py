"""`verify_many` is `verify`, ticket by ticket: the same states, events, letters and refusals, from every state, for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.models import Conversation, State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "note": " visto ",
    "applied": [{"order": "A-1", "amount": "5.00", "currency": "USD", "left": "0.00"}],
    "credit": {"amount": "2.00", "currency": "USD"},
}


@pytest.fixture
def house() -> House:
    return make_house()


def one(ticket: Ticket, by: Any) -> None:
    """Verified as by hand: a person first takes up what nobody has taken up."""
    if by.user is not None and ticket.state == State.SUBMITTED:
        services.claim(ticket_id=ticket.pk, by=by)
    elif by.user is not None and ticket.state == State.WAITING_FOR_BANK:
        services.resume(ticket_id=ticket.pk, by=by)
    services.verify(ticket_id=ticket.pk, **FACTS, by=by)


def many(ticket: Ticket, by: Any) -> None:
    locked = services.lock_tickets(by.merchant, [ticket.pk])
    services.verify_many(verdicts=[services.Verdict(ticket=locked[ticket.pk], **FACTS)], by=by)


def told(ticket: Ticket) -> dict[str, Any]:
    now = Ticket.objects.get(pk=ticket.pk)
    clocks = {name: getattr(now, name) is None for name in ("claimed_until", "verified_at", "deadline_at", "waiting_since")}
    events = TicketEvent.objects.filter(ticket=ticket).order_by("pk")
    letters = Letter.objects.filter(about=f"ticket:{ticket.pk}", kind="ticket_verified")
    conversation = Conversation.objects.select_related("helpdesk_ticket").get(ticket=ticket)
    return {
        "state": now.state,
        "claimed_by": now.claimed_by,
        "wait_until": now.wait_until,
        **clocks,
        "events": [(e.act, e.source, e.target, e.by, e.team, e.note, e.internal_note) for e in events],
        "letters": [(each.to_email, {key: value for key, value in each.context.items() if key != "number"}) for each in letters],
        "conversation": (conversation.is_open, conversation.helpdesk_ticket.status),
    }


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", ["accountant", "colleague", "system"])
def test_many_are_verified_as_one_is(house: House, state: State, who: str) -> None:
    by = getattr(house, who)
    results = []
    for act in (one, many):
        ticket = make_ticket(house, state)
        before = told(ticket)
        try:
            act(ticket, by)
            results.append((None, told(ticket)))
        except (Refused, NotAllowed) as error:
            assert told(ticket) == before
            results.append((getattr(error, "code", "not_allowed"), None))
    if state == State.AWAITING_APPROVAL:
        # The second signature is never given in bulk, whoever asks.
        assert results[1] == ("wrong_state", None)
        return
    assert results[0] == results[1]


@pytest.mark.parametrize("who", ["support", "auditor", "customer"])
def test_only_accounting_verifies(house: House, who: str) -> None:
    with pytest.raises(NotAllowed):
        many(make_ticket(house, State.IN_REVIEW), getattr(house, who))


def test_nobody_signs_in_bulk(house: House) -> None:
    with pytest.raises(Refused) as refused:
        many(make_ticket(house, State.AWAITING_APPROVAL), house.senior)
    assert refused.value.code == "wrong_state"


def test_one_that_may_not_leaves_all_as_they_were(house: House) -> None:
    good, bad = make_ticket(house, State.IN_REVIEW), make_ticket(house, State.REJECTED)
    locked = services.lock_tickets(house.merchant, [good.pk, bad.pk])
    with pytest.raises(Refused):
        services.verify_many(verdicts=[services.Verdict(ticket=each) for each in locked.values()], by=house.accountant)
    assert Ticket.objects.get(pk=good.pk).state == State.IN_REVIEW
    assert not Letter.objects.filter(kind="ticket_verified").exists()
    assert not TicketEvent.objects.filter(act="verify").exists()


def test_nothing_to_verify_is_nothing(house: House) -> None:
    services.verify_many(verdicts=[], by=house.accountant)
    assert not TicketEvent.objects.exists()
