"""Reads about paper invoices: what is to be done with them, and where a customer's one is."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Prefetch, Q, QuerySet

from accounts.actors import Actor
from reports.models import Allocation, PaymentReport, Shipment, ShipmentState
from tickets.models import State

PAGE_SIZE = 50
# Asked for, and not yet to be sent: the report is not decided, or its shipping not paid.
WAITING = "waiting"
TABS = (ShipmentState.REQUESTED.value, *(state.value for state in ShipmentState if state != ShipmentState.REQUESTED), WAITING)

_READY = Q(
    wish__report__ticket__state=State.VERIFIED,
    wish__order_line__order__voided_at__isnull=True,
    wish__order_line__order__balance__paid__gte=F("wish__order_line__order__balance__total"),
)


def shipments_for(actor: Actor | None) -> QuerySet[Shipment]:
    """Shipments whose wish stands and that `actor` may see: staff those of their merchant, contacts those of their customer."""
    shipments = Shipment.objects.filter(wish__released_at__isnull=True)
    if actor is None:
        return shipments.none()
    shipments = shipments.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return shipments
    contact = actor.contact
    if contact is None or not (contact.can_use_tickets or contact.can_see_orders):
        return shipments.none()
    return shipments.filter(wish__report__customer_id=contact.customer_id)


def _in_tab(shipments: QuerySet[Shipment], tab: str) -> QuerySet[Shipment]:
    if tab == WAITING:
        return shipments.filter(state=ShipmentState.REQUESTED).exclude(_READY)
    shipments = shipments.filter(state=tab)
    return shipments.filter(_READY) if tab == ShipmentState.REQUESTED else shipments


def in_tab(actor: Actor, tab: str) -> QuerySet[Shipment]:
    """Everything of a tab (one of `TABS`), the oldest first; what is over, newest first. Three queries."""
    over = tab in (ShipmentState.DELIVERED, ShipmentState.RETURNED)
    return _with_all(_in_tab(shipments_for(actor), tab)).order_by("-pk" if over else "pk")


def list_shipments(actor: Actor, tab: str, page: int) -> Page[Shipment]:
    """One page of it."""
    return Paginator(in_tab(actor, tab), PAGE_SIZE).get_page(page)


def _with_all(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """With ticket, customer, address and the orders of the report."""
    covered = Allocation.objects.filter(until_revision__isnull=True).select_related("order").order_by("order__due_on", "pk")
    return shipments.select_related("wish__report__ticket", "wish__report__customer", "wish__order_line__order").prefetch_related(
        Prefetch("wish__report__allocations", queryset=covered)
    )


def count_shipments(actor: Actor) -> dict[str, int]:
    """How many stand in each tab. One query."""
    ready = Q(state=ShipmentState.REQUESTED) & _READY
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in ShipmentState}
    found = shipments_for(actor).aggregate(ready=Count("pk", filter=ready), **counts)
    ready_now = found.pop("ready")
    return {**found, ShipmentState.REQUESTED.value: ready_now, WAITING: found["requested"] - ready_now}


def shipment_of(actor: Actor, report: PaymentReport) -> Shipment | None:
    """The paper invoice of a report, with its steps; None when none is wished for."""
    return _one(shipments_for(actor).filter(wish__report=report))


def shipment_of_order(actor: Actor, order_id: int) -> Shipment | None:
    """The paper invoice that this order's shipping pays for, or whose report pays it."""
    reports = Allocation.objects.filter(order=order_id, until_revision__isnull=True).values("report")
    return _one(shipments_for(actor).filter(Q(wish__order_line__order=order_id) | Q(wish__report__in=reports)))


def _one(shipments: QuerySet[Shipment]) -> Shipment | None:
    return shipments.select_related("wish__report__ticket").prefetch_related("events").order_by("-pk").first()
