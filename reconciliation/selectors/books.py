"""What the staff may see of the books: any member of the merchant's staff, of their own merchant alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Customer, Merchant
from orders.dates import today_at
from reconciliation.books.ageing import Ageing, DecisionTimes, DepositDay, ageing_of, decision_times, deposits_by_day
from reconciliation.books.balances import AccountBalance, balances_of
from reconciliation.books.difference import Item, Part, Rejected, items_of, rejected_of
from reconciliation.books.statement import AccountStatement, statement_of
from reconciliation.models import (
    AuditRun,
    DailyClosing,
    Period,
    RejectedLine,
    ReopenRequest,
    StatementImport,
    StatementLine,
)
from reconciliation.services.periods import last_closed, next_month


def balances_for(actor: Actor, day: dt.date | None = None) -> list[AccountBalance]:
    """Every account of the merchant at the end of `day` (today)."""
    merchant = _house(actor)
    return balances_of(merchant, day or today_at(merchant))


def balance_for(actor: Actor, account_id: int, day: dt.date) -> AccountBalance:
    """One account at the end of a day; 404 when it is not the merchant's."""
    for each in balances_for(actor, day):
        if each.account.pk == account_id:
            return each
    raise Http404


def difference_for(actor: Actor, balance: AccountBalance, part: Part, page: int = 1) -> Sequence[Item]:
    """The lines of one part of a difference, a page of them."""
    _house(actor)
    return items_of(balance, part, page)


def rejected_for(actor: Actor, balance: AccountBalance) -> Sequence[Rejected]:
    """Rows of the account's files that nobody could read."""
    _house(actor)
    return rejected_of(balance)


def ageing_for(actor: Actor, account_id: int | None = None) -> Ageing:
    """What is not reconciled, by age, on both sides."""
    return ageing_of(_house(actor), account_id)


def deposits_by_day_for(actor: Actor, account_id: int | None = None, *, days: int = 30) -> Sequence[DepositDay]:
    """Deposits of the last days, and how many found their report."""
    return deposits_by_day(_house(actor), account_id, days=days)


def decision_times_for(actor: Actor, account_id: int | None = None, *, days: int = 30) -> DecisionTimes:
    """How long the reports waited that were decided in the last days."""
    return decision_times(_house(actor), account_id, days=days)


def closings_for(actor: Actor, account_id: int) -> QuerySet[DailyClosing]:
    """The days of an account as the nights counted them, the newest first; of each day the last count."""
    days = DailyClosing.objects.filter(merchant=_house(actor), account_id=account_id)
    return days.order_by("-day", "-revision").distinct("day")


def last_audit_for(actor: Actor) -> AuditRun | None:
    """The newest proof of the merchant's books."""
    return AuditRun.objects.filter(merchant=_house(actor)).order_by("-pk").first()


def periods_for(actor: Actor) -> QuerySet[Period]:
    """Months that were ever closed, the newest first, with who closed them."""
    periods = Period.objects.filter(merchant=_house(actor)).select_related("closed_by")
    return periods.prefetch_related("reopen_requests__requested_by", "reopen_requests__signed_by").order_by("-month", "-pk")


def reopening_for(actor: Actor) -> ReopenRequest | None:
    """The request to open a month again that waits for its signature."""
    waiting = ReopenRequest.objects.filter(merchant=_house(actor), decided_at__isnull=True)
    return waiting.select_related("period", "requested_by").first()


def next_to_close(actor: Actor) -> dt.date | None:
    """The month that can be closed now: after the last closed one, else that of the first movement; None when none is over."""
    merchant = _house(actor)
    last = last_closed(merchant)
    this_month = today_at(merchant).replace(day=1)
    if last is not None:
        wanted = next_month(last.month)
    else:
        first = StatementLine.objects.filter(merchant=merchant).order_by("booked_on").values_list("booked_on", flat=True).first()
        if first is None:
            return None
        wanted = first.replace(day=1)
    return wanted if wanted < this_month else None


