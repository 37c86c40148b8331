"""Deposits that the bank took back: a debit is paired with the deposit, and what the deposit had settled is reversed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import User
from orders.dates import today_at
from reconciliation.closed import require_open
from reconciliation.limits import is_above_limit
from reconciliation.locks import lock_credits, lock_lines, lock_orders
from reconciliation.models import (
    IgnoredLine,
    LedgerEntry,
    LineBalance,
    Refund,
    ReturnedDeposit,
    ReversalRequest,
    Settlement,
    StatementLine,
)
from reconciliation.services.pairing import lock_pair, take_effect, undo_pair
from reconciliation.services.reversal import is_above, reverse_for_return
from tickets.models import Reason, Ticket
from tickets.services.steps import find_reason, lock_ticket, required_note

# A bank takes a transfer back within days; two months is far beyond, and no more than people search through.
MOST_DAYS = 60
State = ReturnedDeposit.State


@dataclass(frozen=True, kw_only=True)
class ReturnOutcome:
    """`pair` as it stands; `tickets` are those that the deposit paid: reversed, or (`waits`) to be reversed when signed."""

    pair: ReturnedDeposit
    tickets: Sequence[Ticket]

    @property
    def waits(self) -> bool:
        return self.pair.state == State.WAITING


def return_deposit(*, debit_line_id: int, deposit_line_id: int, reason_id: int, note: str, by: Actor) -> ReturnOutcome:
    """Say that this debit of the bank takes that deposit back, whole. What the deposit settled is reversed; above the limit every
    reversal waits for its second signature, and the return takes effect with the last one. From now on the deposit pays nothing.

    By accounting; once the deposit paid something by who may reverse. Raises `NotAllowed`, `Http404`, `Stale`: `wrong_state`,
    `line_changed`; `Refused`: `not_a_debit`, `not_a_deposit`, `other_account`, `other_amount`, `too_old`, `debit_taken`,
    `deposit_taken`, `debit_used`, `deposit_reserved`, `line_ignored`, `needs_senior`, `reversal_open`, `reason_unknown`,
    `note_required`, `period_closed`.
    """
    person = _person(by)
    with transaction.atomic():
        debit, deposit = _line(debit_line_id, by), _line(deposit_line_id, by)
        _refuse_misfit(debit, deposit)
        holders = [lock_ticket(by.merchant, pk) for pk in sorted(_holders(deposit))]
        balances = lock_lines([debit.pk, deposit.pk, *_lines_of(holders)])
        if _holders(deposit) != {ticket.pk for ticket in holders}:
            raise Stale(_("Somebody used this deposit just now. Look at it again."), code="line_changed")
        reason, note = find_reason(by.merchant, Reason.Kind.REVERSE, reason_id), required_note(note)
        _refuse_taken(debit, deposit, balances)
        if holders and not by.can_sign:
            raise Refused(_("This deposit paid something: only senior accounting may take that back."), code="needs_senior")
        today = today_at(by.merchant)
        require_open(by.merchant, today)
        pair = ReturnedDeposit.objects.create(
            merchant=by.merchant,
            debit_line=debit,
            deposit_line=deposit,
            state=State.WAITING if holders else State.RETURNED,
            reason=reason,
            note=note,
            was_marked=balances[deposit.pk].returned_at is not None,
            made_by=person,
            effective_on=None if holders else today,
        )
        _reverse_all(holders, pair, balances[deposit.pk], by)
        take_effect(pair)
        return ReturnOutcome(pair=pair, tickets=holders)


def undo_return(*, return_id: int, by: Actor) -> ReturnedDeposit:
    """The pair was wrong: the debit is unexplained again and the deposit free. What was reversed stays so, and is reopened by
    its ticket. By senior accounting, or who made the pair.

    Raises `NotAllowed`, `Http404`, `Stale(wrong_state)`, `Refused(period_closed)` once the month of the return is closed.
    """
    person = _person(by)
    with transaction.atomic():
        found = ReturnedDeposit.objects.filter(merchant=by.merchant, pk=return_id).first()
        if found is None:
            raise Http404
        by.require(by.can_sign or found.made_by_id == person.pk)
        waiting = ReversalRequest.objects.filter(returns=found, decided_at__isnull=True)
        for ticket_id in sorted(waiting.values_list("ticket_id", flat=True)):
            lock_ticket(by.merchant, ticket_id)
        pair = lock_pair(found.pk)
        if not pair.is_live:
            raise Stale(_("This return was undone already."), code="wrong_state")
        require_open(by.merchant, pair.effective_on or today_at(by.merchant))
        waiting.update(decided_at=timezone.now(), was_refused=True)
        undo_pair(pair, person)
        return pair


def _person(by: Actor) -> User:
    if by.user is None or not by.can_decide:
        raise NotAllowed
    return by.user


def _line(line_id: int, by: Actor) -> StatementLine:
    found = StatementLine.objects.filter(merchant=by.merchant, pk=line_id).first()
    if found is None:
        raise Http404
    return found


def _refuse_misfit(debit: StatementLine, deposit: StatementLine) -> None:
    """What lines say for ever: which account, how much, when."""
    if debit.amount >= 0:
        raise Refused(_("This movement is money that came in."), code="not_a_debit")
    if deposit.amount <= 0:
        raise Refused(_("This movement is money that left the account."), code="not_a_deposit", fields=("deposit",))
    if deposit.account_id != debit.account_id:
        raise Refused(_("The deposit came into another account."), code="other_account", fields=("deposit",))
    if deposit.amount != -debit.amount:
        raise Refused(_("The bank returns a deposit whole: the amounts differ."), code="other_amount", fields=("deposit",))
    if not 0 <= (debit.booked_on - deposit.booked_on).days <= MOST_DAYS:
        raise Refused(
            _("A deposit is returned within %(days)d days after it came.") % {"days": MOST_DAYS},
            code="too_old",
            fields=("deposit",),
        )


def _holders(deposit: StatementLine) -> set[int]:
    """Tickets for which money of the deposit stands."""
    entries = LedgerEntry.objects.filter(source_line=deposit, reverses__isnull=True, reversed_by__isnull=True)
    return set(entries.values_list("settlement__ticket_id", flat=True))


def _live_of(holders: Iterable[Ticket]) -> Sequence[int]:
    live = Settlement.objects.filter(ticket__in=list(holders), kind=Settlement.Kind.DEPOSIT, reversed_by__isnull=True)
    return list(live.values_list("pk", flat=True))


def _lines_of(holders: Sequence[Ticket]) -> set[int]:
    """Every line that reversing these tickets moves: locked at once, in the house's order, before the first is reversed."""
    entries = LedgerEntry.objects.filter(settlement__in=_live_of(holders), source_line__isnull=False)
    return set(entries.values_list("source_line_id", flat=True))


