"""Confirming that a line is a transfer: the deposit is reserved until the money moves or the match is released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from banking.money import minor_units
from reconciliation.candidates import evidence_of_pairs
from reconciliation.choices import MatchChoice
from reconciliation.locks import lock_lines
from reconciliation.models import IgnoredLine, LineBalance, Match, StatementLine
from reconciliation.services.standing import lock_decidable
from reports.models import PaymentReport, Transfer
from tickets.models import Ticket


def confirm_match(*, ticket_id: int, transfer_id: int, line_id: int, amount: Decimal | None = None, by: Actor) -> Match:
    """Reserve money of a line for a transfer of the report. Raises `Refused`: see `reserve`."""
    by.require(by.can_decide)
    with transaction.atomic():
        ticket = lock_decidable(ticket_id, by)
        return reserve(ticket, [MatchChoice(transfer_id=transfer_id, line_id=line_id, amount=amount)], by=by)[0]


def release_match(*, match_id: int, by: Actor) -> Match:
    """Give a reserved deposit free again. Settled ones are reversed, those awaiting a signature sent back instead."""
    by.require(by.can_decide)
    with transaction.atomic():
        match = Match.objects.filter(merchant=by.merchant, pk=match_id).select_related("transfer__report").first()
        if match is None:
            raise Http404
        lock_decidable(match.transfer.report.ticket_id, by)
        if not release_all(Match.objects.filter(pk=match_id)):
            raise Refused(_("This match is no longer open."), code="match_closed")
        return Match.objects.get(pk=match_id)


def current_transfers(report: PaymentReport) -> list[Transfer]:
    """What the report says now, in its order."""
    return list(
        Transfer.objects.filter(report=report, until_revision__isnull=True).select_related("account").order_by("position", "pk")
    )


def release_all(matches: Iterable[Match]) -> int:
    """Release those of `matches` that are reserved; lines are locked by pk first. Gives back how many."""
    reserved = [match for match in matches if match.state == Match.State.RESERVED]
    lock_lines(match.line_id for match in reserved)
    return Match.objects.filter(pk__in=[match.pk for match in reserved], state=Match.State.RESERVED).update(
        state=Match.State.RELEASED, released_at=timezone.now()
    )


def reserve(ticket: Ticket, choices: Sequence[MatchChoice], *, by: Actor) -> list[Match]:
    """Make a reserved match per choice. The caller holds the ticket's lock; lines are locked here, by pk.

    Raises `Refused`: `transfer_unknown`, `line_unknown`, `line_is_debit`, `other_account`, `line_returned`, `line_ignored`,
    `line_taken`, `amount_invalid`, `matched_already`.
    """
    report = PaymentReport.objects.get(ticket=ticket)
    transfers = {transfer.pk: transfer for transfer in current_transfers(report)}
    lines = {line.pk: line for line in StatementLine.objects.filter(merchant=by.merchant, pk__in=[c.line_id for c in choices])}
    # A corrected report has new transfers: what was reserved for the old ones is free again.
    stale = list(Match.objects.filter(transfer__report=report, state=Match.State.RESERVED).exclude(transfer__in=list(transfers)))
    lock_lines([*lines, *(match.line_id for match in stale)])
    release_all(stale)
    balances = lock_lines(lines)
    if IgnoredLine.objects.filter(line__in=lines, taken_back_at__isnull=True).exists():
        raise Refused(_("This movement was set aside as one that needs no report."), code="line_ignored")
    live = set(Match.objects.filter(transfer__in=list(transfers)).exclude(state="released").values_list("transfer_id", "line_id"))
    taken: dict[int, Decimal] = {}
    matches = []
    for choice in choices:
        transfer, line = transfers.get(choice.transfer_id), lines.get(choice.line_id)
        if transfer is None:
            raise Refused(_("This transfer is not part of the report as it stands now."), code="transfer_unknown")
        if line is None:
            raise Refused(_("This movement does not exist."), code="line_unknown")
        if (transfer.pk, line.pk) in live:
            raise Refused(_("This deposit is matched with this transfer already."), code="matched_already")
        live.add((transfer.pk, line.pk))
        shared = sum(each.line_id == line.pk for each in choices) > 1
        amount = amount_of(choice, transfer, line, balances[line.pk], taken.get(line.pk, Decimal(0)), shared)
        taken[line.pk] = taken.get(line.pk, Decimal(0)) + amount
        matches.append(Match(merchant=by.merchant, transfer=transfer, line=line, amount=amount, by=by.user))
    evidence = evidence_of_pairs(by.merchant, [(match.transfer_id, match.line_id) for match in matches])
    for match in matches:
        match.evidence = evidence.get((match.transfer_id, match.line_id), [])
    return Match.objects.bulk_create(matches)


def amount_of(
    choice: MatchChoice, transfer: Transfer, line: StatementLine, balance: LineBalance, taken: Decimal, shared: bool
) -> Decimal:
    """How much of the line the match takes; refuses what the line cannot give."""
    if line.amount < 0:
        raise Refused(_("This movement is money that left the account."), code="line_is_debit")
    if line.account_id != transfer.account_id:
        raise Refused(_("This movement is of another account than the one reported."), code="other_account")
    if balance.returned_at is not None:
        raise Refused(_("The bank returned this deposit; it pays nothing any more."), code="line_returned")
    free = balance.free - taken
    if free <= 0:
        raise Refused(
            _("This deposit has no money left: it is used in full by %(tickets)s.") % {"tickets": users_of(line)},
            code="line_taken",
        )
    amount = choice.amount
    if amount is None:
        amount = min(free, transfer.amount) if shared else free
    if amount <= 0 or amount != round(amount, minor_units(line.currency)):
        raise Refused(
            _("The amount taken from a deposit must be more than zero, in whole cents."),
            code="amount_invalid",
            fields=("amount",),
        )
    if amount > free:
        raise Refused(_("This deposit has only part of that amount left."), code="line_taken", fields=("amount",))
    return amount


def users_of(line: StatementLine) -> str:
    """Numbers of the tickets that hold money of a line, for a sentence to staff."""
    numbers = (
        Match.objects.filter(line=line)
        .exclude(state=Match.State.RELEASED)
        .order_by("transfer__report__ticket__number")
        .values_list("transfer__report__ticket__number", flat=True)
        .distinct()
    )
    return ", ".join(numbers) or "-"
