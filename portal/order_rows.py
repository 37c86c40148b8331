"""Orders as a customer sees them in a list: state, what is due, its worth today, and the ticket that covers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.links import links_to
from accounts.models import Merchant
from banking.money import minor_units
from orders.models import Order
from portal.equivalents import Equivalent
from reports.selectors import orders_in_review
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One order in a list. `worth` is its due amount in the other currency, None where no rate of today exists.

    `box` is the value of the row's check box, `minor` what is due in the smallest units, for the sum that the browser shows while
    boxes are ticked: as texts, which a template need not write as numbers.
    """

    order: Order
    address: str
    state: str
    due: Decimal
    worth: Decimal | None
    ticket: Ticket | None
    can_be_reported: bool
    box: str
    box_label: str
    minor: str


def rows_of(merchant: Merchant, orders: Iterable[Order], *, today: dt.date, equivalent: Equivalent | None) -> list[OrderRow]:
    """Rows for `orders` (with their balances), in their order. One query for all tickets, none a row."""
    found = list(orders)
    tickets = orders_in_review(merchant, [order.pk for order in found if order.is_open])
    address_of, label = links_to("portal:order"), _("Select order %(number)s")
    rows = []
    for order in found:
        due = order.amount_due
        has_worth = equivalent is not None and due > 0 and order.currency == equivalent.base
        rows.append(
            OrderRow(
                order=order,
                address=address_of(order.number),
                state=order.display_state(today, in_review=order.pk in tickets),
                due=due,
                worth=equivalent.of(due) if equivalent is not None and has_worth else None,
                ticket=tickets.get(order.pk),
                # One in review too, because a second report is possible.
                can_be_reported=order.is_open,
                box=str(order.pk),
                box_label=label % {"number": order.number},
                minor=str(int(due.scaleb(minor_units(order.currency)))),
            )
        )
    return rows
