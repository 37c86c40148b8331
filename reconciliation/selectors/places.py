"""Where a ticket stands in the queue as somebody filtered it, and who stands before and behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum, Window
from django.db.models.functions import Lag, Lead, RowNumber

from accounts.actors import Actor
from accounts.errors import NotAllowed
from reconciliation.selectors.queue import MOST_URGENT_FIRST, QueueFilters, QueueRow, filtered, rows_of
from reports.models import Transfer
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Place:
    """`position` (from 1) of `total`, and the neighbours' numbers. Position 0: not in that queue; `following` is its first."""

    position: int
    total: int
    before: str
    following: str


def place_of(actor: Actor, filters: QueueFilters, ticket: Ticket) -> Place:
    """The ticket's place in the filtered queue. Staff only; one query when it stands there, else two."""
    if not actor.is_staff:
        raise NotAllowed
    queue = filtered(actor, filters)
    numbered = queue.order_by().values_list(
        "number",
        Window(RowNumber(), order_by=MOST_URGENT_FIRST),
        Window(Count("pk")),
        Window(Lag("number"), order_by=MOST_URGENT_FIRST),
        Window(Lead("number"), order_by=MOST_URGENT_FIRST),
    )
    sql, params = numbered.query.sql_with_params()
    with connection.cursor() as cursor:
        # A condition beside the windows would be met before they are counted: it stands outside.
        cursor.execute(
            f"SELECT * FROM ({sql}) AS q (number, position, total, before, following) WHERE number = %s",  # noqa: S608 - our own query
            [*params, ticket.number],
        )
        found = cursor.fetchone()
    if found is not None:
        return Place(position=found[1], total=found[2], before=found[3] or "", following=found[4] or "")
    first = queue.order_by(*MOST_URGENT_FIRST).values_list("number", flat=True).first()
    return Place(position=0, total=0, before="", following=first or "")


def queue_sums(actor: Actor, filters: QueueFilters) -> dict[str, Decimal]:
    """What the reports of the filtered queue declare, by currency. Staff only; one query."""
    if not actor.is_staff:
        raise NotAllowed
    queue = filtered(actor, filters).order_by()
    current = Transfer.objects.filter(report__ticket__in=queue, until_revision__isnull=True).order_by("currency")
    return dict(current.values_list("currency").annotate(sum=Sum("amount")))


def queue_rows(tickets: Sequence[Ticket]) -> list[QueueRow]:
    """Rows of the queue for tickets that were read with `customer`, `claimed_by` and `prepared_by`. Four queries."""
    return rows_of(tickets)
