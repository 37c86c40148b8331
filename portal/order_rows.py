"""Orders as a customer sees them in a list: state, what is due, its worth today, and the ticket that covers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Merchant
from banking.money import minor_units
from orders.models import Order
from portal.equivalents import Equivalent
from reports.selectors import orders_in_review
from tickets.models import Ticket

PAYABLE = frozenset({"unpaid", "overdue", "partly_paid"})


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One order in a list. `worth` is its due amount in the other currency, None where no rate of today exists."""

    order: Order
    state: str
    due: Decimal
    worth: Decimal | None
    ticket: Ticket | None

    @property
    def can_be_reported(self) -> bool:
        """Open orders have a box; one in review too, because a second report is possible."""
        return self.order.is_open

    @property
    def minor(self) -> int:
        """What is due in the smallest units, for the sum that the browser shows while boxes are ticked."""
        return int(self.due.scaleb(minor_units(self.order.currency)))


def rows_of(merchant: Merchant, orders: Iterable[Order], *, today: dt.date, equivalent: Equivalent | None) -> list[OrderRow]:
    """Rows for `orders` (with their balances), in their order. One query for all tickets, none a row."""
    found = list(orders)
    tickets = orders_in_review(merchant, [order.pk for order in found if order.is_open])
    rows = []
    for order in found:
        due = order.amount_due
        has_worth = equivalent is not None and due > 0 and order.currency == equivalent.base
        rows.append(
            OrderRow(
                order=order,
                state=order.display_state(today, in_review=order.pk in tickets),
                due=due,
                worth=equivalent.of(due) if equivalent is not None and has_worth else None,
                ticket=tickets.get(order.pk),
            )
        )
    return rows
