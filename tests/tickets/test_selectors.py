"""Who sees which tickets, what a timeline shows to whom, and that no list asks the database once a row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.http import Http404

from tests.factories import customer_actor, make_customer
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.jobs import keep_deadlines
from tickets.models import LIVE_STATES, State, TicketEvent
from tickets.selectors import (
    clock_of,
    conversations_for,
    queue_counts,
    reasons_of,
    ticket_for,
    tickets_for,
    timeline_for,
    twin_for,
)

pytestmark = pytest.mark.django_db
CARACAS = ZoneInfo("America/Caracas")


@pytest.fixture
def house() -> House:
    return make_house()


def test_who_sees_which_tickets(house: House) -> None:
    ticket = make_ticket(house)
    customer = house.customer.customer
    for actor in (
        house.customer,
        house.auditor,
        house.support,
        house.system,
        customer_actor(customer, can_report=False),
        customer_actor(customer, can_use_tickets=False),
    ):
        assert list(tickets_for(actor)) == [ticket]
        assert ticket_for(actor, ticket.number) == ticket
    for nobody in (
        None,
        customer_actor(make_customer(house.merchant)),
        customer_actor(customer, can_report=False, can_use_tickets=False),
        make_house().senior,
    ):
        assert not tickets_for(nobody)
        with pytest.raises(Http404):
            ticket_for(nobody, ticket.number)


def test_a_timeline_shows_customers_teams_and_staff_people(house: House) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    services.post_message(conversation_id=ticket.conversation.pk, text="Es 4512", by=house.customer)
    services.post_message(conversation_id=ticket.conversation.pk, text="Ojo", by=house.support, is_internal=True)
    ours, theirs = timeline_for(house.auditor, ticket), timeline_for(house.customer, ticket)
    assert [entry.act or entry.text for entry in theirs] == ["open", "claim", "ask_information", "Es 4512", "answer"]
    assert [entry.act or entry.text for entry in ours] == [*[entry.act or entry.text for entry in theirs], "Ojo"]
    assert [entry.team for entry in theirs] == ["customer", "accounting", "accounting", "customer", "customer"]
    assert not [entry for entry in theirs if entry.person or entry.internal_note]
    assert ours[1].person == house.accountant.user
    assert [entry.is_own for entry in theirs] == [True, False, False, True, True]
    assert theirs[2].note == "¿Cuál es la referencia?"


def test_steps_within_the_house_are_not_the_customers_business(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    services.release(ticket_id=ticket.pk, by=house.accountant)
    assert [entry.act for entry in timeline_for(house.customer, ticket)] == ["open"], "the newest step is the state of the ticket"
    services.claim(ticket_id=ticket.pk, by=house.colleague)
    services.request_approval(ticket_id=ticket.pk, note="Mire bien", by=house.colleague)
    services.send_back(ticket_id=ticket.pk, note="No cuadra", by=house.senior)
    assert [entry.act for entry in timeline_for(house.customer, ticket)] == ["open", "claim"]
    staff = timeline_for(house.support, ticket)
    assert [entry.act for entry in staff] == ["open", "claim", "release", "claim", "request_approval", "send_back"]
    assert [entry.internal_note for entry in staff[4:]] == ["Mire bien", "No cuadra"]


def test_a_timeline_takes_three_queries_however_long(house: House, django_assert_num_queries: Any) -> None:
    ticket = make_ticket(house)
    for turn in range(12):
        services.claim(ticket_id=ticket.pk, by=house.accountant)
        services.release(ticket_id=ticket.pk, by=house.accountant)
        services.post_message(conversation_id=ticket.conversation.pk, text=f"Mensaje {turn}", by=house.customer)
    with django_assert_num_queries(3):
        entries = timeline_for(house.accountant, ticket)
        assert len([(str(entry.person), str(entry.reason), entry.attachments) for entry in entries]) == 37


@pytest.mark.parametrize("count", [1, 12])
def test_lists_take_one_query_however_long(house: House, count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        ticket = make_ticket(house, State.REJECTED)
    with django_assert_num_queries(1):
        shown = [
            (t.customer.name, t.claimed_by and t.claimed_by.name, t.reason and t.reason.name) for t in tickets_for(house.support)
        ]
    with django_assert_num_queries(1):
        assert [c.ticket and c.customer.name for c in conversations_for(house.support)]
    with django_assert_num_queries(1):
        assert ticket_for(house.support, ticket.number).conversation.number == ticket.number
    assert len(shown) == count


def test_the_queue_counts_each_drawer_in_one_query(house: House, django_assert_num_queries: Any) -> None:
    for state in State:
        make_ticket(house, state)
    with django_assert_num_queries(1):
        counts = queue_counts(house.senior)
    assert counts == {
        "open": len(LIVE_STATES), "new": 1, "mine": 0, "in_review": 1, "waiting_for_bank": 1, "waiting_for_customer": 1,
        "second_signature": 1, "to_sign": 1, "overdue": 0,
    }  # fmt: skip
    own = queue_counts(house.accountant)
    assert (own["mine"], own["to_sign"]) == (3, 0)
    assert set(queue_counts(make_house().senior).values()) == {0}


def test_a_clock_runs_nears_its_end_pauses_and_stops(house: House) -> None:
    start = datetime(2026, 11, 24, 8, 0, tzinfo=CARACAS)
    with time_machine.travel(start, tick=False) as clock:
        ticket = make_ticket(house)
        stages = []
        for hours in (0, 5, 2, 2):
            clock.shift(timedelta(hours=hours))
            stages.append((clock_of(house.merchant, ticket).stage, clock_of(house.merchant, ticket).minutes))
        assert stages == [("running", 480), ("running", 180), ("near", 60), ("over", -60)]
        assert clock_of(house.merchant, make_ticket(house, State.NEEDS_INFORMATION)).stage == "paused"
    assert clock_of(house.merchant, make_ticket(house, State.WITHDRAWN)).stage == "stopped"


def test_reasons_come_in_order_and_only_active_ones(house: House) -> None:
    reason = house.reason("amount_differs")
    reason.is_active = False
    reason.save()
    codes = [each.code for each in reasons_of(house.merchant, "reject")]
    assert codes[:2] == ["not_found", "wrong_account"]
    assert "returned_by_bank" in [each.code for each in reasons_of(house.merchant, "reverse")]


def test_a_customer_is_shown_only_a_twin_of_their_own(house: House) -> None:
    other = customer_actor(make_customer(house.merchant))
    first = services.open_ticket(merchant=house.merchant, customer=other.customer, subject="x", by=other)
    second = make_ticket(house, State.IN_REVIEW)
    services.reject(ticket_id=second.pk, reason_id=house.reason("duplicate").pk, duplicate_of=first.number, by=house.accountant)
    ticket = ticket_for(house.customer, second.number)
    assert twin_for(house.customer, ticket) is None
    assert twin_for(house.support, ticket) == first


def test_the_job_of_each_minute_keeps_all_deadlines(house: House) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 10, 0, tzinfo=CARACAS), tick=False) as clock:
        for state in (State.IN_REVIEW, State.NEEDS_INFORMATION, State.WAITING_FOR_BANK):
            make_ticket(house, state)
        clock.shift(timedelta(days=10))
        keep_deadlines(timestamp=0)
    assert set(TicketEvent.objects.filter(team="system").values_list("act", flat=True)) == {"release", "take_back", "resume"}
