"""What a conversation is about: an order or a ticket of the same customer, by its number. Here, because both are known here."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from orders.models import Order
from tickets import services as tickets
from tickets.models import Conversation, Ticket, Topic


@transaction.atomic
def link_topic(*, conversation_id: int, number: str, by: Actor) -> Topic:
    """Link a conversation to the ticket or order with this number. `Refused` (`topic_unknown`) when its customer has none."""
    conversation = Conversation.objects.filter(merchant=by.merchant, pk=conversation_id).first()
    if conversation is None:
        raise Http404
    number = number.replace("\x00", "").strip()[:40]
    own = {"merchant": by.merchant, "customer": conversation.customer_id, "number__iexact": number}
    ticket = Ticket.objects.filter(**own).first() if number else None
    if ticket is not None:
        return tickets.add_topic(conversation_id=conversation_id, ticket=ticket, by=by)
    sees_orders = by.is_staff or by.is_system or (by.contact is not None and by.contact.can_see_orders)
    order = Order.objects.filter(**own).first() if number and sees_orders else None
    if order is None:
        raise Refused(
            _("This customer has no order and no ticket with the number %(number)s.") % {"number": number or "–"},
            code="topic_unknown",
            fields=("topic",),
        )
    return tickets.add_topic(conversation_id=conversation_id, order_number=order.number, by=by)
