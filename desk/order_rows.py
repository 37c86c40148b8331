"""Orders with their state as it is shown: derived, one query for a whole page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Merchant
from orders.dates import today_at
from orders.models import Order
from reports.selectors import orders_in_review
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """`ticket` is the live one that covers the order."""

    order: Order
    state: str
    ticket: Ticket | None


def rows_of(merchant: Merchant, orders: Iterable[Order]) -> list[OrderRow]:
    """Rows for orders that were read with their balance."""
    shown = list(orders)
    tickets = orders_in_review(merchant, [order.pk for order in shown])
    today = today_at(merchant)
    return [
        OrderRow(order=order, state=order.display_state(today, in_review=order.pk in tickets), ticket=tickets.get(order.pk))
        for order in shown
    ]
