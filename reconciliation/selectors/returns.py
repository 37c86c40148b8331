"""Debits of the bank: what became of each, which deposits it may take back, and whose credit it may have paid out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Customer
from banking.references import normalize_reference, same_reference
from reconciliation.models import (
    IgnoredLine,
    LedgerEntry,
    Refund,
    ReturnedDeposit,
    StatementLine,
)
from reconciliation.services.returns import MOST_DAYS
from tickets.models import Ticket

MOST_SHOWN = 10
MOST_CUSTOMERS = 20
LEAST_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Clue:
    """One reason why a debit may take a deposit back. `mark`: `agrees`, `differs`, `unknown`."""

    mark: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ReturnCandidate:
    """A deposit that a debit may take back; `tickets` are those for which its money stands. `is_likely`: more than the amount
    says so."""

    line: StatementLine
    clues: Sequence[Clue]
    is_likely: bool
    tickets: Sequence[Ticket]


@dataclass(frozen=True, kw_only=True)
class Debit:
    """What became of a debit: the deposit that it takes back, refunds that it paid, or neither. `left` is unexplained yet."""

    line: StatementLine
    pair: ReturnedDeposit | None
    refunds: Sequence[Refund]
    ignored: IgnoredLine | None
    left: Decimal

    @property
    def is_open(self) -> bool:
        """Whether something of it is unexplained."""
        return self.pair is None and self.ignored is None and self.left > 0

    @property
    def is_untouched(self) -> bool:
        return self.is_open and not any(refund.state in ("waiting", "paid", "reversing") for refund in self.refunds)


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotAllowed


def pair_of(actor: Actor, line: StatementLine) -> ReturnedDeposit | None:
    """The return that the line is a side of, if it is in force. One query."""
    _require_staff(actor)
    live = ReturnedDeposit.objects.filter(Q(debit_line=line) | Q(deposit_line=line), merchant=actor.merchant)
    found = live.exclude(state=ReturnedDeposit.State.UNDONE)
    return found.select_related("debit_line", "deposit_line", "made_by", "reason").first()


def debit_of(actor: Actor, line: StatementLine) -> Debit:
    """What became of a debit of the merchant. Staff only; three queries."""
    refunds = Refund.objects.filter(merchant=actor.merchant, debit_line=line)
    several = list(refunds.select_related("customer", "made_by", "prepared_by", "signed_by").order_by("pk"))
    waiting = sum((refund.paid_amount or refund.amount for refund in several if refund.state == Refund.State.WAITING), Decimal(0))
    return Debit(
        line=line,
        pair=pair_of(actor, line),
        refunds=several,
        ignored=IgnoredLine.objects.filter(line=line, taken_back_at__isnull=True).select_related("by").first(),
        left=line.balance.free - waiting,
    )


def debit_for(actor: Actor, pk: int) -> Debit:
    """One debit of the merchant, by its key. `Http404` when there is none, also for what came in."""
    _require_staff(actor)
    lines = StatementLine.objects.select_related("account__bank", "balance", "entered_by")
    line = lines.filter(merchant=actor.merchant, pk=pk, amount__lt=0).first()
    if line is None:
        raise Http404
    return debit_of(actor, line)


def return_for(actor: Actor, pk: int) -> ReturnedDeposit:
    """One return. `Http404` when it is not there."""
    _require_staff(actor)
    found = ReturnedDeposit.objects.filter(merchant=actor.merchant, pk=pk).select_related("debit_line", "deposit_line").first()
    if found is None:
        raise Http404
    return found


# --- Which deposit a debit takes back --------------------------------------------------------


def deposits_for_return(actor: Actor, debit: StatementLine) -> list[ReturnCandidate]:
    """Deposits of the same account and amount, booked at most `MOST_DAYS` before, that nothing took back: those whose reference
    or text agrees first, then the newest. Staff only; two queries."""
    _require_staff(actor)
    live = ReturnedDeposit.objects.filter(deposit_line=OuterRef("pk")).exclude(state=ReturnedDeposit.State.UNDONE)
    lines = StatementLine.objects.filter(
        ~Exists(live),
        ~Exists(IgnoredLine.objects.filter(line=OuterRef("pk"), taken_back_at__isnull=True)),
        merchant=actor.merchant,
        account_id=debit.account_id,
        amount=-debit.amount,
        booked_on__lte=debit.booked_on,
        booked_on__gte=debit.booked_on - timedelta(days=MOST_DAYS),
    ).select_related("balance")
    newest = list(lines.order_by("-booked_on", "-pk")[: MOST_SHOWN * 5])
    known = {line.pk: _clues(debit, line) for line in newest}
    ranked = sorted(newest, key=lambda line: -sum(clue.mark == "agrees" for clue in known[line.pk]))[:MOST_SHOWN]
    tickets = _tickets_of(ranked)
    return [
        ReturnCandidate(
            line=line,
            clues=known[line.pk],
            is_likely=any(clue.mark == "agrees" for clue in known[line.pk][1:-1]),
            tickets=tickets.get(line.pk, []),
        )
        for line in ranked
    ]


def _tickets_of(lines: Iterable[StatementLine]) -> dict[int, list[Ticket]]:
    """The tickets that each deposit pays now."""
    entries = LedgerEntry.objects.filter(source_line__in=list(lines), reverses__isnull=True, reversed_by__isnull=True)
    pairs = entries.values_list("source_line_id", "settlement__ticket_id")
    found = set(pairs)
    tickets = Ticket.objects.select_related("customer").in_bulk({ticket for _line, ticket in found if ticket})
    held: dict[int, list[Ticket]] = {}
    for line, ticket in sorted(found, key=str):
        if ticket in tickets and line is not None:
            held.setdefault(line, []).append(tickets[ticket])
    return held


def _clues(debit: StatementLine, deposit: StatementLine) -> list[Clue]:
    """What speaks for the pair: the amount first, then reference and words, the days between last."""
    days = (debit.booked_on - deposit.booked_on).days
    later = ngettext("%(days)d day after the deposit", "%(days)d days after the deposit", days) % {"days": days}
    clues = [Clue(mark="agrees", text=_("Same account, same amount")), _about_reference(debit, deposit)]
    payer = _about_payer(debit, deposit)
    if payer is not None:
        clues.append(payer)
    clues.append(Clue(mark="unknown", text=later if days else _("On the day of the deposit")))
    return clues


def _about_reference(debit: StatementLine, deposit: StatementLine) -> Clue:
    if same_reference(debit.reference, deposit.reference):
        return Clue(mark="agrees", text=_("The references agree"))
    digits = re.findall(rf"[0-9]{{{LEAST_DIGITS},}}", debit.text)
    if any(same_reference(normalize_reference(each), deposit.reference) for each in digits):
        return Clue(mark="agrees", text=_("The bank's text names the deposit's reference"))
    if not (debit.reference and deposit.reference):
        return Clue(mark="unknown", text=_("One of the two has no reference"))
    return Clue(mark="differs", text=_("The references differ"))


def _about_payer(debit: StatementLine, deposit: StatementLine) -> Clue | None:
    said = f"{debit.text} {debit.payer_name} {debit.payer_id}".casefold()
    if deposit.payer_id and deposit.payer_id.casefold() in said:
        return Clue(mark="agrees", text=_("It names the document of who paid"))
    words = [word for word in deposit.payer_name.casefold().split() if len(word) >= LEAST_DIGITS]
    if words and all(word in said for word in words):
        return Clue(mark="agrees", text=_("It names who paid"))
    return None


# --- Refunds ---------------------------------------------------------------------------------


def refund_for(actor: Actor, pk: int) -> Refund:
    """One refund. `Http404` when it is not there."""
    _require_staff(actor)
    found = Refund.objects.filter(merchant=actor.merchant, pk=pk).select_related(
        "customer", "debit_line__account__bank", "made_by", "prepared_by", "signed_by", "reversal_asked_by"
    )
    one = found.first()
    if one is None:
        raise Http404
    return one


def refunds_for(actor: Actor) -> QuerySet[Refund]:
    """Refunds of the merchant, the newest first."""
    _require_staff(actor)
    several = Refund.objects.filter(merchant=actor.merchant).select_related(
        "customer", "debit_line__account__bank", "made_by", "prepared_by", "reversal_asked_by"
    )
    return several.order_by("-pk")


def refunds_to_do(actor: Actor) -> int:
    """How many refunds somebody has still something to do with. One query."""
    return refunds_for(actor).filter(state__in=Refund.OPEN).count()


def promised_to(customer: Customer) -> dict[str, Decimal]:
    """What is noted to be paid out and not yet, by currency. One query."""
    noted = Refund.objects.filter(customer=customer, state__in=(Refund.State.TO_PAY, Refund.State.WAITING))
    return {row["currency"]: row["sum"] for row in noted.values("currency").annotate(sum=Sum("amount")).order_by("currency")}
