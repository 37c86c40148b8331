"""T13 from outside: every act that a page offers, sent in every state.

What a state does not have is answered with a sentence, and neither the ticket nor its events, letters, matches or ledger change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from accounts.actors import Actor
from letters.models import Letter
from reconciliation.models import LedgerEntry, Match, ReversalRequest
from tests.cast import Cast, client_of
from tests.once import built_once
from tests.reconciliation.scene import Scene, make_scene
from tickets import services
from tickets.models import State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

# What a refused act must not have touched, besides the ticket itself.
COUNTED: tuple[type[Model], ...] = (TicketEvent, Letter, LedgerEntry, Match, ReversalRequest)
ANSWERS = {200, 302, 400, 409, 422}
Data = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """A page that acts: who sends it what, and from which states it goes where."""

    who: str
    data: Callable[[Scene], Data]
    legal: dict[str, str]


def none(_scene: Scene) -> Data:
    return {}


def note(_scene: Scene) -> Data:
    return {"note": "Por si acaso"}


ACTS: dict[str, Act] = {
    "portal:ticket_withdraw": Act("alice", none, {"submitted": "withdrawn", "needs_information": "withdrawn"}),
    "portal:ticket_answer": Act(
        "alice", lambda scene: {"t-0-reference": "004512", "note": "Aquí está"}, {"needs_information": "in_review"}
    ),
    "desk:claim": Act("carol", none, {"submitted": "in_review", "in_review": "in_review"}),
    "desk:release": Act("carol", none, {"in_review": "submitted"}),
    "desk:wait_for_bank": Act(
        "carol", lambda scene: {"until": (scene.today + dt.timedelta(days=2)).isoformat()}, {"in_review": "waiting_for_bank"}
    ),
    "desk:resume": Act("carol", none, {"waiting_for_bank": "in_review"}),
    "desk:ask_information": Act(
        "carol",
        lambda scene: {"question": "¿Referencia?", "fields_asked": ["reference"]},
        {"in_review": "needs_information", "waiting_for_bank": "needs_information"},
    ),
    "desk:take_back": Act("carol", none, {"needs_information": "in_review"}),
    "desk:reject": Act(
        "carol", lambda scene: {"reason": scene.reason("not_found")}, {"in_review": "rejected", "waiting_for_bank": "rejected"}
    ),
    "desk:reopen": Act("carol", note, {"rejected": "in_review", "reversed": "in_review"}),
    "desk:sign": Act("dan", none, {"awaiting_approval": "verified"}),
    "desk:send_back": Act("dan", note, {"awaiting_approval": "in_review"}),
    "desk:reverse": Act(
        "dan", lambda scene: {"reason": scene.reason("verified_by_mistake"), "note": "Error"}, {"verified": "reversed"}
    ),
}
# Verifying needs the deposit in the form; it has its own test below.


def reach(scene: Scene, state: str) -> Ticket:
    """A real report with its money, walked to `state` by the services that own each step."""
    cast = scene.cast
    big = "2000.00" if state == State.AWAITING_APPROVAL else "40.00"
    if state in (State.VERIFIED, State.REVERSED):
        ticket, _line = scene.paid(big, scene.order(big))
        if state == State.REVERSED:
            scene.reverse(ticket)
        return Ticket.objects.get(pk=ticket.pk)
    ticket = scene.report(big, orders=[scene.order(big)])
    if state in (State.SUBMITTED, State.WITHDRAWN):
        services.release(ticket_id=ticket.pk, by=cast.carol)
    if state == State.WITHDRAWN:
        services.withdraw(ticket_id=ticket.pk, by=cast.alice)
    elif state == State.WAITING_FOR_BANK:
        services.wait_for_bank(ticket_id=ticket.pk, until=scene.today + dt.timedelta(days=1), by=cast.carol)
    elif state == State.NEEDS_INFORMATION:
        services.ask_information(ticket_id=ticket.pk, question="¿Cuál?", fields=["reference"], by=cast.carol)
    elif state == State.AWAITING_APPROVAL:
        assert scene.verify(ticket, scene.line(big)).kind == "awaiting_approval"
    elif state == State.REJECTED:
        services.reject(ticket_id=ticket.pk, reason_id=scene.reason("not_found"), by=cast.carol)
    found = Ticket.objects.get(pk=ticket.pk)
    assert found.state == state
    return found


@dataclass(frozen=True)
class Town:
    """One house with a ticket in each state."""

    scene: Scene
    tickets: dict[str, Ticket]


def make_town() -> Town:
    scene = make_scene()
    return Town(scene=scene, tickets={state: reach(scene, state) for state in State.values})


town = built_once(make_town)


def facts(ticket: Ticket) -> tuple[object, ...]:
    return (Ticket.objects.filter(pk=ticket.pk).values().get(), *(model._default_manager.count() for model in COUNTED))


def send(cast: Cast, who: str, name: str, ticket: Ticket, data: Data) -> Any:
    actor: Actor = getattr(cast, who)
    return client_of(actor).post(cast.url(name, ticket.number), data)


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", ACTS)
def test_each_page_acts_or_refuses_in_each_state(town: Town, name: str, state: str) -> None:
    scene, act = town.scene, ACTS[name]
    ticket = Ticket.objects.get(pk=town.tickets[state].pk)
    before = facts(ticket)
    answer = send(scene.cast, act.who, name, ticket, act.data(scene))
    ticket.refresh_from_db()
    if state in act.legal:
        assert answer.status_code == 302, answer.content.decode()[:2000]
        assert ticket.state == act.legal[state]
        return
    assert answer.status_code in ANSWERS - {302}
    assert facts(ticket) == before
    assert ticket.number in answer.content.decode()


@pytest.mark.parametrize("state", State.values)
def test_verifying_with_a_good_deposit_works_in_review_alone(town: Town, state: str) -> None:
    scene, ticket = town.scene, Ticket.objects.get(pk=town.tickets[state].pk)
    line = scene.line("40.00")
    transfer = scene.transfers(ticket)[0]
    before = facts(ticket)
    answer = send(scene.cast, "carol", "desk:verify", ticket, {f"line-{transfer.pk}": line.pk})
    ticket.refresh_from_db()
    if state == State.IN_REVIEW:
        assert (answer.status_code, ticket.state) == (302, "verified")
    else:
        assert answer.status_code in ANSWERS - {302}
        assert facts(ticket) == before


def test_an_act_on_another_merchants_ticket_finds_nothing(town: Town) -> None:
    ours = make_scene()
    ticket = Ticket.objects.get(pk=town.tickets[State.IN_REVIEW].pk)
    before = facts(ticket)
    for name, act in ACTS.items():
        assert send(ours.cast, act.who, name, ticket, act.data(ours)).status_code == 404, name
    assert facts(ticket) == before
    assert timezone.now() > ticket.opened_at
