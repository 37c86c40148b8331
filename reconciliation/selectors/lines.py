"""Movements of the bank as staff look at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Prefetch, Q, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.text import folded
from banking.references import normalize_reference
from reconciliation.models import LedgerEntry, Match, StatementLine

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class LineFilters:
    """`use`: `free` (money left), `used`, `returned`, or nothing for all."""

    account_id: int | None = None
    use: str = ""
    booked_from: dt.date | None = None
    booked_to: dt.date | None = None
    amount: Decimal | None = None
    text: str = ""
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class LinePage:
    """Movements, the newest first, each with `balance` and its live `matches`."""

    rows: Sequence[StatementLine]
    total: int
    page: int
    filters: LineFilters

    @property
    def has_next(self) -> bool:
        return self.page * PAGE_SIZE < self.total


def lines_for(actor: Actor, filters: LineFilters) -> LinePage:
    """A page of the merchant's movements. Staff only; three queries."""
    lines = _filtered(visible_lines(actor), filters)
    total = lines.count()
    page = max(1, min(filters.page, -(-total // PAGE_SIZE)))
    live = Match.objects.exclude(state=Match.State.RELEASED).select_related("transfer__report__ticket__customer")
    rows = lines.select_related("account__bank", "balance", "entered_by").prefetch_related(
        Prefetch("matches", queryset=live, to_attr="live_matches")
    )
    shown = list(rows.order_by("-booked_on", "-pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return LinePage(rows=shown, total=total, page=page, filters=filters)


def line_for(actor: Actor, pk: int) -> StatementLine:
    """One movement with everything that was done with it: `matches` and `entries_out`. `Http404` when it is not there."""
    entries = LedgerEntry.objects.select_related("target_order", "settlement__ticket", "settlement__prepared_by", "reverses")
    matches = Match.objects.select_related("transfer__report__ticket__customer", "by").order_by("pk")
    lines = visible_lines(actor).select_related(
        "account__bank", "balance", "entered_by", "statement_import__created_by", "confirmation__statement_import"
    )
    line = (
        lines.prefetch_related(Prefetch("matches", queryset=matches), Prefetch("entries_out", queryset=entries))
        .filter(pk=pk)
        .first()
    )
    if line is None:
        raise Http404
    return line


def visible_lines(actor: Actor) -> QuerySet[StatementLine]:
    """The merchant's movements. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    return StatementLine.objects.filter(merchant=actor.merchant)


def _filtered(lines: QuerySet[StatementLine], filters: LineFilters) -> QuerySet[StatementLine]:
    wanted = Q()
    if filters.account_id is not None:
        wanted &= Q(account_id=filters.account_id)
    if filters.booked_from is not None:
        wanted &= Q(booked_on__gte=filters.booked_from)
    if filters.booked_to is not None:
        wanted &= Q(booked_on__lte=filters.booked_to)
    if filters.amount is not None:
        wanted &= Q(amount=filters.amount) | Q(amount=-filters.amount)
    left = Q(balance__amount__gt=F("balance__allocated") + F("balance__reserved"))
    if filters.use == "free":
        wanted &= left & Q(balance__returned_at__isnull=True, amount__gt=0)
    elif filters.use == "used":
        wanted &= ~left
    elif filters.use == "returned":
        wanted &= Q(balance__returned_at__isnull=False)
    for word in filters.text.replace("\x00", " ")[:100].split()[:4]:
        found = folded("text", word) | folded("payer_name", word) | Q(payer_id__icontains=word)
        reference = normalize_reference(word)
        wanted &= (found | Q(reference__contains=reference)) if reference else found
    return lines.filter(wanted)
