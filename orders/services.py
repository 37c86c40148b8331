"""Writes of the orders room: issue, void, add shipping, stamp the paid date.

What is paid of an order is never written here: a database trigger keeps `OrderBalance.paid` from ledger entries.
The balance row is also the order's lock: whoever decides on an order takes it first, orders by key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.keys import as_array
from accounts.models import Customer, Merchant, NumberSeries
from accounts.services import draw_number
from banking.money import AMOUNT_LIMIT, MINOR_UNITS, quantize
from orders.dates import today_at, written
from orders.fiscal import draw_for_issued, draw_for_paid
from orders.models import Order, OrderBalance, OrderLine
from orders.papers import mail_bill
from orders.service_payments import follow_payments
from webhooks.kinds import Kind
from webhooks.services import News, announce_many

MOST_LINES = 200


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """One line to charge. `tax_rate` is a fraction: 0.16 is 16 %. Sums are computed when the order is issued."""

    description: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    tax_name: str = ""
    tax_rate: Decimal = Decimal(0)
    kind: str = OrderLine.Kind.SERVICE
    # The service that the line pays, from a day until before another.
    service_id: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


def line_sums(line: LineDraft, currency: str) -> tuple[Decimal, Decimal]:
    """Subtotal and tax of a line, each rounded in `currency`: the invoice adds rounded lines, as its reader would."""
    subtotal = quantize(line.quantity * line.unit_price, currency)
    return subtotal, quantize(subtotal * line.tax_rate, currency)


def issue_order(
    *,
    merchant: Merchant,
    customer: Customer,
    lines: Sequence[LineDraft],
    description: str,
    due_on: dt.date,
    issued_on: dt.date | None = None,
    number: str = "",
    kind: str = Order.Kind.SERVICE_ORDER,
    currency: str = "",
    by: Actor,
) -> Order:
    """Make an order with its lines and its balance row. Without a `number` the merchant's series gives one.

    Raises `Refused`: `no_lines`, `line_invalid`, `total_invalid`, `due_before_issue`, `number_taken`, `description_required`,
    `currency_unknown`, `number_invalid`;
    `NotAllowed`; `Http404` for another merchant's customer.
    """
    _require_house(merchant, customer, by)
    by.require(by.can_register)
    with transaction.atomic():
        order = _issue(
            merchant=merchant, customer=customer, lines=lines, description=description, due_on=due_on, issued_on=issued_on,
            number=number, kind=kind, currency=currency, by=by,
        )  # fmt: skip
        mail_bill(order=order, by=by)
    return order


def add_shipping_order(*, customer: Customer, by: Actor) -> Order:
    """Make the order that pays for mailing one paper invoice, at the merchant's price. `Refused(not_offered)` without one."""
    merchant = by.merchant
    _require_house(merchant, customer, by)
    contact = by.contact
    own = contact is not None and contact.customer_id == customer.pk and contact.can_report
    by.require(by.can_register or own)
    if not merchant.offers_shipping or merchant.shipping_price <= 0:
        raise Refused(
            _("%(merchant)s does not mail paper invoices.") % {"merchant": merchant.name},
            code="not_offered", fields=("add_shipping",),
        )  # fmt: skip
    with translation.override(customer.language):
        description = _("Mailing of the paper invoice")
    line = LineDraft(
        description=description,
        unit_price=merchant.shipping_price,
        tax_rate=merchant.shipping_tax_rate,
        kind=OrderLine.Kind.SHIPPING,
    )
    return _issue(
        merchant=merchant, customer=customer, lines=[line], description=description, due_on=today_at(merchant), issued_on=None,
        number="", kind=Order.Kind.SERVICE_ORDER, currency="", by=by,
    )  # fmt: skip


def void_order(*, order_id: int, reason: str, by: Actor) -> Order:
    """Declare that an order is owed no more; it stays visible. Refused once something is paid: money is reversed first."""
    by.require(by.can_void_orders)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refused(_("Write why the order is voided."), code="reason_required", fields=("reason",))
    return void_unpaid(order_id=order_id, reason=reason, merchant=by.merchant)


