"""Which movements a rule would set aside, and the rules that were used before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.text import folded
from banking.models import ReceivingAccount
from reconciliation.models import IgnoredLine, IgnoreRule, Match, Refund, StatementLine

MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class RulePreview:
    """What a rule would take now: `lines` (the first of them), how many, up to which key, and the sums by currency."""

    lines: Sequence[StatementLine]
    count: int
    until: int
    credits: int
    sums: Sequence[tuple[str, Decimal]]

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.count - len(self.lines)


@dataclass(frozen=True, kw_only=True)
class KnownRule:
    """A rule that was used before, and how many movements it would take now."""

    rule: IgnoreRule
    fresh: int


def lines_of_rule(actor: Actor, pattern: str, account: ReceivingAccount | None) -> QuerySet[StatementLine]:
    """Movements whose text or payer holds `pattern`, that carry no money and nobody set aside. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    found = StatementLine.objects.filter(
        ~Exists(IgnoredLine.objects.filter(line=OuterRef("pk"), taken_back_at__isnull=True)),
        ~Exists(Match.objects.filter(line=OuterRef("pk")).exclude(state=Match.State.RELEASED)),
        folded("text", pattern) | folded("payer_name", pattern),
        merchant=actor.merchant,
        balance__allocated=0,
        balance__reserved=0,
        balance__returned_at__isnull=True,
    ).exclude(Exists(Refund.objects.filter(debit_line=OuterRef("pk"), state=Refund.State.WAITING)))
    return found.filter(account=account) if account else found


def preview_rule(actor: Actor, pattern: str, account: ReceivingAccount | None) -> RulePreview:
    """What the rule would take. Three queries."""
    found = lines_of_rule(actor, pattern, account)
    counted = found.aggregate(count=Count("pk"), until=Max("pk"), credits=Count("pk", filter=Q(amount__gt=0)))
    sums = found.values_list("currency").annotate(sum=Sum("amount")).order_by("currency")
    lines = found.select_related("account__bank").order_by("-booked_on", "-pk")[:MOST_SHOWN]
    return RulePreview(
        lines=list(lines), count=counted["count"], until=counted["until"] or 0, credits=counted["credits"], sums=list(sums)
    )  # fmt: skip


def rules_for(actor: Actor) -> list[KnownRule]:
    """Rules in use, the newest first, each with what it would take now. One query, and one a rule."""
    if not actor.is_staff:
        raise NotAllowed
    rules = IgnoreRule.objects.filter(merchant=actor.merchant, is_active=True).select_related("account__bank", "created_by")
    return [
        KnownRule(rule=rule, fresh=lines_of_rule(actor, rule.pattern, rule.account).count())
        for rule in rules.order_by("-pk")[:20]
    ]


def rule_for(actor: Actor, pk: int) -> IgnoreRule:
    """One rule. `Http404` when it is not there."""
    if not actor.is_staff:
        raise NotAllowed
    found = IgnoreRule.objects.filter(merchant=actor.merchant, pk=pk).select_related("account__bank").first()
    if found is None:
        raise Http404
    return found
