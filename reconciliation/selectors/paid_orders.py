"""Paid orders in the order in which their last entry was written, so that who reads on from a cursor misses none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch

from accounts.actors import Actor
from orders.models import Order
from reconciliation.models import LedgerEntry

# How long before it is written down the time of an entry may be taken: a bulk of ten thousand takes seconds.
LONGEST_WRITE = timedelta(seconds=60)

# A transaction that still runs may hold entries with lower numbers than those that are seen. While one does that has
# written, what is younger than it waits.
RUNNING = """
SELECT min(xact_start) FROM pg_stat_activity
 WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, kw_only=True)
class PaidOrder:
    """An order and its entries: each with the kind of its source and 1, or -1 for one that takes another back."""

    order: Order
    entries: tuple[tuple[LedgerEntry, str, int], ...]


def paid_orders_after(actor: Actor, *, after: int, most: int) -> tuple[list[PaidOrder], int]:
    """Orders paid in full whose last entry comes after this one, at most so many, and where to read on. Staff only.

    Four queries. An order comes again when another entry is written on it.
    """
    actor.require(actor.is_staff)
    with connection.cursor() as cursor:
        cursor.execute(RUNNING)
        (running_since,) = cursor.fetchone()
    entries = LedgerEntry.objects.filter(merchant=actor.merchant, target_order__isnull=False)
    seen = entries.filter(pk__gt=after)
    if running_since is not None:
        young = seen.filter(at__gte=running_since - LONGEST_WRITE).order_by("pk").values_list("pk", flat=True).first()
        if young is not None:
            seen = seen.filter(pk__lt=young)
    later = entries.filter(target_order=OuterRef("target_order"), pk__gt=OuterRef("pk"))
    last = seen.filter(~Exists(later), target_order__paid_on__isnull=False).order_by("pk")
    rows = list(last.values_list("pk", "target_order_id")[:most])
    told = Order.objects.select_related("customer").prefetch_related(
        Prefetch("entries_in", LedgerEntry.objects.select_related("source_line", "source_adjustment").order_by("pk"))
    )
    orders = told.in_bulk([order_id for _pk, order_id in rows])
    found = [PaidOrder(order=orders[order_id], entries=_entries(orders[order_id])) for _pk, order_id in rows]
    return found, rows[-1][0] if rows else after


def _entries(order: Order) -> tuple[tuple[LedgerEntry, str, int], ...]:
    return tuple((entry, _kind(entry), -1 if entry.reverses_id else 1) for entry in order.entries_in.all())


def _kind(entry: LedgerEntry) -> str:
    if entry.source_line_id:
        return "deposit"
    return "credit" if entry.source_credit_id else "adjustment"