@dataclass(frozen=True, kw_only=True)
class MonthCheck:
    """What is still open of a month, shown before it is closed. None of it forbids closing, and all of it is kept with it.

    Files and rows count when they touch what would be closed: a row by its day, without one by the days of its file.
    """

    until: dt.date
    balances: tuple[AccountBalance, ...]
    covered: frozenset[int]  # accounts whose files reach the end of the month, or beyond
    files: int  # files of the bank that nobody finished
    rows: int  # rows of files that nobody decided

    @property
    def deposits(self) -> int:
        return sum(each.count_in for each in self.balances)

    @property
    def debits(self) -> int:
        return sum(each.count_out for each in self.balances)

    @property
    def by_hand(self) -> int:
        return sum(each.count_by_hand for each in self.balances)

    @property
    def short_files(self) -> list[AccountBalance]:
        """Accounts of banks whose files end before the month does."""
        short = (each for each in self.balances if each.account.pk not in self.covered)
        return [each for each in short if each.last_day and each.account.is_active]


def month_check_for(actor: Actor, month: dt.date) -> MonthCheck:
    """What is open of a month that could be closed. A constant number of queries."""
    merchant = _house(actor)
    until = next_month(month) - dt.timedelta(days=1)
    since = month if last_closed(merchant) else dt.date.min  # the first month that is closed closes all before it
    finished = (StatementImport.State.DONE, StatementImport.State.UNDONE, StatementImport.State.DISCARDED)
    files = StatementImport.objects.filter(merchant=merchant).exclude(state__in=(*finished, StatementImport.State.REFUSED))
    files = files.filter(_touches("", since, until))
    rows = RejectedLine.objects.filter(merchant=merchant, outcome="", statement_import__state=StatementImport.State.DONE)
    rows = rows.annotate(day=KT("values__booked_on")).filter(
        Q(day__gte=since.isoformat(), day__lte=until.isoformat())
        | Q(day__isnull=True) & _touches("statement_import__", since, until)
    )
    return MonthCheck(
        until=until,
        balances=tuple(balances_of(merchant, until)),
        covered=_covered(merchant, until),
        files=files.count(),
        rows=rows.count(),
    )


def _covered(merchant: Merchant, until: dt.date) -> frozenset[int]:
    """Accounts of which a file holds that day, or the next one goes on where the one before ended: no movement is one, too."""
    done = StatementImport.objects.filter(merchant=merchant, state=StatementImport.State.DONE, last_day__gte=until)
    following = done.order_by("account_id", "last_day", "pk").distinct("account_id")
    reached = (each for each in following if each.first_day and (each.first_day <= until or _goes_on(each)))
    return frozenset(each.account_id for each in reached if each.account_id)


def _goes_on(file: StatementImport) -> bool:
    """Whether nothing is missing between a file and the one before it, as its preview said."""
    return "gap" not in file.facts and all(problem["code"] != "continuity" for problem in file.problems)


def _touches(prefix: str, since: dt.date, until: dt.date) -> Q:
    """Whether a file has a day in the span; one whose days nobody knows may have."""
    unknown = Q(**{f"{prefix}first_day__isnull": True}) | Q(**{f"{prefix}last_day__isnull": True})
    return unknown | Q(**{f"{prefix}first_day__lte": until, f"{prefix}last_day__gte": since})


def statement_for(actor: Actor, customer: Customer, since: dt.date, until: dt.date) -> AccountStatement:
    """A customer's statement of account: for the staff of their merchant, and for the customer's own contacts who see orders."""
    own = actor.contact is not None and actor.contact.customer_id == customer.pk and actor.contact.can_see_orders
    if customer.merchant_id != actor.merchant.pk:
        raise Http404
    if not (actor.is_staff or own):
        raise NotAllowed
    return statement_of(customer, since, until)


def _house(actor: Actor) -> Merchant:
    """The merchant whose staff this is."""
    if not (actor.is_staff or actor.is_system):
        raise NotAllowed
    return actor.merchant
