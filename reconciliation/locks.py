"""Row locks of what money moves. The order is always the same: ticket → lines by pk → credit → orders by pk → numbers last.
Before them what a file of the bank needs: runs → import → account.

Whoever takes them in another order can deadlock with everybody else; nothing else in the house locks these rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext as _

from accounts.errors import Stale
from accounts.models import Customer, Merchant
from orders.models import Order, OrderBalance
from reconciliation.models import CreditBalance, LineBalance

RUN_LOCK = 471_2001  # any number that no other advisory lock of the house uses


def lock_lines(line_ids: Iterable[int]) -> dict[int, LineBalance]:
    """Lock the balances of these lines, by pk, and read them as they are now.

    Raises `Stale(line_gone)` when one went with its file after the caller had read it.
    """
    wanted = set(line_ids)
    locked = lock_lines_left(wanted)
    if len(locked) < len(wanted):
        raise Stale(_("This movement is gone: somebody undid the import of its file just now."), code="line_gone")
    return locked


def lock_lines_left(line_ids: Iterable[int]) -> dict[int, LineBalance]:
    """The same; those that went are left out."""
    locked = LineBalance.objects.select_for_update(no_key=True).filter(pk__in=set(line_ids)).order_by("pk")
    return {balance.pk: balance for balance in locked}


def lock_runs(merchant: Merchant) -> None:
    """One at a time of a merchant: the runs of the matching, and what takes away lines that a run may have read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RUN_LOCK, merchant.pk % 2**31])


def lock_credit(customer: Customer, currency: str) -> CreditBalance:
    """Lock what the customer has in their favour in `currency`; an empty balance is made when there is none."""
    row = CreditBalance(merchant_id=customer.merchant_id, customer=customer, currency=currency)
    CreditBalance.objects.bulk_create([row], ignore_conflicts=True)
    return CreditBalance.objects.select_for_update(no_key=True).get(customer=customer, currency=currency)


def lock_credits(merchant: Merchant, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], CreditBalance]:
    """The same for many (customer id, currency), by pk."""
    keys = sorted(set(wanted))
    rows = [CreditBalance(merchant=merchant, customer_id=customer_id, currency=currency) for customer_id, currency in keys]
    CreditBalance.objects.bulk_create(rows, ignore_conflicts=True)
    own = CreditBalance.objects.filter(merchant=merchant, customer__in={customer_id for customer_id, _currency in keys})
    found = own.filter(currency__in={currency for _customer_id, currency in keys}).order_by("pk")
    return {(row.customer_id, row.currency): row for row in found.select_for_update(no_key=True)}


def lock_orders(order_ids: Iterable[int]) -> dict[int, Order]:
    """Lock the balances of these orders, by pk; gives back the orders with `balance`, all read after the locks were held.

    The orders are fetched by a second statement: a joined row of the locking one would still be as old as its snapshot.
    """
    wanted = set(order_ids)
    list(OrderBalance.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    return {order.pk: order for order in Order.objects.with_balance().filter(pk__in=wanted)}
