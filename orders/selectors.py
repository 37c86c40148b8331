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
from accounts.paging import Found, Parts
from accounts.text import MOST_WORDS, found_by, spellings
from orders.dates import today_at
from orders.models import Order, OrderLine, OrderQuerySet

PAGE_SIZE = 50
# Nobody reads a larger number on a filter.
MOST_COUNTED = 1000

# What a list may be filtered and sorted by; anything else is refused by the form before it comes here.
STATES = ("all", "open", "overdue", "partly_paid", "paid", "void")
# The first is what stands for any other word.
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
    own = Order.objects.with_balance().filter(merchant=customer.merchant_id, customer=customer)
    return own.open().order_by("due_on", "pk")


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """What a list shows. `state` is one of `STATES`, `sort` one of `SORTS`."""

    query: str = ""
    state: str = "all"
    sort: str = "pending"
    customer_id: int | None = None
    page: int = 1


def list_orders(actor: Actor | None, filters: OrderFilters, *, page_size: int = PAGE_SIZE) -> Page[Order]:
    """One page of orders with balance and customer, in a constant number of queries whatever their number."""
    if actor is not None and filters.query.strip():
        return find_orders(actor, filters).page(filters.page, page_size)
    orders, in_order = _filtered(actor, filters)
    if actor is not None and actor.is_staff and filters.customer_id is None:
        parts = Parts(in_order) if filters.sort in SORTS[1:] else _parts(orders, filters.state)
        return parts.page(filters.page, page_size)
    return Paginator(in_order, page_size).get_page(filters.page)


def find_orders(actor: Actor, filters: OrderFilters) -> Found[Order]:
    """The orders that hold every word of the query."""
    found, in_order = _filtered(actor, filters)
    for word in filters.query.split()[:MOST_WORDS]:
        found = found.filter(found_by(actor.merchant, word))
    return Found(in_order, found, spellings(filters.query.strip()))


def _filtered(actor: Actor | None, filters: OrderFilters) -> tuple[OrderQuerySet, OrderQuerySet]:
    """What the filters let through, whatever the words; and the same in its order."""
    orders = orders_for(actor).select_related("customer")
    if filters.customer_id is not None:
        orders = orders.filter(customer_id=filters.customer_id)
    if actor is not None:
        orders = _in_state(orders, filters.state, today_at(actor.merchant))
    # Sort keys come from the allow-list alone, also when a form was forgotten.
    return orders, orders.order_by(filters.sort, "-pk") if filters.sort in SORTS[1:] else orders.pending_first()


def _parts(orders: OrderQuerySet, state: str) -> Parts[Order]:
    """What `pending_first` shows, in parts that indexes keep in order: `paid_on` is stamped when an order is fully paid."""
    owed = orders.filter(voided_at__isnull=True, paid_on__isnull=True).order_by("due_on", "-issued_on", "-pk")
    settled = orders.exclude(voided_at__isnull=True, paid_on__isnull=True).order_by("-issued_on", "-pk")
    if state in ("open", "overdue", "partly_paid"):
        return Parts(owed)
    return Parts(settled) if state in ("paid", "void") else Parts(orders, owed, settled)


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
        OrderLine.objects.filter(order__merchant=customer.merchant_id, order__customer=customer, order__voided_at__isnull=True)
        .filter(kind=OrderLine.Kind.SHIPPING)
        .filter(Q(order__balance__paid__gte=F("order__balance__total")) | Q(order_id__in=list(ticked_order_ids)))
        .select_related("order__balance")
        .order_by("order__due_on", "pk")
    )
    return sorted(lines, key=lambda line: line.order.is_open)


def total_due(orders: Iterable[Order]) -> Decimal:
    """Sum of what is still owed; the caller sees to it that they are in one currency."""
    return sum((order.amount_due for order in orders), Decimal(0))
