"""What was done at the workbench on a day, the newest first, and how each act is taken back."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Merchant
from banking.models import ReceivingAccount
from reconciliation.models import IgnoredLine, Match, Proposal, Settlement, StatementImport

MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Done:
    """One act. `kind`: `settled` (`count` movements, `number` the first ticket), `dismissed` (a proposal), `ignored` (movements,
    perhaps by a rule) or `imported`. `pk` is what undoes it: of a settled one 0, for money is reversed on its ticket.
    `undone`: how many of `count` are taken back already.
    """

    kind: str
    at: dt.datetime
    who: str
    count: int = 1
    undone: int = 0
    amount: Decimal | None = None
    currency: str = ""
    number: str = ""
    pk: int = 0
    text: str = ""

    @property
    def is_undone(self) -> bool:
        return self.undone >= self.count

    @property
    def was_automatic(self) -> bool:
        """Whether the program did it."""
        return not self.who


def day_of(merchant: Merchant, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """When a day begins and ends at the merchant's."""
    zone = zoneinfo.ZoneInfo(merchant.time_zone)
    start = dt.datetime.combine(day, dt.time(), zone)
    return start, dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


def log_of(actor: Actor, account: ReceivingAccount, day: dt.date, *, most: int = MOST_SHOWN) -> Sequence[Done]:
    """What was done with the account's movements on a day, by anybody. Staff only; four queries."""
    if not actor.is_staff:
        raise NotAllowed
    span = day_of(actor.merchant, day)
    done = [*_settled(actor, account, span, most), *_dismissed(actor, account, span, most)]
    done += [*_ignored(actor, account, span, most), *_imported(actor, account, span, most)]
    return sorted(done, key=lambda each: each.at, reverse=True)[:most]


def _settled(actor: Actor, account: ReceivingAccount, span: tuple[dt.datetime, dt.datetime], most: int) -> list[Done]:
    """Settlements by the moment in which they were written: many at once are one act."""
    own = Match.objects.filter(settlement=OuterRef("pk"), line__account=account)
    found = (
        Settlement.objects.filter(
            Exists(own), merchant=actor.merchant, kind=Settlement.Kind.DEPOSIT, at__gte=span[0], at__lt=span[1]
        )
        .values("at", "prepared_by__name", "prepared_by__email")
        .annotate(
            tickets=Count("ticket", distinct=True),
            reversed=Count("ticket", distinct=True, filter=Q(reversed_by__isnull=False)),
            number=Min("ticket__number"),
            sum=Sum("matches__amount"),
        )
        .order_by("-at")[:most]
    )
    return [
        Done(
            kind="settled", at=row["at"], who=row["prepared_by__name"] or row["prepared_by__email"] or "", count=row["tickets"],
            undone=row["reversed"], amount=row["sum"], currency=account.currency, number=row["number"],
        )
        for row in found
    ]  # fmt: skip


def _dismissed(actor: Actor, account: ReceivingAccount, span: tuple[dt.datetime, dt.datetime], most: int) -> list[Done]:
    found = Proposal.objects.filter(
        merchant=actor.merchant, account=account, state=Proposal.State.DISMISSED, settled_at__gte=span[0], settled_at__lt=span[1]
    )
    named = found.select_related("settled_by", "customer").annotate(sum=Sum("parts__amount")).order_by("-settled_at")[:most]
    return [
        Done(
            kind="dismissed", at=proposal.settled_at, who=str(proposal.settled_by or ""), amount=proposal.sum,
            currency=account.currency, pk=proposal.pk, text=proposal.customer.name,
        )
        for proposal in named
        if proposal.settled_at
    ]  # fmt: skip


def _ignored(actor: Actor, account: ReceivingAccount, span: tuple[dt.datetime, dt.datetime], most: int) -> list[Done]:
    found = (
        IgnoredLine.objects.filter(merchant=actor.merchant, line__account=account, at__gte=span[0], at__lt=span[1])
        .values("at", "by__name", "by__email", "reason", "rule", "rule__pattern")
        .annotate(
            count=Count("pk"), back=Count("pk", filter=Q(taken_back_at__isnull=False)), first=Min("pk"), sum=Sum("line__amount")
        )
        .order_by("-at")[:most]
    )
    return [
        Done(
            kind="ignored", at=row["at"], who=row["by__name"] or row["by__email"] or "", count=row["count"], undone=row["back"],
            amount=row["sum"], currency=account.currency, pk=row["first"], text=row["rule__pattern"] or "",
        )
        for row in found
    ]  # fmt: skip


def _imported(actor: Actor, account: ReceivingAccount, span: tuple[dt.datetime, dt.datetime], most: int) -> list[Done]:
    found = StatementImport.objects.filter(
        merchant=actor.merchant, account=account, created_at__gte=span[0], created_at__lt=span[1], lines_new__gt=0
    )
    return [
        Done(
            kind="imported", at=each.created_at, who=str(each.created_by or ""), count=each.lines_new,
            undone=each.lines_new if each.undone_at else 0, pk=each.pk, text=each.file_name,
        )
        for each in found.select_related("created_by").order_by("-created_at")[:most]
    ]  # fmt: skip
