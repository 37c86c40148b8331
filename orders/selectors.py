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
from accounts.paging import MOST_FOUND, MOST_LISTED, Parts
from accounts.text import MOST_WORDS, found_by, spellings
from orders.dates import today_at
from orders.models import Order, OrderLine, OrderQuerySet

PAGE_SIZE = 50
# Nobody reads a larger number on a filter.
MOST_COUNTED = 1000

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
    if actor is not None:
        for word in filters.query.split()[:MOST_WORDS]:
            orders = orders.filter(found_by(actor.merchant, word))
        orders = _in_state(orders, filters.state, today_at(actor.merchant))
    # Sort keys come from the allow-list alone, also when a form was forgotten.
    sort = filters.sort if filters.sort in SORTS else "pending"
    if actor is not None and actor.is_staff and filters.customer_id is None:
        return _parts(orders, filters, sort).page(filters.page, page_size)
    orders = orders.pending_first() if sort == "pending" else orders.order_by(sort, "-pk")
    return Paginator(orders, page_size).get_page(filters.page)


def found_orders(actor: Actor, query: str, most: int) -> list[Order]:
    """The first orders of the house that hold these words, the one with exactly this number before the others. Staff only."""
    actor.require(actor.is_staff)
    orders = orders_for(actor).select_related("customer")
    for word in query.split()[:MOST_WORDS]:
        orders = orders.filter(found_by(actor.merchant, word))
    return _parts(orders, OrderFilters(query=query), "pending").first(most)


def _parts(orders: OrderQuerySet, filters: OrderFilters, sort: str) -> Parts[Order]:
    """What `pending_first` shows, in parts that indexes keep in order: `paid_on` is stamped when an order is fully paid.

    The order with the very number that is looked for stands before them.
    """
    query = filters.query.strip()
    most = MOST_FOUND if query else MOST_LISTED
    if sort != "pending":
        return Parts(orders.order_by(sort, "-pk"), most=most)
    whole, named = orders, []
    if query:
        numbers = spellings(query)
        named, orders = [orders.filter(number__in=numbers).order_by("-pk")], orders.exclude(number__in=numbers)
    owed = orders.filter(voided_at__isnull=True, paid_on__isnull=True).order_by("due_on", "-issued_on", "-pk")
    settled = orders.exclude(voided_at__isnull=True, paid_on__isnull=True).order_by("-issued_on", "-pk")
    if filters.state in ("open", "overdue", "partly_paid"):
        return Parts(whole, *named, owed, most=most)
    rest = (settled,) if filters.state in ("paid", "void") else (owed, settled)
    return Parts(whole, *named, *rest, most=most)


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
    """Counts for a list's filters: a customer's by one query; a whole house's by one each, not beyond `MOST_COUNTED` + 1."""
    orders = orders_for(actor)
    if customer_id is not None:
        orders = orders.filter(customer_id=customer_id)
    if actor.is_staff and customer_id is None:
        today = today_at(actor.merchant)
        # An order is stamped when it is fully paid: no balance is looked at.
        orders = Order.objects.filter(merchant=actor.merchant)
        within = {
            "open": orders.filter(voided_at=None, paid_on=None),
            "overdue": orders.filter(voided_at=None, paid_on=None, due_on__lt=today),
            "paid": orders.filter(voided_at=None, paid_on__isnull=False),
            "void": orders.filter(voided_at__isnull=False),
        }
        return StateCounts(**{state: found[: MOST_COUNTED + 1].count() for state, found in within.items()})
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