def _refuse_taken(debit: StatementLine, deposit: StatementLine, balances: dict[int, LineBalance]) -> None:
    """What became of the two lines meanwhile; they are locked."""
    live = ReturnedDeposit.objects.exclude(state=State.UNDONE)
    if live.filter(debit_line=debit).exists():
        raise Refused(_("This debit takes back a deposit already."), code="debit_taken")
    if live.filter(deposit_line=deposit).exists():
        raise Refused(_("The bank took this deposit back already."), code="deposit_taken", fields=("deposit",))
    refunds = Refund.objects.filter(debit_line=debit, state=Refund.State.WAITING)
    if balances[debit.pk].allocated or refunds.exists():
        raise Refused(_("This debit paid a refund: it returns no deposit."), code="debit_used")
    if balances[deposit.pk].reserved:
        raise Refused(
            _("This deposit is reserved for a report that waits for its second signature. Send that back first."),
            code="deposit_reserved",
            fields=("deposit",),
        )
    ignored = IgnoredLine.objects.filter(Q(line=debit) | Q(line=deposit), taken_back_at__isnull=True)
    if ignored.exists():
        raise Refused(_("One of the two movements was set aside. Bring it back first."), code="line_ignored")


def _reverse_all(holders: Sequence[Ticket], pair: ReturnedDeposit, balance: LineBalance, by: Actor) -> None:
    """Reverse what the deposit paid, or ask for all of the signatures when one of them is needed."""
    if not holders:
        return
    today = today_at(by.merchant)
    needs_signature = any(is_above(ticket, by) for ticket in holders) or is_above_limit(
        by.merchant, balance.allocated, pair.deposit_line.currency, today
    )
    if not needs_signature and len(holders) > 1:
        _lock_what_follows(holders, by)
    for ticket in holders:
        reverse_for_return(ticket=ticket, pair=pair, needs_signature=needs_signature, by=by)


def _lock_what_follows(holders: Sequence[Ticket], by: Actor) -> None:
    """Credit and orders of all the tickets, before the first of them is reversed: uses of the credit go with it."""
    entries = LedgerEntry.objects.filter(settlement__in=_live_of(holders))
    credits = {
        (ticket.customer_id, currency)
        for ticket in holders
        for currency in set(entries.values_list("target_currency", flat=True))
    }
    lock_credits(by.merchant, credits)
    spent = LedgerEntry.objects.filter(
        customer__in={ticket.customer_id for ticket in holders},
        settlement__kind=Settlement.Kind.CREDIT_USE,
        reversed_by__isnull=True,
    )
    orders = (entries | spent).filter(target_order__isnull=False)
    lock_orders(orders.values_list("target_order_id", flat=True))
