"""Reads of what conversations are about, and of the conversations about a thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.actors import Actor
from orders.models import Order
from orders.selectors import orders_for
from tickets.models import LIVE_STATES, Conversation, Ticket, Topic
from tickets.selectors import conversations_for, tickets_for

MOST_OFFERED = 30


@dataclass(frozen=True, kw_only=True)
class Linked:
    """One thing that a conversation is about: a ticket or an order."""

    pk: int
    number: str
    ticket: Ticket | None = None
    order: Order | None = None


def topics_of(actor: Actor, conversation: Conversation) -> list[Linked]:
    """What a conversation is about, as far as `actor` may see it. Two queries."""
    topics = list(Topic.objects.filter(merchant=actor.merchant, conversation=conversation).select_related("ticket"))
    numbers = [each.order_number for each in topics if each.order_number]
    seen = orders_for(actor).filter(customer=conversation.customer_id, number__in=numbers) if numbers else ()
    orders = {order.number: order for order in seen}
    found = [
        Linked(pk=each.pk, number=each.ticket.number if each.ticket else each.order_number, ticket=each.ticket,
               order=orders.get(each.order_number))
        for each in topics
    ]  # fmt: skip
    return [each for each in found if each.ticket or each.order]


def conversations_about(actor: Actor, *, order_number: str = "", ticket_id: int = 0) -> list[Conversation]:
    """Conversations that were linked to an order or a ticket, the newest first."""
    wanted = Q(topics__order_number=order_number) if order_number else Q(topics__ticket=ticket_id)
    return list(conversations_for(actor).filter(wanted)[:MOST_OFFERED])


def topics_offered(actor: Actor) -> Iterable[tuple[str, str]]:
    """(number, text) of what a contact may write about: live tickets first, then orders, the newest first."""
    contact = actor.contact
    if contact is None:
        return []
    tickets = tickets_for(actor).filter(state__in=LIVE_STATES)[:MOST_OFFERED]
    offered = [(ticket.number, ticket.number) for ticket in tickets]
    if contact.can_see_orders:
        orders = orders_for(actor).filter(customer=contact.customer_id).order_by("-pk")[:MOST_OFFERED]
        offered += [(order.number, f"{order.number} · {order.description}"[:80]) for order in orders]
    return offered
