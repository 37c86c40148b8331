"""What may be put together by hand: reports for a movement, movements for a report, each with what speaks for and against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from banking.models import ReceivingAccount
from reconciliation.candidates import evidence_of_pairs
from reconciliation.matching.weights import POSSIBLE
from reconciliation.models import StatementLine
from reconciliation.selectors.workbench import free_lines, matching_words, waiting_transfers
from reconciliation.selectors.workrows import orders_of
from reconciliation.words import Evidence, tell
from reports.models import Transfer

MOST_WEIGHED = 60
MOST_SHOWN = 20
DAYS_AROUND = 60


@dataclass(frozen=True, kw_only=True)
class Pick:
    """One thing to tick. Exactly one of `line` and `transfer`; `score` in bits, `orders` of the report."""

    line: StatementLine | None = None
    transfer: Transfer | None = None
    amount: Decimal
    orders: int = 0
    score: float = 0.0
    evidence: Sequence[Evidence] = ()
    is_chosen: bool = False

    @property
    def is_likely(self) -> bool:
        """Whether its evidence is worth reading: it says enough, or somebody chose it."""
        return self.is_chosen or self.score >= POSSIBLE

    @property
    def pk(self) -> int:
        return int((self.line or self.transfer).pk)  # type: ignore[union-attr]  # one of them is there


def line_to_pick(actor: Actor, pk: int) -> StatementLine:
    """A movement of the merchant's for which reports are looked for. `Http404` when it is not there."""
    if not actor.is_staff:
        raise NotAllowed
    found = StatementLine.objects.filter(merchant=actor.merchant, pk=pk).select_related("balance", "account__bank").first()
    if found is None:
        raise Http404
    return found


def transfer_to_pick(actor: Actor, pk: int) -> Transfer:
    """A current transfer of the merchant's for which movements are looked for. `Http404` when it is not there."""
    if not actor.is_staff:
        raise NotAllowed
    found = Transfer.objects.filter(merchant=actor.merchant, pk=pk, until_revision__isnull=True).select_related(
        "account__bank", "report__ticket", "report__customer"
    )
    one = found.first()
    if one is None:
        raise Http404
    return one


def reports_for_line(actor: Actor, line: StatementLine, *, text: str = "", chosen: Sequence[int] = ()) -> list[Pick]:
    """Reports that the movement might pay: what is chosen first, then the best evidence.

    Four queries, and one for what is chosen.
    """
    waiting = waiting_transfers(actor, line.account)
    found = _nearest(waiting, "paid_on", line.booked_on, line.balance.free, text, line.account)
    keep = list(waiting.filter(pk__in=chosen)) if chosen else []
    transfers = {each.pk: each for each in [*keep, *found]}
    facts = evidence_of_pairs(actor.merchant, [(pk, line.pk) for pk in transfers])
    orders = orders_of(transfers.values())
    picks = []
    for pk, transfer in transfers.items():
        told = [tell(fact) for fact in facts.get((pk, line.pk), [])]
        picks.append(
            Pick(
                transfer=transfer, amount=transfer.amount, orders=orders.get(transfer.report_id, 0), score=_score(told),
                evidence=told, is_chosen=pk in set(chosen),
            )
        )  # fmt: skip
    return _ranked(picks)


def lines_for_report(actor: Actor, transfer: Transfer, *, text: str = "", chosen: Sequence[int] = ()) -> list[Pick]:
    """Movements that might be the report's money: as `reports_for_line`."""
    free = free_lines(actor, transfer.account)
    found = _nearest(free, "booked_on", transfer.paid_on, transfer.amount, text, transfer.account)
    keep = list(free.filter(pk__in=chosen)) if chosen else []
    lines = {each.pk: each for each in [*keep, *found]}
    facts = evidence_of_pairs(actor.merchant, [(transfer.pk, pk) for pk in lines])
    picks = []
    for pk, line in lines.items():
        told = [tell(fact) for fact in facts.get((transfer.pk, pk), [])]
        picks.append(
            Pick(line=line, amount=line.balance.free, score=_score(told), evidence=told, is_chosen=pk in set(chosen))
        )  # fmt: skip
    return _ranked(picks)


def _nearest(
    found: QuerySet[Any], day_field: str, day: dt.date, amount: Decimal, text: str, account: ReceivingAccount
) -> list[Any]:
    """The exact amount first, then the nearest days; while nobody searches, only days around."""
    if text.strip():
        found = matching_words(found, text, account)
    else:
        span = dt.timedelta(days=DAYS_AROUND)
        found = found.filter(**{f"{day_field}__gte": day - span, f"{day_field}__lte": day + span})
    exact = Case(When(amount=amount, then=Value(0)), default=Value(1), output_field=IntegerField())
    before = found.filter(**{f"{day_field}__lte": day}).order_by(exact, F(day_field).desc(), "-pk")[:MOST_WEIGHED]
    after = found.filter(**{f"{day_field}__gt": day}).order_by(exact, F(day_field).asc(), "pk")[:MOST_WEIGHED]
    return [*before, *after]


def _score(told: Sequence[Evidence]) -> float:
    return round(sum(each.weight for each in told), 1)


def _ranked(picks: list[Pick]) -> list[Pick]:
    ranked = sorted(picks, key=lambda each: (not each.is_chosen, -each.score, each.pk))
    chosen = sum(each.is_chosen for each in picks)
    return ranked[: max(MOST_SHOWN, chosen)]
