"""What a report comes to: orders, worth, allocation, and all that was found about it. Plain values, made by `examine`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.errors import Refused, Stale
from orders.models import Order, OrderLine
from reports.findings import Finding
from reports.models import Transfer, Withholding
from reports.transfer_rules import ResolvedTransfer, shown
from reports.withholding_rules import ResolvedWithholding

# The key that stands for an order that sending will make.
PLANNED_SHIPPING = 0
# Something happened to an order between the page and its sending: answered as a conflict, with the present state.
STALE_CODES = frozenset({"order_paid", "order_void", "order_changed"})


@dataclass(frozen=True, kw_only=True)
class Due:
    """What an order owes, as the report sees it. `order` is None for the shipping that sending will add (`PLANNED_SHIPPING`)."""

    order_id: int
    number: str
    description: str
    due_on: dt.date
    amount_due: Decimal
    order: Order | None = None


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What a content comes to. Amounts are in `currency`, that of the orders (of the merchant for a payment in advance)."""

    currency: str
    dues: list[Due] = field(default_factory=list)
    transfers: list[ResolvedTransfer] = field(default_factory=list)
    values: dict[int, Decimal] = field(default_factory=dict)
    withholdings: list[ResolvedWithholding] = field(default_factory=list)
    allocations: dict[int, Decimal] = field(default_factory=dict)
    shipping_line: OrderLine | None = None
    adds_shipping: bool = False
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def total_due(self) -> Decimal:
        """What the ticked orders owe together."""
        return sum((due.amount_due for due in self.dues), Decimal(0))

    @property
    def paid(self) -> Decimal:
        """What the transfers are worth together, without their surcharges."""
        return sum(self.values.values(), Decimal(0))

    @property
    def withheld(self) -> Decimal:
        """What the withholding vouchers come to."""
        return sum((voucher.content.amount for voucher in self.withholdings), Decimal(0))

    @property
    def value(self) -> Decimal:
        """What orders and credit get: transfers and vouchers together."""
        return self.paid + self.withheld

    @property
    def allocated(self) -> Decimal:
        return sum(self.allocations.values(), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """What goes to the customer's credit."""
        return max(Decimal(0), self.value - self.allocated)

    @property
    def remaining(self) -> Decimal:
        """What the ticked orders will still owe."""
        return max(Decimal(0), self.total_due - self.allocated)

    @property
    def kind(self) -> str:
        """`advance` (no order), `exact`, `partial` or `over`."""
        if not self.dues:
            return "advance"
        if self.remaining > 0:
            return "partial"
        return "over" if self.credit > 0 else "exact"

    @property
    def explanation(self) -> str:
        """The same as a sentence for the customer."""
        if self.kind == "advance":
            return _("Payment in advance: %(credit)s go to your credit.") % {"credit": shown(self.credit, self.currency)}
        if self.kind == "partial":
            sentence = _("Partial: %(rest)s remain to be paid.") % {"rest": shown(self.remaining, self.currency)}
            if self.credit > 0:
                sentence += " " + _("%(credit)s go to your credit.") % {"credit": shown(self.credit, self.currency)}
            return sentence
        if self.kind == "over":
            return _("Your payment covers everything, and %(credit)s go to your credit.") % {
                "credit": shown(self.credit, self.currency)
            }
        return _("Exact: it pays all the orders that you ticked.")

    def refuse(self) -> None:
        """Raise what was found wrong: `Stale` when an order has changed, else `Refused`. Nothing when all is right."""
        if not self.problems:
            return
        stale = [each for each in self.problems if each.code in STALE_CODES]
        told = stale or self.problems
        kind = Stale if stale else Refused
        message = " ".join(dict.fromkeys(each.message for each in told))
        raise kind(message, code=told[0].code, fields=tuple(dict.fromkeys(each.field for each in told)))


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a correction may take as it is: rows of transfers that did not change, orders that the report covers already."""

    report_id: int
    ticket_id: int
    currency: str
    transfers: Mapping[int, Transfer] = field(default_factory=dict)
    withholdings: tuple[Withholding, ...] = ()
    kept_orders: frozenset[int] = frozenset()
