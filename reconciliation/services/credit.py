"""Using what a customer has in their favour on an order."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer
from banking.money import format_money, quantize
from orders.dates import today_at
from orders.models import Order
from orders.services import note_payment
from reconciliation.ledger import Movement, post
from reconciliation.locks import lock_credit, lock_orders
from reconciliation.models import Settlement


def apply_credit(*, customer: Customer, order_id: int, amount: Decimal | None = None, by: Actor) -> Settlement:
    """Pay (a part of) an order with the customer's credit in its currency; None takes as much as both allow.

    By a contact who may report payments, or by accounting. Raises `NotAllowed`, `Http404`, `Refused`: `order_closed`,
    `no_credit`, `amount_invalid`, `above_credit`, `above_due`.
    """
    own = by.contact is not None and by.contact.customer_id == customer.pk and by.contact.can_report
    by.require(by.can_decide or own)
    with transaction.atomic():
        found = Order.objects.filter(merchant=by.merchant, customer=customer, pk=order_id).first()
        if found is None:
            raise Http404
        credit = lock_credit(customer, found.currency)
        order = lock_orders([order_id])[order_id]
        taken = _amount(order, credit.balance, amount)
        settlement = Settlement.objects.create(
            merchant=by.merchant, customer=customer, kind=Settlement.Kind.CREDIT_USE, prepared_by=by.user
        )
        today = today_at(by.merchant)
        movement = Movement(
            source=credit,
            target_order_id=order.pk,
            source_amount=taken,
            target_amount=taken,
            target_currency=order.currency,
        )
        post(settlement=settlement, movements=[movement], booked_on=today)
        note_payment(order_ids=[order.pk], paid_on=today, by=by)
        return settlement


def _amount(order: Order, balance: Decimal, amount: Decimal | None) -> Decimal:
    """How much is used; refuses more than there is or than is due."""
    if not order.is_open:
        raise Refused(_("Order %(order)s owes nothing.") % {"order": order.number}, code="order_closed")
    if balance <= 0:
        raise Refused(_("There is nothing in your favour in %(currency)s.") % {"currency": order.currency}, code="no_credit")
    if amount is None:
        return min(balance, order.amount_due)
    if not amount.is_finite() or amount <= 0 or amount != quantize(amount, order.currency):
        raise Refused(_("The amount must be more than zero, in whole cents."), code="amount_invalid", fields=("amount",))
    money = {"due": _money(order.amount_due, order), "credit": _money(balance, order)}
    if amount > balance:
        raise Refused(_("Only %(credit)s are in your favour.") % money, code="above_credit", fields=("amount",))
    if amount > order.amount_due:
        raise Refused(_("The order owes only %(due)s.") % money, code="above_due", fields=("amount",))
    return amount


def _money(amount: Decimal, order: Order) -> str:
    return format_money(amount, order.currency, get_language() or "es")