def void_unpaid(*, order_id: int, reason: str, merchant: Merchant) -> Order:
    """The same for an act that has asked already whether it may: the service that the order bills was cancelled."""
    with transaction.atomic():
        balance = OrderBalance.objects.select_for_update(no_key=True).filter(merchant=merchant, order_id=order_id).first()
        if balance is None:
            raise Http404
        order = Order.objects.get(pk=order_id)
        if order.voided_at:
            raise Refused(_("Order %(number)s was voided already.") % {"number": order.number}, code="already_void")
        if balance.paid > 0:
            raise Refused(_("Order %(number)s has payments. Reverse them first.") % {"number": order.number}, code="has_payments")
        order.voided_at = timezone.now()
        order.void_reason = reason
        order.save(update_fields=["voided_at", "void_reason"])
        announce_orders(merchant, Kind.ORDER_VOIDED, [order.pk])
    order.balance = balance
    return order


def note_payment(*, order_ids: Iterable[int], paid_on: dt.date, by: Actor) -> None:
    """Stamp the paid date on orders that are now fully paid, and clear it on those that no longer are.

    Called by whoever moved the money, in the same transaction, after the entries were written.
    """
    note_payments(paid_on=dict.fromkeys(order_ids, paid_on), by=by)


STAMP = """
UPDATE orders_order o SET paid_on = d.day
  FROM unnest(%(orders)s::bigint[], %(days)s::date[]) d(order_id, day) JOIN orders_orderbalance b ON b.order_id = d.order_id
 WHERE o.id = d.order_id AND o.merchant_id = %(merchant)s AND o.paid_on IS NULL AND b.paid >= b.total
RETURNING o.id
"""
UNSTAMP = """
UPDATE orders_order o SET paid_on = NULL FROM orders_orderbalance b
 WHERE o.id = ANY (%(orders)s::bigint[]) AND b.order_id = o.id AND o.merchant_id = %(merchant)s
   AND o.paid_on IS NOT NULL AND b.paid < b.total
RETURNING o.id
"""


def note_payments(*, paid_on: Mapping[int, dt.date], by: Actor) -> None:
    """The same for many orders (id → date to stamp) in two statements, however many dates there are."""
    if not paid_on:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        asked: dict[str, Any] = {"merchant": by.merchant.pk, "orders": as_array(paid_on), "days": as_array(paid_on.values())}
        cursor.execute(STAMP, asked)
        paid = [row[0] for row in cursor.fetchall()]
        # What was stamped just now is paid.
        cursor.execute(UNSTAMP, {**asked, "orders": as_array(set(paid_on).difference(paid))})
        reopened = [row[0] for row in cursor.fetchall()]
        announce_orders(by.merchant, Kind.ORDER_PAID, paid)
        announce_orders(by.merchant, Kind.ORDER_REOPENED, reopened)
        follow_payments(order_ids=[*paid, *reopened], by=by)
        draw_for_paid(order_ids=paid, by=by)


def announce_orders(merchant: Merchant, kind: Kind, order_ids: Sequence[int]) -> None:
    """Tell other systems what became of these orders just now."""
    occasion = f"at:{timezone.now().isoformat()}"

    def news() -> list[News]:
        rows = Order.objects.filter(pk__in=order_ids).order_by("pk")
        return [
            News(
                about=f"order:{pk}",
                occasion=occasion,
                payload={
                    "order": number, "customer": customer, "total": str(quantize(total, currency)), "currency": currency,
                    "due_on": due_on, "paid_on": paid_on,
                },
            )
            for pk, number, customer, total, currency, due_on, paid_on in rows.values_list(
                "pk", "number", "customer__number", "total", "currency", "due_on", "paid_on"
            )
        ]  # fmt: skip

    if order_ids:
        announce_many(merchant=merchant, kind=kind, news=news)


def _require_house(merchant: Merchant, customer: Customer, by: Actor) -> None:
    if by.merchant.pk != merchant.pk or customer.merchant_id != merchant.pk:
        raise Http404


