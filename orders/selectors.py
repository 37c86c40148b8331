"""Reads of the orders room. What a person may see goes through `orders_for`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q
from django.http import Http404

from accounts.actors import Actor
from accounts.models import Customer
from accounts.text import folded
from orders.dates import today_at
from orders.models import Order, OrderLine, OrderQuerySet

PAGE_SIZE = 50

# What a list may be filtered and sorted by; anything else is refused by the form before it comes here.
STATES = ("all", "open", "overdue", "partly_paid", "paid", "void")
SORTS = ("pending", "number", "-number", "due_on", "-due_on", "issued_on", "-issued_on", "total", "-total")


def orders_for(actor: Actor | None) -> OrderQuerySet:
    """Orders that `actor` may see, with their balances: staff those of their merchant, contacts those of their customer."""
    orders = Order.objects.with_balance()
    if actor is None:
        return orders.none()
    orders = orders.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return orders
    contact = actor.contact
    if contact is None or not contact.can_see_orders:
        return orders.none()
    return orders.filter(customer_id=contact.customer_id)


def order_for(actor: Actor | None, number: str) -> Order:
    """One order by its number with customer and lines, or 404: another's order and one that never was look the same."""
    order = orders_for(actor).select_related("customer").prefetch_related("lines").filter(number=number).first()
    if order is None:
        raise Http404
    return order


def open_orders_of(customer: Customer) -> OrderQuerySet:
    """What the customer still owes, oldest due first: the order in which payments are applied."""
    return Order.objects.with_balance().filter(customer=customer).open().order_by("due_on", "pk")


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """What a list shows. `state` is one of `STATES`, `sort` one of `SORTS`."""

    query: str = ""
    state: str = "all"
    sort: str = "pending"
    customer_id: int | None = None
    page: int = 1


def list_orders(actor: Actor | None, filters: OrderFilters, *, page_size: int = PAGE_SIZE) -> Page[Order]:
    """One page of orders with balance and customer: two queries whatever their number."""
    orders = orders_for(actor).select_related("customer")
    if filters.customer_id is not None:
        orders = orders.filter(customer_id=filters.customer_id)
    for word in filters.query.split()[:6]:
        orders = orders.filter(_found(word))
    if actor is not None:
        orders = _in_state(orders, filters.state, today_at(actor.merchant))
    # Sort keys come from the allow-list alone, also when a form was forgotten.
    sort = filters.sort if filters.sort in SORTS else "pending"
    orders = orders.pending_first() if sort == "pending" else orders.order_by(sort, "-pk")
    return Paginator(orders, page_size).get_page(filters.page)


def _found(word: str) -> Q:
    """Case and accents aside, as people type."""
    own = Q(number__icontains=word) | folded("description", word)
    return own | folded("customer__name", word) | Q(customer__number__icontains=word)


def _in_state(orders: OrderQuerySet, state: str, today: dt.date) -> OrderQuerySet:
    if state == "open":
        return orders.open()
    if state == "overdue":
        return orders.open().filter(due_on__lt=today)
    if state == "partly_paid":
        return orders.open().filter(balance__paid__gt=0)
    if state == "paid":
        return orders.filter(voided_at__isnull=True, balance__paid__gte=F("balance__total"))
    if state == "void":
        return orders.filter(voided_at__isnull=False)
    return orders


@dataclass(frozen=True, kw_only=True)
class StateCounts:
    """How many orders a customer (or merchant) has in the states that lists filter by."""

    open: int
    overdue: int
    paid: int
    void: int


def count_states(actor: Actor, *, customer_id: int | None = None) -> StateCounts:
    """Counts for the filters of a list: one query."""
    orders = orders_for(actor)
    if customer_id is not None:
        orders = orders.filter(customer_id=customer_id)
    is_open = Q(voided_at__isnull=True, balance__paid__lt=F("balance__total"))
    found = orders.aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(due_on__lt=today_at(actor.merchant))),
        paid=Count("pk", filter=Q(voided_at__isnull=True, balance__paid__gte=F("balance__total"))),
        void=Count("pk", filter=Q(voided_at__isnull=False)),
    )
    return StateCounts(**found)


def shipping_lines_of(customer: Customer, *, ticked_order_ids: Iterable[int] = ()) -> list[OrderLine]:
    """Shipping lines that are paid, or stand in a ticked order; the paid ones first, then the oldest. Not void ones.

    Whether a line was used already is known one room higher.
    """
    lines = (
        OrderLine.objects.filter(order__customer=customer, kind=OrderLine.Kind.SHIPPING, order__voided_at__isnull=True)
        .filter(Q(order__balance__paid__gte=F("order__balance__total")) | Q(order_id__in=list(ticked_order_ids)))
        .select_related("order__balance")
        .order_by("order__due_on", "pk")
    )
    return sorted(lines, key=lambda line: line.order.is_open)


def total_due(orders: Iterable[Order]) -> Decimal:
    """Sum of what is still owed; the caller sees to it that they are in one currency."""
    return sum((order.amount_due for order in orders), Decimal(0))
