"""The staff's queue: open tickets by deadline, with what the bank says about each, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.text import folded
from banking.models import ReceivingAccount
from orders.dates import today_at
from reports.models import Allocation, Transfer
from tickets.calendar import end_of_day
from tickets.models import HELD_STATES, LIVE_STATES, State, Ticket

VIEWS = ("all", "new", "mine", "others", "waiting", "signature", "overdue", "today")
BANK_STATES = ("exact", "possible", "none")
PAGE_SIZE = 50
MOST_URGENT_FIRST = (F("deadline_at").asc(nulls_last=True), F("pk").asc())
LONGEST_TEXT = 100
# Nobody chooses among more by the list; a price that everybody pays would be counted by the thousand.
MOST_COUNTED = 10

# A deposit with money left, near the date: `exact` with the exact amount and the end of the reference, else `possible`.
BANK_LINES = """
  FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
 WHERE l.account_id = t.account_id AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount AND l.amount > 0
"""
SAME_END = """length(t.reference) >= 4 AND right(l.reference, 4) = right(t.reference, 4)
   AND right(l.reference, least(6, length(t.reference), length(l.reference)))
       = right(t.reference, least(6, length(t.reference), length(l.reference)))"""
BY_AMOUNT = "l.amount = t.amount AND l.booked_on BETWEEN t.paid_on - 7 AND t.paid_on + 21"
BY_REFERENCE = f"{SAME_END} AND l.booked_on BETWEEN t.paid_on - 30 AND t.paid_on + 60"
HAS_EXACT = f"EXISTS (SELECT 1 {BANK_LINES} AND {BY_AMOUNT} AND {SAME_END})"  # noqa: S608 - constants
HAS_ANY = f"""(EXISTS (SELECT 1 {BANK_LINES} AND {BY_AMOUNT})
    OR EXISTS (SELECT 1 {BANK_LINES} AND {BY_REFERENCE}))"""  # noqa: S608 - constants
BANK_OF_TICKETS = f"""
SELECT r.ticket_id,
       {HAS_EXACT} OR EXISTS (SELECT 1 FROM reconciliation_match m WHERE m.transfer_id = t.id AND m.state <> 'released'),
       (SELECT count(*) FROM (
          (SELECT l.id {BANK_LINES} AND {BY_AMOUNT} LIMIT {MOST_COUNTED})
          UNION (SELECT l.id {BANK_LINES} AND {BY_REFERENCE} LIMIT {MOST_COUNTED})) k),
       (SELECT s.booked_on FROM reconciliation_statementline s WHERE s.account_id = t.account_id AND s.source = 'import'
         ORDER BY s.booked_on DESC LIMIT 1),
       t.paid_on
  FROM reports_paymentreport r JOIN reports_transfer t ON t.report_id = r.id AND t.until_revision IS NULL
 WHERE r.ticket_id = ANY(%s)
