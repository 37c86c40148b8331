"""The state cannot be set from outside, not even by threads, and a stale copy is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.models import Role
from letters.models import Letter
from tests.factories import staff_actor
from tests.tickets.makers import House, make_house, make_ticket
from tickets import services
from tickets.models import State, Ticket, TicketEvent
from tickets.services.steps import take_step


@pytest.mark.django_db
def test_a_state_is_never_assigned() -> None:
    ticket = make_ticket(make_house())
    with pytest.raises(AttributeError):
        ticket.state = State.VERIFIED
    ticket.refresh_from_db()
    with pytest.raises(AttributeError):
        ticket.state = State.VERIFIED


@pytest.mark.django_db
def test_protection_stays_on_when_a_row_is_gone() -> None:
    ticket, other = make_ticket(make_house()), make_ticket(make_house())
    ghost = Ticket(pk=10**9, merchant=ticket.merchant, customer=ticket.customer, number="x")
    with pytest.raises(Ticket.DoesNotExist):
        ghost.refresh_from_db()
    for each in (other, ghost):
        with pytest.raises(AttributeError):
            each.state = State.VERIFIED


@pytest.mark.django_db
def test_a_ticket_read_without_its_state_reads_it_later_and_stays_protected() -> None:
    made = make_ticket(make_house())
    ticket = Ticket.objects.only("number").get(pk=made.pk)
    assert ticket.state == State.SUBMITTED
    with pytest.raises(AttributeError):
        ticket.state = State.VERIFIED


@pytest.mark.django_db
def test_a_stale_copy_is_refused_with_a_sentence() -> None:
    house = make_house()
    ticket = make_ticket(house)
    stale = Ticket.objects.select_related("customer", "merchant").get(pk=ticket.pk)
    services.withdraw(ticket_id=ticket.pk, by=house.customer)
    events = TicketEvent.objects.count()
    with pytest.raises(Stale) as caught, transaction.atomic():
        take_step(stale, "withdraw", by=house.customer, now=ticket.opened_at)
    assert caught.value.code == "stale"
    assert TicketEvent.objects.count() == events


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in State if state != State.SUBMITTED])
def test_the_database_refuses_a_state_without_its_facts(state: State) -> None:
    ticket = make_ticket(make_house())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET state = %s WHERE id = %s", [state.value, ticket.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE tickets_ticketevent SET note = 'x'", "DELETE FROM tickets_ticketevent"])
def test_events_are_never_changed(statement: str) -> None:
    make_ticket(make_house())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; what each gave back or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        try:
            gate.wait(10)
            results[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def claim_by(actor: Actor, ticket: Ticket) -> Callable[[], object]:
    return lambda: services.claim(ticket_id=ticket.pk, by=actor)


@pytest.mark.django_db(transaction=True)
def test_of_eight_claims_at_once_one_wins() -> None:
    house = make_house()
    people = [staff_actor(house.merchant, Role.ACCOUNTANT) for _ in range(8)]
    ticket = make_ticket(house)
    results = at_once(*(claim_by(each, ticket) for each in people))
    losers = [each for each in results if isinstance(each, Refused)]
    assert [each.code for each in losers] == ["claimed"] * 7
    assert TicketEvent.objects.filter(ticket=ticket, act="claim").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_verifications_at_once_one_is_written() -> None:
    house = make_house()
    ticket = make_ticket(house, State.IN_REVIEW)
    results = at_once(*(lambda: services.verify(ticket_id=ticket.pk, by=house.accountant) for _ in range(8)))
    assert sum(isinstance(each, Ticket) for each in results) == 1
    assert {each.code for each in results if isinstance(each, Refused)} == {"wrong_state"}
    assert TicketEvent.objects.filter(act="verify").count() == 1
    assert Letter.objects.filter(kind="ticket_verified").count() == 1


@pytest.mark.django_db(transaction=True)
def test_withdrawing_and_claiming_at_once_leaves_one_of_them() -> None:
    house = make_house()
    for _ in range(4):
        ticket = make_ticket(house)
        results = at_once(claim_by(house.accountant, ticket), lambda pk=ticket.pk: withdraw(house, pk))
        assert sum(isinstance(each, Refused) for each in results) == 1
        assert TicketEvent.objects.filter(ticket=ticket).count() == 2


def withdraw(house: House, ticket_id: int) -> Ticket:
    return services.withdraw(ticket_id=ticket_id, by=house.customer)


@pytest.mark.django_db(transaction=True)
def test_tickets_opened_at_once_get_different_numbers() -> None:
    house = make_house()
    customer = house.customer.customer
    results = at_once(
        *(
            lambda: services.open_ticket(merchant=house.merchant, customer=customer, subject="x", by=house.customer)
            for _ in range(8)
        )
    )
    assert len({ticket.number for ticket in results if isinstance(ticket, Ticket)}) == 8
