"""Reads of the reports room: what is in review, what is owed, what looks like a report that exists already."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Reverse
from django.http import Http404

from accounts.actors import Actor
from accounts.models import Customer, Merchant
from banking.models import PaymentMethod
from banking.references import normalize_reference, same_reference
from orders.dates import today_at
from orders.models import Order, OrderLine
from orders.selectors import open_orders_of, shipping_lines_of
from reports.models import Allocation, PaymentReport, ShippingWish, Transfer, Withholding
from reports.view import ReportView, read_report
from tickets.calendar import review_deadline
from tickets.models import LIVE_STATES, State, Ticket

# As many trailing signs of a reference as tell a payment: banks print the whole, people type the end.
ENOUGH_SIGNS = 6
MOST_USES = 20
MOST_LOOKED_AT = 1000


def report_of(actor: Actor, ticket: Ticket) -> ReportView:
    """The report of a ticket that `actor` was given by `tickets.ticket_for`, whole, in a constant number of queries."""
    if ticket.merchant_id != actor.merchant.pk:
        raise Http404
    return read_report(ticket)


def ticket_of_key(customer: Customer, key: uuid.UUID) -> Ticket | None:
    """The ticket that a form with this key became, if it was sent already."""
    reports = PaymentReport.objects.filter(merchant=customer.merchant_id, customer=customer, key=key)
    report = reports.select_related("ticket").first()
    return report.ticket if report else None


def orders_in_review(merchant: Merchant, order_ids: Iterable[int]) -> dict[int, Ticket]:
    """Order → the newest live ticket that covers it. One query."""
    covered = (
        Allocation.objects.filter(
            merchant=merchant, order_id__in=list(order_ids), until_revision__isnull=True, report__ticket__state__in=LIVE_STATES
        )
        .select_related("report__ticket")
        .order_by("pk")
    )
    return {each.order_id: each.report.ticket for each in covered}


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What a customer owes in one currency. `owed` leaves out orders that a live ticket covers: those are `in_review`."""

    currency: str
    owed: Decimal = Decimal(0)
    open_orders: int = 0
    overdue: Decimal = Decimal(0)
    overdue_since: dt.date | None = None
    in_review: Decimal = Decimal(0)
    reports_in_review: int = 0
    others: tuple[Debt, ...] = field(default=())


def debt_of(customer: Customer) -> Debt:
    """The customer's debt in the merchant's currency, with other currencies in `.others`. Two queries."""
    live = Allocation.objects.filter(order=OuterRef("pk"), until_revision__isnull=True, report__ticket__state__in=LIVE_STATES)
    merchant = customer.merchant
    open_orders = list(open_orders_of(customer).annotate(is_covered=Exists(live)))
    reports = Ticket.objects.filter(merchant=merchant, customer=customer, state__in=LIVE_STATES).count()
    currencies = {merchant.currency: None} | {order.currency: None for order in open_orders}
    debts = [
        _debt_in(currency, [order for order in open_orders if order.currency == currency], today_at(merchant), reports)
        for currency in currencies
    ]
    first = debts[0]
    return Debt(**{**first.__dict__, "others": tuple(debts[1:])})


def _debt_in(currency: str, orders: list[Order], today: dt.date, reports: int) -> Debt:
    free = [order for order in orders if not order.is_covered]  # type: ignore[attr-defined]
    late = [order for order in free if order.due_on < today]
    return Debt(
        currency=currency,
        owed=sum((order.amount_due for order in free), Decimal(0)),
        open_orders=len(free),
        overdue=sum((order.amount_due for order in late), Decimal(0)),
        overdue_since=min((order.due_on for order in late), default=None),
        in_review=sum((order.amount_due for order in orders), Decimal(0)) - sum((order.amount_due for order in free), Decimal(0)),
        reports_in_review=reports,
    )


def own_duplicates(
    customer: Customer, account_id: int, reference: str, amount: Decimal, *, exclude_report: int | None = None
) -> list[Ticket]:
    """Tickets of this customer's own reports with the same account, amount and end of the reference, newest first.

    Withdrawn ones do not count. What other customers reported is told to staff alone.
    """
    normal = normalize_reference(reference)
    if not normal:
        return []
    found = (
        Transfer.objects.filter(
            merchant=customer.merchant_id,
            report__customer=customer,
            account_id=account_id,
            amount=amount,
            until_revision__isnull=True,
        )
        .exclude(report__ticket__state=State.WITHDRAWN)
        .exclude(reference="")
        .select_related("report__ticket")
        .order_by("-pk")
    )
    if exclude_report is not None:
        found = found.exclude(report_id=exclude_report)
    tickets = {each.report.ticket_id: each.report.ticket for each in found if same_reference(each.reference, normal)}
    return list(tickets.values())


