"""A ticket in every state, reached by the acts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Contact, Role
from tests.factories import customer_actor, make_customer, make_merchant, staff_actor
from tickets import services
from tickets.calendar import local_day
from tickets.models import Reason, State, Ticket


@dataclass
class House:
    """A merchant ready for tickets, with one person of each kind."""

    customer: Actor
    accountant: Actor
    colleague: Actor
    senior: Actor
    administrator: Actor
    support: Actor
    auditor: Actor

    @property
    def merchant(self) -> Any:
        return self.customer.merchant

    @property
    def system(self) -> Actor:
        return Actor.system(self.merchant)

    def reason(self, code: str) -> Reason:
        return Reason.objects.get(merchant=self.merchant, code=code)


def make_house(**merchant_fields: Any) -> House:
    merchant = make_merchant(**merchant_fields)
    services.prepare_merchant(merchant=merchant, by=Actor.system(merchant))
    return House(
        customer=customer_actor(make_customer(merchant)),
        accountant=staff_actor(merchant),
        colleague=staff_actor(merchant),
        senior=staff_actor(merchant, Role.SENIOR),
        administrator=staff_actor(merchant, Role.ADMINISTRATOR),
        support=staff_actor(merchant, Role.SUPPORT),
        auditor=staff_actor(merchant, Role.AUDITOR),
    )


def make_ticket(house: House, state: State = State.SUBMITTED, **kw: Any) -> Ticket:
    """A ticket of the house's customer, walked to `state` by the acts that lead there."""
    assert house.customer.contact is not None
    contact: Contact = kw.pop("contact", house.customer.contact)
    kw.setdefault("subject", "Bs 734,80 · Transferencia")
    ticket = services.open_ticket(merchant=house.merchant, customer=contact.customer, by=house.customer, **kw)
    walk(house, ticket.pk, state)
    return Ticket.objects.select_related("customer").get(pk=ticket.pk)


def walk(house: House, ticket_id: int, state: State) -> None:
    """From submitted to `state`."""
    if state == State.SUBMITTED:
        return
    if state == State.WITHDRAWN:
        services.withdraw(ticket_id=ticket_id, by=house.customer)
        return
    services.claim(ticket_id=ticket_id, by=house.accountant)
    if state == State.WAITING_FOR_BANK:
        services.wait_for_bank(ticket_id=ticket_id, until=tomorrow(house), by=house.accountant)
    elif state == State.NEEDS_INFORMATION:
        ask(house, ticket_id)
    elif state == State.AWAITING_APPROVAL:
        services.request_approval(ticket_id=ticket_id, by=house.accountant)
    elif state in (State.VERIFIED, State.REVERSED):
        services.verify(ticket_id=ticket_id, by=house.accountant)
        if state == State.REVERSED:
            reason = house.reason("returned_by_bank")
            services.reverse(ticket_id=ticket_id, reason_id=reason.pk, note="Devuelto", by=house.senior)
    elif state == State.REJECTED:
        services.reject(ticket_id=ticket_id, reason_id=house.reason("not_found").pk, by=house.accountant)


def ask(house: House, ticket_id: int, **kw: Any) -> Ticket:
    kw.setdefault("question", "¿Cuál es la referencia?")
    kw.setdefault("fields", ["reference"])
    kw.setdefault("by", house.accountant)
    return services.ask_information(ticket_id=ticket_id, **kw)


def tomorrow(house: House) -> Any:
    return local_day(house.merchant, timezone.now()) + timedelta(days=1)
