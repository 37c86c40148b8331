"""Reads about services: whose they are, what is open on them, what the house offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Case, IntegerField, QuerySet, Value, When

from accounts.actors import Actor
from accounts.models import Merchant
from orders.models import Order, Service, ServiceEvent, ServiceOffer
from orders.service_models import ServiceState

MOST_EVENTS = 12


def services_for(actor: Actor | None) -> QuerySet[Service]:
    """Services that `actor` may see, those that live first: staff their merchant's, contacts who manage services their own."""
    place = Case(When(state=ServiceState.CANCELLED, then=Value(1)), default=Value(0), output_field=IntegerField())
    services = Service.objects.order_by(place, "name", "pk")
    if actor is None:
        return services.none()
    services = services.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return services
    contact = actor.contact
    if contact is None or not contact.can_manage_services:
        return services.none()
    return services.filter(customer_id=contact.customer_id)


def offers_of(merchant: Merchant, *, all_of_them: bool = False) -> list[ServiceOffer]:
    """What the house sells now, by name; with `all_of_them` also what it used to."""
    offers = ServiceOffer.objects.filter(merchant=merchant).order_by("-is_active", "name_es", "pk")
    return list(offers if all_of_them else offers.filter(is_active=True))


def open_orders_of(services: Iterable[Service]) -> dict[int, list[Order]]:
    """Service → its orders that are still to be paid, oldest first. One query."""
    found: dict[int, list[Order]] = defaultdict(list)
    own = [service.pk for service in services]
    unpaid = Order.objects.with_balance().open().filter(lines__service__in=own).order_by("due_on", "pk").distinct()
    for order in unpaid.prefetch_related("lines"):
        for service_id in {line.service_id for line in order.lines.all()} & set(own):
            if service_id is not None:
                found[service_id].append(order)
    return found


def events_of(services: Iterable[Service]) -> dict[int, list[ServiceEvent]]:
    """Service → what happened to it, newest first. One query."""
    found: dict[int, list[ServiceEvent]] = defaultdict(list)
    rows = ServiceEvent.objects.filter(service__in=[service.pk for service in services]).select_related("order", "by")
    for event in rows.order_by("-pk"):
        if len(found[event.service_id]) < MOST_EVENTS:
            found[event.service_id].append(event)
    return found