def uses_of_vouchers(
    customer: Customer, vouchers: Iterable[tuple[int, str]], *, exclude_report: int | None = None
) -> dict[tuple[int, str], Ticket]:
    """(kind, normal number) → the newest ticket of this customer that counts the voucher: in review, or verified with it."""
    wanted = set(vouchers)
    if not wanted:
        return {}
    found = Withholding.objects.filter(
        merchant=customer.merchant_id,
        reference__in={reference for _kind, reference in wanted},
        report__customer=customer,
        until_revision__isnull=True,
        report__ticket__state__in=(*LIVE_STATES, State.VERIFIED),
    )
    if exclude_report is not None:
        found = found.exclude(report_id=exclude_report)
    uses = {(each.kind_id, each.reference): each.report.ticket for each in found.select_related("report__ticket").order_by("pk")}
    return {mark: ticket for mark, ticket in uses.items() if mark in wanted}


def uses_of_reference(actor: Actor, account_id: int, reference: str, exclude_report: int | None = None) -> list[Transfer]:
    """For staff: transfers of any customer into this account whose reference ends alike, newest first, with ticket."""
    normal = normalize_reference(reference)
    if not normal or not (actor.is_staff or actor.is_system):
        return []
    found = _ending_like(normal).filter(merchant=actor.merchant, account_id=account_id, until_revision__isnull=True)
    if exclude_report is not None:
        found = found.exclude(report_id=exclude_report)
    # Keys first, without an order: asked for the newest few, the planner would walk the table backwards instead of the index.
    newest = sorted(found.order_by().values_list("pk", flat=True)[:MOST_LOOKED_AT], reverse=True)[:MOST_USES]
    uses = Transfer.objects.filter(pk__in=newest).select_related("report__ticket__customer", "method")
    return list(uses.order_by("-pk"))


def _ending_like(normal: str) -> QuerySet[Transfer]:
    """Transfers whose reference shares its end, by the index on the reversed reference: a suffix is a prefix there."""
    backwards = normal[::-1]
    transfers = Transfer.objects.annotate(backwards=Reverse("reference"))
    shorter = [backwards[:length] for length in range(1, min(ENOUGH_SIGNS, len(backwards)))]
    return transfers.filter(Q(backwards__startswith=backwards[:ENOUGH_SIGNS]) | Q(backwards__in=shorter)).exclude(reference="")


def tickets_paid_with(merchant: Merchant, ending: str) -> list[int]:
    """Keys of the tickets that ever named a reference with this end (in its normal form), the newest of them. One query."""
    transfers = Transfer.objects.annotate(backwards=Reverse("reference")).exclude(reference="")
    transfers = transfers.filter(account__merchant=merchant, merchant=merchant, backwards__startswith=ending[::-1])
    return list(transfers.order_by("-pk").values_list("report__ticket_id", flat=True)[:MOST_LOOKED_AT])


def shipping_right(customer: Customer, ticked_order_ids: Iterable[int], *, report_id: int | None = None) -> OrderLine | None:
    """The shipping line that a wish may use: paid, or of a ticked order, and unused. A paid one comes first.

    With `report_id` a line that this very report uses counts as free.
    """
    lines = shipping_lines_of(customer, ticked_order_ids=ticked_order_ids)
    used = ShippingWish.objects.filter(order_line__in=[line.pk for line in lines], released_at__isnull=True)
    if report_id is not None:
        used = used.exclude(report_id=report_id)
    taken = set(used.values_list("order_line_id", flat=True)) if lines else set()
    return next((line for line in lines if line.pk not in taken), None)


def last_method_id(customer: Customer) -> int | None:
    """The method that the customer used last: what the form offers first."""
    return (
        Transfer.objects.filter(merchant=customer.merchant_id, report__customer=customer)
        .order_by("-pk")
        .values_list("method_id", flat=True)
        .first()
    )


def promised_at(merchant: Merchant, method: PaymentMethod | None, at: dt.datetime) -> dt.datetime:
    """By when a report sent at `at` is looked at: business hours from then on, after the days that the method takes to clear."""
    return review_deadline(merchant, at, clearing_days=method.clearing_days if method else 0)
