"""The workbench: where each movement of an account and period stands, and its lists of proposals, movements and reports.

Every credit stands in exactly one bucket, so that the counts of the bar add up to the movements of the period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import User
from accounts.text import folded
from banking.models import ReceivingAccount
from banking.money import UnreadableAmount, parse_amount
from banking.references import normalize_reference
from reconciliation.models import IgnoredLine, Match, Proposal, ProposalPart, Settlement, StatementLine
from reports.models import Transfer
from tickets.models import LIVE_STATES, State

VIEWS = ("decide", "certain", "lines", "reports", "out", "done", "ignored")
PROPOSAL_VIEWS = ("decide", "certain")
SORTS = ("amount", "newest", "oldest")
PAGE_SIZE = 25
LONGEST_TEXT = 100
OPEN = (Proposal.State.OPEN, Proposal.State.SAMPLED)
AGES = ((0, 2), (3, 7), (8, 30), (31, None))


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is being reconciled: one account, from a day to a day (both included)."""

    account: ReceivingAccount
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True, kw_only=True)
class WorkbenchFilters:
    """What of the scope is listed. The form above has its own check."""

    view: str = "decide"
    sort: str = "amount"
    text: str = ""
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many movements (or proposals, or reports) stand somewhere, and what they sum to."""

    count: int = 0
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where the scope stands. `buckets` counts credits (and what left under `out`), `rows` what each list shows; `ages` counts
    credits without a report by how long ago they were booked, as `AGES`.
    """

    buckets: dict[str, Share]
    rows: dict[str, int]
    certain: Share
    ages: Sequence[int]

    def share(self, bucket: str) -> Share:
        return self.buckets.get(bucket, Share())

    @property
    def credits(self) -> Share:
        """All money in: everything but what left."""
        parts = [share for bucket, share in self.buckets.items() if bucket != "out"]
        return Share(count=sum(each.count for each in parts), amount=sum((each.amount for each in parts), Decimal(0)))

    @property
    def undecided(self) -> Share:
        """Credits that no report has and nobody set aside."""
        parts = [self.share(bucket) for bucket in ("decide", "certain", "lines")]
        return Share(count=sum(each.count for each in parts), amount=sum((each.amount for each in parts), Decimal(0)))


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotAllowed


# --- Where things stand ----------------------------------------------------------------------


def live_proposals(actor: Actor) -> QuerySet[Proposal]:
    """What the runs chose and somebody may still accept: nothing that happened meanwhile took its line or its report."""
    _require_staff(actor)
    parts = ProposalPart.objects.filter(proposal=OuterRef("pk"))
    gone = parts.filter(
        Q(line__balance__returned_at__isnull=False)
        | Q(line__balance__amount__lte=F("line__balance__allocated") + F("line__balance__reserved"))
        | Q(transfer__until_revision__isnull=False)
        | ~Q(transfer__report__ticket__state__in=LIVE_STATES)
        | Exists(Match.objects.filter(transfer=OuterRef("transfer")).exclude(state=Match.State.RELEASED))
        | Exists(IgnoredLine.objects.filter(line=OuterRef("line"), taken_back_at__isnull=True))
    )
    return Proposal.objects.filter(merchant=actor.merchant, state__in=OPEN, is_chosen=True).exclude(Exists(gone))