def _issue(
    *,
    merchant: Merchant,
    customer: Customer,
    lines: Sequence[LineDraft],
    description: str,
    due_on: dt.date,
    issued_on: dt.date | None,
    number: str,
    kind: str,
    currency: str,
    by: Actor,
) -> Order:
    currency = currency or merchant.currency
    issued_on = issued_on or today_at(merchant)
    description = " ".join(description.split())[:200]
    refuse_bad_order(lines, description, issued_on, due_on, kind)
    if currency not in MINOR_UNITS and currency != merchant.currency:
        raise Refused(_("The currency is unknown."), code="currency_unknown", fields=("currency",))
    sums = [line_sums(line, currency) for line in lines]
    subtotal = sum((each[0] for each in sums), Decimal(0))
    tax = sum((each[1] for each in sums), Decimal(0))
    if not 0 < subtotal + tax < AMOUNT_LIMIT:
        raise Refused(_("The total of an order must be more than zero."), code="total_invalid", fields=("lines",))
    number = number.strip()
    if not number.isprintable():
        raise Refused(_("The number holds signs that cannot be seen."), code="number_invalid", fields=("number",))
    try:
        with transaction.atomic():
            order = Order.objects.create(
                merchant=merchant, customer=customer, number=number or _free_number(merchant, issued_on), kind=kind,
                description=description, currency=currency, subtotal=subtotal, tax=tax, total=subtotal + tax,
                issued_on=issued_on, due_on=due_on, created_by=by.user,
            )  # fmt: skip
            OrderLine.objects.bulk_create(
                OrderLine(
                    merchant=merchant, order=order, position=position, kind=line.kind, description=line.description.strip()[:200],
                    quantity=line.quantity, unit_price=line.unit_price, tax_name=line.tax_name, tax_rate=line.tax_rate,
                    subtotal=sums[position - 1][0], tax=sums[position - 1][1], service_id=line.service_id,
                    starts_on=line.starts_on, ends_on=line.ends_on,
                )
                for position, line in enumerate(lines, start=1)
            )  # fmt: skip
            balance = OrderBalance.objects.create(order=order, merchant=merchant, total=order.total)
            announce_orders(merchant, Kind.ORDER_ISSUED, [order.pk])
            draw_for_issued(order_ids=[order.pk], by=by)
    except IntegrityError as error:
        if "order_number_unique" not in str(error):
            raise
        raise Refused(
            _("There is an order %(number)s already.") % {"number": number}, code="number_taken", fields=("number",)
        ) from error
    order.balance = balance
    return order


def _free_number(merchant: Merchant, issued_on: dt.date) -> str:
    """The next number of the series that no imported order has taken; `2026-000123`, or `A-000123` with a prefix."""
    prefix = merchant.order_prefix or str(issued_on.year)
    while True:
        number = f"{prefix}-{draw_number(merchant=merchant, kind=NumberSeries.Kind.ORDER):06d}"
        if not Order.objects.filter(merchant=merchant, number=number).exists():
            return number


def refuse_bad_order(lines: Sequence[LineDraft], description: str, issued_on: dt.date, due_on: dt.date, kind: str) -> None:
    """Raise what `issue_order` would of these facts alone, before anything is looked up."""
    if kind not in Order.Kind.values:
        raise Refused(_("This kind of order does not exist."), code="kind_unknown", fields=("kind",))
    if not description:
        raise Refused(_("Write what the order is for."), code="description_required", fields=("description",))
    if not lines or len(lines) > MOST_LINES:
        raise Refused(_("An order has at least one line."), code="no_lines", fields=("lines",))
    for line in lines:
        if (
            not line.description.strip()
            or line.kind not in OrderLine.Kind.values
            or not 0 < line.quantity < 10**8
            or not 0 <= line.unit_price < AMOUNT_LIMIT
            or not 0 <= line.tax_rate <= 1
        ):
            raise Refused(
                _("A line needs a description, a quantity above zero, a price and a tax between 0 and 100 %."),
                code="line_invalid", fields=("lines",),
            )  # fmt: skip
    if due_on < issued_on:
        raise Refused(
            _("The order cannot be due (%(due)s) before it is issued (%(issued)s).")
            % {"due": written(due_on), "issued": written(issued_on)},
            code="due_before_issue", fields=("due_on",),
        )  # fmt: skip