"""  # noqa: S608 - constants


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What is asked of the queue. Unknown words fall back to the defaults: the form above has its own check."""

    view: str = "all"
    account_id: int | None = None
    bank_code: str = ""
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    older_than_days: int | None = None
    bank_state: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class BankState:
    """What the bank says about a ticket. `kind`: `exact`, `possible` (`count` deposits), `before` (the statement ends before the
    payment, at `statement_until`) or `none`. `statement_until` is None for an account without any import.
    """

    kind: str
    count: int = 0
    statement_until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One ticket of the queue. `account` is that of its first transfer, `reference_tail` the last six signs of the first
    reference that there is, `amount` the sum of the transfers in one currency, else the report's value.
    """

    ticket: Ticket
    transfers: int
    orders: int
    account: ReceivingAccount | None
    reference_tail: str
    amount: Decimal
    currency: str
    bank: BankState


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """A page of the queue with the counts of every view. `total` counts what the filters let through."""

    rows: Sequence[QueueRow]
    counts: dict[str, int]
    total: int
    page: int
    filters: QueueFilters

    @property
    def has_next(self) -> bool:
        return self.page * PAGE_SIZE < self.total

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * PAGE_SIZE + len(self.rows)


def queue_for(actor: Actor, filters: QueueFilters) -> QueuePage:
    """Open tickets of the merchant, the most urgent first. Staff only. Seven queries, whatever the size of the queue."""
    if not actor.is_staff:
        raise NotAllowed
    tickets = filtered(actor, filters)
    total = tickets.count()
    page = max(1, min(filters.page, -(-total // PAGE_SIZE)))
    # The page is cut before the joins: of ten thousand tickets only fifty meet their customers.
    cut = tickets.order_by(*MOST_URGENT_FIRST).values("pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    joined = Ticket.objects.filter(pk__in=cut).select_related("customer", "claimed_by", "prepared_by")
    shown = list(joined.order_by(*MOST_URGENT_FIRST))
    return QueuePage(rows=rows_of(shown), counts=view_counts(actor), total=total, page=page, filters=filters)


def view_counts(actor: Actor) -> dict[str, int]:
    """How many tickets each view holds, whatever the other filters say. One query."""
    live = Ticket.objects.filter(merchant=actor.merchant, state__in=LIVE_STATES)
    counts: dict[str, int] = live.aggregate(**{view: Count("pk", filter=_view(actor, view)) for view in VIEWS})
    return counts


def _view(actor: Actor, view: str) -> Q:
    mine = Q(claimed_by=actor.user) if actor.user else Q(pk__in=[])
    today = end_of_day(actor.merchant, today_at(actor.merchant))
    now = timezone.now()
    return {
        "new": Q(state=State.SUBMITTED),
        "mine": mine & Q(state__in=HELD_STATES),
        "others": Q(state=State.IN_REVIEW) & ~mine,
        "waiting": Q(state=State.NEEDS_INFORMATION),
        "signature": Q(state=State.AWAITING_APPROVAL),
        "overdue": Q(deadline_at__lt=now),
        "today": Q(deadline_at__gte=now, deadline_at__lte=today),
    }.get(view, Q(state__in=LIVE_STATES))


def filtered(actor: Actor, filters: QueueFilters) -> QuerySet[Ticket]:
    """Live tickets that the filters let through, in no order."""
    tickets = Ticket.objects.filter(merchant=actor.merchant, state__in=LIVE_STATES).filter(_view(actor, filters.view))
    wanted = Q()
    if filters.account_id is not None:
        wanted &= Q(account_id=filters.account_id)
    if filters.bank_code:
        wanted &= Q(origin_bank__code=filters.bank_code)
    if filters.amount_from is not None:
        wanted &= Q(amount__gte=filters.amount_from)
    if filters.amount_to is not None:
        wanted &= Q(amount__lte=filters.amount_to)
    if wanted:
        current = Transfer.objects.filter(wanted, report__ticket=OuterRef("pk"), until_revision__isnull=True)
        tickets = tickets.filter(Exists(current))
    if filters.older_than_days is not None:
        tickets = tickets.filter(submitted_at__lt=timezone.now() - dt.timedelta(days=filters.older_than_days))
    if filters.bank_state in BANK_STATES:
        tickets = tickets.filter(pk__in=_in_bank_state(actor, filters.bank_state))
    for word in filters.text.replace("\x00", " ")[:LONGEST_TEXT].split()[:4]:
        tickets = tickets.filter(_holds(actor, word))
    return tickets


def _holds(actor: Actor, word: str) -> Q:
    """A word anywhere a person would look for it: ticket, customer, order, reference."""
    reference = Transfer.objects.filter(
        merchant=actor.merchant, until_revision__isnull=True, reference__icontains=word.lstrip("0") or word
    )
    order = Allocation.objects.filter(merchant=actor.merchant, until_revision__isnull=True, order__number__icontains=word)
    return (
        Q(number__icontains=word)
        | folded("customer__name", word)
        | Q(customer__number__iexact=word)
        | Q(customer__tax_id__icontains=word)
        | Q(pk__in=reference.values("report__ticket_id"))
        | Q(pk__in=order.values("report__ticket_id"))
    )


def _in_bank_state(actor: Actor, wanted: str) -> list[int]:
    """Keys of live tickets whose every transfer has an exact deposit, or any, or none. One query over all live tickets."""
    having = {
        "exact": f"bool_and({HAS_EXACT})",
        "possible": f"bool_or({HAS_ANY}) AND NOT bool_and({HAS_EXACT})",
        "none": f"NOT bool_or({HAS_ANY})",
    }[wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.ticket_id FROM tickets_ticket k JOIN reports_paymentreport r ON r.ticket_id = k.id"  # noqa: S608 - constants
            " JOIN reports_transfer t ON t.report_id = r.id AND t.until_revision IS NULL"
            f" WHERE k.merchant_id = %s AND k.state = ANY(%s) GROUP BY r.ticket_id HAVING {having}",
            [actor.merchant.pk, [str(state) for state in LIVE_STATES]],
        )
        return [row[0] for row in cursor.fetchall()]


class _Declared(NamedTuple):
    """What a row needs of a transfer; fifty of them whole, with account, bank and method, took as long as all the rest."""

    ticket_id: int
    report_currency: str
    account_id: int
    reference: str
    amount: Decimal
    currency: str
    value: Decimal


def rows_of(tickets: Sequence[Ticket]) -> list[QueueRow]:
    """Rows for tickets read with `customer`, `claimed_by` and `prepared_by`. Four queries."""
    keys = [ticket.pk for ticket in tickets]
    declared: dict[int, list[_Declared]] = {}
    current = Transfer.objects.filter(report__ticket__in=keys, until_revision__isnull=True).order_by("position", "pk")
    for found in current.values_list(
        "report__ticket_id", "report__currency", "account_id", "reference", "amount", "currency", "value"
    ):
        transfer = _Declared(*found)
        declared.setdefault(transfer.ticket_id, []).append(transfer)
    orders = dict(
        Allocation.objects.filter(report__ticket__in=keys, until_revision__isnull=True)
        .values_list("report__ticket_id")
        .annotate(count=Count("pk"))
    )
    banks = bank_states(keys)
    accounts = ReceivingAccount.objects.select_related("bank").in_bulk({each[0].account_id for each in declared.values()})
    return [
        _row(
            ticket,
            declared.get(ticket.pk, []),
            accounts,
            orders=orders.get(ticket.pk, 0),
            bank=banks.get(ticket.pk, BankState(kind="none")),
        )
        for ticket in tickets
    ]


def _row(
    ticket: Ticket, transfers: Sequence[_Declared], accounts: Mapping[int, ReceivingAccount], *, orders: int, bank: BankState
) -> QueueRow:
    currencies = {transfer.currency for transfer in transfers}
    if len(currencies) == 1:
        amount, currency = sum((each.amount for each in transfers), Decimal(0)), currencies.pop()
    else:
        amount, currency = sum((each.value for each in transfers), Decimal(0)), transfers[0].report_currency if transfers else ""
    return QueueRow(
        ticket=ticket,
        transfers=len(transfers),
        orders=orders,
        account=accounts[transfers[0].account_id] if transfers else None,
        reference_tail=next((each.reference[-6:] for each in transfers if each.reference), ""),
        amount=amount,
        currency=currency,
        bank=bank,
    )


def bank_states(ticket_ids: Sequence[int]) -> dict[int, BankState]:
    """What the bank says about each of these tickets. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BANK_OF_TICKETS, [list(ticket_ids)])
        found = cursor.fetchall()
    states: dict[int, list[tuple[bool, int, dt.date | None, dt.date]]] = {}
    for ticket_id, is_exact, count, until, paid_on in found:
        states.setdefault(ticket_id, []).append((is_exact, count, until, paid_on))
    return {ticket_id: _state(rows) for ticket_id, rows in states.items()}


def _state(rows: list[tuple[bool, int, dt.date | None, dt.date]]) -> BankState:
    """The worst of the transfers tells for the ticket: all exact, else how many are possible, else why none is."""
    until = min((each for _exact, _count, each, _paid in rows if each is not None), default=None)
    if all(is_exact for is_exact, *_rest in rows):
        return BankState(kind="exact", count=len(rows), statement_until=until)
    count = sum(max(count, int(is_exact)) for is_exact, count, *_rest in rows)
    if count:
        return BankState(kind="possible", count=count, statement_until=until)
    if any(each is None or each < paid for _exact, _count, each, paid in rows):
        return BankState(kind="before", statement_until=until)
    return BankState(kind="none", statement_until=until)