def certain(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those that the rules would accept without a person; a sample that was drawn to be checked is not among them."""
    return proposals.filter(is_automatic=True, state=Proposal.State.OPEN)


def at_work(actor: Actor) -> Q:
    """The condition that somebody else has one of the proposal's tickets in their hands: nobody may decide it meanwhile."""
    return Q(pk__in=_in_other_hands(actor).values("proposal"))


def people_at_work(actor: Actor, scope: Scope) -> list[str]:
    """Who else has certain ones of the scope in their hands, by name. One query."""
    proposals = certain(in_scope(live_proposals(actor), scope))
    held = _in_other_hands(actor).filter(proposal__in=proposals).values("transfer__report__ticket__claimed_by")
    return sorted(str(user) for user in User.objects.filter(pk__in=held))


def _in_other_hands(actor: Actor) -> QuerySet[ProposalPart]:
    """Parts of proposals whose ticket somebody else has claimed."""
    held = ProposalPart.objects.filter(
        proposal__merchant=actor.merchant,
        transfer__report__ticket__merchant=actor.merchant,
        transfer__report__ticket__state=State.IN_REVIEW,
        transfer__report__ticket__claimed_until__gt=timezone.now(),
    )
    return held.exclude(transfer__report__ticket__claimed_by=actor.user)


def in_scope(proposals: QuerySet[Proposal], scope: Scope) -> QuerySet[Proposal]:
    """Proposals one of whose movements was booked in the scope."""
    booked = ProposalPart.objects.filter(
        proposal=OuterRef("pk"), line__booked_on__gte=scope.first_day, line__booked_on__lte=scope.last_day
    )
    return proposals.filter(Exists(booked), account=scope.account)


def lines_in(actor: Actor, scope: Scope) -> QuerySet[Any]:
    """Movements of the scope, each with its `bucket`."""
    _require_staff(actor)
    lines = StatementLine.objects.filter(
        merchant=actor.merchant, account=scope.account, booked_on__gte=scope.first_day, booked_on__lte=scope.last_day
    )
    live = ProposalPart.objects.filter(line=OuterRef("pk"), proposal__in=in_scope(live_proposals(actor), scope))
    ignored = IgnoredLine.objects.filter(line=OuterRef("pk"), taken_back_at__isnull=True)
    return lines.annotate(
        bucket=Case(
            When(balance__amount__lte=F("balance__allocated") + F("balance__reserved"), then=Value("done")),
            When(Q(balance__returned_at__isnull=False) | Exists(ignored), then=Value("ignored")),
            When(amount__lt=0, then=Value("out")),
            When(Exists(live.filter(proposal__is_automatic=True, proposal__state=Proposal.State.OPEN)), then=Value("certain")),
            When(Exists(live), then=Value("decide")),
            default=Value("lines"),
            output_field=CharField(),
        )
    )


def reports_without_money(actor: Actor, scope: Scope) -> QuerySet[Transfer]:
    """Transfers of live reports into the account, paid in the scope, that no movement and no proposal holds."""
    return _waiting(actor, scope.account).filter(
        ~Exists(ProposalPart.objects.filter(transfer=OuterRef("pk"), proposal__in=live_proposals(actor))),
        paid_on__gte=scope.first_day,
        paid_on__lte=scope.last_day,
    )


def _waiting(actor: Actor, account: ReceivingAccount) -> QuerySet[Transfer]:
    _require_staff(actor)
    settled = Settlement.objects.filter(transfer=OuterRef("pk"), kind=Settlement.Kind.DEPOSIT, reversed_by__isnull=True)
    return Transfer.objects.filter(
        ~Exists(Match.objects.filter(transfer=OuterRef("pk")).exclude(state=Match.State.RELEASED)),
        ~Exists(settled),
        merchant=actor.merchant,
        account=account,
        until_revision__isnull=True,
        report__ticket__state__in=LIVE_STATES,
    )


def standing_of(actor: Actor, scope: Scope, today: dt.date) -> Standing:
    """Counts and sums of the scope; `certain` without what somebody else is at work on. Staff only; three queries."""
    lines = lines_in(actor, scope)
    credit = Q(amount__gt=0) | Q(bucket="out")
    ages = {f"age{place}": Count("pk", filter=_aged(today, *ends)) for place, ends in enumerate(AGES)}
    rows = lines.values("bucket").annotate(
        all=Count("pk"), count=Count("pk", filter=credit), sum=Sum("amount", filter=credit), **ages
    )  # fmt: skip
    found = list(rows.order_by())
    buckets = {row["bucket"]: Share(count=row["count"], amount=row["sum"] or Decimal(0)) for row in found}
    proposals = in_scope(live_proposals(actor), scope)
    sure = Q(is_automatic=True, state=Proposal.State.OPEN)
    free = sure & ~at_work(actor)
    sums = proposals.aggregate(
        all=Count("pk", distinct=True),
        certain=Count("pk", distinct=True, filter=sure),
        free=Count("pk", distinct=True, filter=free),
        amount=Sum("parts__amount", filter=free),
    )
    waiting = reports_without_money(actor, scope).count()
    counts = dict.fromkeys(VIEWS, 0) | {row["bucket"]: row["all"] for row in found}
    counts |= {"decide": sums["all"] - sums["certain"], "certain": sums["certain"], "reports": waiting}
    undecided = [row for row in found if row["bucket"] in ("decide", "certain", "lines")]
    return Standing(
        buckets=buckets,
        rows=counts,
        certain=Share(count=sums["free"], amount=sums["amount"] or Decimal(0)),
        ages=[sum(row[age] for row in undecided) for age in ages],
    )


def _aged(today: dt.date, least: int, most: int | None) -> Q:
    found = Q(booked_on__lte=today - dt.timedelta(days=least)) if least else Q()
    return found if most is None else found & Q(booked_on__gte=today - dt.timedelta(days=most))


def span_of(actor: Actor, account: ReceivingAccount) -> tuple[dt.date, dt.date] | None:
    """First and last day on which the account has movements; None without any. One query."""
    _require_staff(actor)
    found = StatementLine.objects.filter(merchant=actor.merchant, account=account).aggregate(
        first=Min("booked_on"), last=Max("booked_on")
    )
    return (found["first"], found["last"]) if found["first"] else None


def busiest_account(actor: Actor) -> int | None:
    """The account with the newest movement: where somebody begins who chose none. One query."""
    _require_staff(actor)
    newest = StatementLine.objects.filter(merchant=actor.merchant).order_by("-booked_on", "-pk")
    return newest.values_list("account_id", flat=True).first()


# --- The lists -------------------------------------------------------------------------------


def proposals_listed(actor: Actor, scope: Scope, filters: WorkbenchFilters) -> QuerySet[Proposal]:
    """Proposals of a view in its order; nothing is fetched yet."""
    found = in_scope(live_proposals(actor), scope)
    sure = Q(is_automatic=True, state=Proposal.State.OPEN)
    found = found.filter(sure) if filters.view == "certain" else found.exclude(sure)
    parts = ProposalPart.objects.filter(proposal=OuterRef("pk"))
    for word in words_of(filters.text):
        held = parts.filter(_line_says(word, "line__", scope) | _report_says(word, "transfer__"))
        found = found.filter(Exists(held))
    lines = parts.order_by("-line__amount", "line_id")
    found = found.annotate(
        top=Subquery(lines.values("line__amount")[:1]), day=Subquery(lines.values("line__booked_on")[:1])
    )  # fmt: skip
    return found.order_by(*{"newest": ("-day", "-pk"), "oldest": ("day", "pk")}.get(filters.sort, ("-top", "pk")))


def lines_listed(actor: Actor, scope: Scope, filters: WorkbenchFilters) -> QuerySet[StatementLine]:
    """Movements of a view in its order; money out by its size."""
    found = lines_in(actor, scope).filter(bucket=filters.view)
    for word in words_of(filters.text):
        found = found.filter(_line_says(word, "", scope))
    by_size = ("amount", "pk") if filters.view == "out" else ("-amount", "pk")
    return found.order_by(*{"newest": ("-booked_on", "-pk"), "oldest": ("booked_on", "pk")}.get(filters.sort, by_size))


def reports_listed(actor: Actor, scope: Scope, filters: WorkbenchFilters) -> QuerySet[Transfer]:
    """Reports without money in their order."""
    found = reports_without_money(actor, scope)
    for word in words_of(filters.text):
        found = found.filter(_report_says(word, ""))
    return found.order_by(*{"newest": ("-paid_on", "-pk"), "oldest": ("paid_on", "pk")}.get(filters.sort, ("-amount", "pk")))


def words_of(text: str) -> list[str]:
    """What somebody searches for, word by word."""
    return text.replace("\x00", " ")[:LONGEST_TEXT].split()[:4]


def _line_says(word: str, path: str, scope: Scope) -> Q:
    found = folded(f"{path}text", word) | folded(f"{path}payer_name", word) | Q(**{f"{path}payer_id__icontains": word})
    reference = normalize_reference(word)
    if reference:
        found |= Q(**{f"{path}reference__contains": reference})
    try:
        amount = parse_amount(word, scope.account.currency)
    except UnreadableAmount:
        return found
    return found | Q(**{f"{path}amount__in": (amount, -amount)})


def _report_says(word: str, path: str) -> Q:
    reference = normalize_reference(word)
    said = Q(**{f"{path}report__ticket__number__icontains": word}) | folded(f"{path}report__customer__name", word)
    return said | Q(**{f"{path}reference__contains": reference}) if reference else said


# --- One by one ------------------------------------------------------------------------------


def proposal_for(actor: Actor, pk: int) -> Proposal:
    """One proposal, whatever became of it. `Http404` when it is not there."""
    _require_staff(actor)
    found = Proposal.objects.filter(merchant=actor.merchant, pk=pk).select_related("account__bank", "customer").first()
    if found is None:
        raise Http404
    return found


def free_lines(actor: Actor, account: ReceivingAccount) -> QuerySet[StatementLine]:
    """Credits of the account with money left that nobody set aside."""
    _require_staff(actor)
    return StatementLine.objects.filter(
        ~Exists(IgnoredLine.objects.filter(line=OuterRef("pk"), taken_back_at__isnull=True)),
        merchant=actor.merchant,
        account=account,
        amount__gt=0,
        balance__returned_at__isnull=True,
        balance__amount__gt=F("balance__allocated") + F("balance__reserved"),
    ).select_related("balance")


def waiting_transfers(actor: Actor, account: ReceivingAccount) -> QuerySet[Transfer]:
    """Transfers of live reports into the account that hold no movement yet, proposed or not."""
    return _waiting(actor, account).select_related("report__ticket", "report__customer", "method")


def matching_words(found: QuerySet[Any], text: str, account: ReceivingAccount) -> QuerySet[Any]:
    """Movements or transfers that hold every word of a search."""
    scope = Scope(account=account, first_day=dt.date.min, last_day=dt.date.max)
    for word in words_of(text):
        found = found.filter(_line_says(word, "", scope) if found.model is StatementLine else _transfer_says(word, account))
    return found


def _transfer_says(word: str, account: ReceivingAccount) -> Q:
    said = _report_says(word, "")
    try:
        return said | Q(amount=parse_amount(word, account.currency))
    except UnreadableAmount:
        return said
