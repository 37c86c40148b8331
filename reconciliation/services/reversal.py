"""Reversing what was settled: mirrored rows, orders open again, the deposit free again (or marked as returned by the bank)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import User
from orders.dates import today_at
from orders.services import note_payment
from reconciliation.choices import Outcome
from reconciliation.ledger import post_mirror
from reconciliation.limits import is_above_limit
from reconciliation.locks import lock_credit, lock_lines, lock_orders
from reconciliation.models import (
    CreditBalance,
    LedgerEntry,
    LineBalance,
    Match,
    ReturnedDeposit,
    ReversalRequest,
    Settlement,
)
from reconciliation.services.pairing import lock_pair, take_effect, undo_pair
from reports.models import PaymentReport
from tickets import services as tickets
from tickets.models import Reason, State, Ticket
from tickets.services.steps import find_reason, lock_ticket, required_note, wrong_state


@dataclass(frozen=True, kw_only=True)
class _Why:
    """What a reversal says: reason, words, whether the bank took the money back, and who answers for it."""

    reason: Reason
    note: str
    returned_by_bank: bool
    prepared_by: User
    signed_by: User | None


def reverse_settlement(*, ticket_id: int, reason_id: int, note: str, returned_by_bank: bool = False, by: Actor) -> Outcome:
    """Take back everything that was settled for a ticket; above the limit, ask for the second signature first.

    A verified ticket becomes `reversed`; one in review (settled in part) stays in review. If the credit that it created was
    spent, those uses are reversed too, newest first. Raises `NotAllowed` (senior accounting reverses), `Stale(wrong_state)`,
    `Refused`: `nothing_settled`, `reversal_open`, `reason_unknown`, `note_required`.
    """
    preparer = _person(by)
    with transaction.atomic():
        ticket = lock_ticket(by.merchant, ticket_id)
        if ticket.state not in (State.VERIFIED, State.IN_REVIEW):
            raise wrong_state(ticket)
        reason, note = find_reason(by.merchant, Reason.Kind.REVERSE, reason_id), required_note(note)
        settlements = _live_settlements(ticket)
        _refuse_second_request(ticket)
        if is_above(ticket, by):
            ReversalRequest.objects.create(
                merchant=by.merchant,
                ticket=ticket,
                reason=reason,
                note=note,
                returned_by_bank=returned_by_bank,
                requested_by=preparer,
            )
            return Outcome(kind="reversal_requested", ticket=ticket, why_approval=("above_limit",))
        why = _Why(reason=reason, note=note, returned_by_bank=returned_by_bank, prepared_by=preparer, signed_by=None)
        return _reverse(ticket, settlements, why, by)


def is_above(ticket: Ticket, by: Actor) -> bool:
    """Whether reversing the ticket needs two people."""
    report = PaymentReport.objects.get(ticket=ticket)
    return is_above_limit(by.merchant, _value(ticket), report.currency, today_at(by.merchant))


def reverse_for_return(*, ticket: Ticket, pair: ReturnedDeposit, needs_signature: bool, by: Actor) -> Outcome:
    """Reverse a ticket because the bank took its deposit back, or ask for the signature. Part of `return_deposit`, which holds
    the locks and has marked the deposit. Raises `Stale(wrong_state)`, `Refused(reversal_open)`.
    """
    preparer = _person(by)
    if ticket.state not in (State.VERIFIED, State.IN_REVIEW):
        raise wrong_state(ticket)
    settlements = _live_settlements(ticket)
    _refuse_second_request(ticket)
    if needs_signature:
        ReversalRequest.objects.create(
            merchant=by.merchant,
            ticket=ticket,
            reason=pair.reason,
            note=pair.note,
            returned_by_bank=True,
            returns=pair,
            requested_by=preparer,
        )
        return Outcome(kind="reversal_requested", ticket=ticket, why_approval=("above_limit",))
    why = _Why(reason=pair.reason, note=pair.note, returned_by_bank=False, prepared_by=preparer, signed_by=None)
    return _reverse(ticket, settlements, why, by)


def sign_reversal(*, request_id: int, by: Actor) -> Outcome:
    """Give the second signature to a reversal and carry it out. Never who asked for it: `Refused(same_person)`."""
    signer = _person(by)
    with transaction.atomic():
        ticket, request = _lock_request(request_id, by)
        if request.requested_by_id == signer.pk:
            raise Refused(_("You asked for this reversal: somebody else must sign it."), code="same_person")
        if ticket.state not in (State.VERIFIED, State.IN_REVIEW):
            raise wrong_state(ticket)
        if request.returns and not request.returns.is_live:
            raise Refused(_("The return of the deposit was undone meanwhile: do not sign this."), code="return_undone")
        request.signed_by, request.decided_at = signer, timezone.now()
        request.save(update_fields=["signed_by", "decided_at"])
        why = _Why(
            reason=request.reason,
            note=request.note,
            # A pair has marked its own deposit; other deposits of the ticket are free again.
            returned_by_bank=request.returned_by_bank and request.returns is None,
            prepared_by=request.requested_by,
            signed_by=signer,
        )
        outcome = _reverse(ticket, _live_settlements(ticket), why, by)
        if request.returns:
            take_effect(lock_pair(request.returns.pk))
        return outcome


def refuse_reversal(*, request_id: int, by: Actor) -> ReversalRequest:
    """Do not sign: the ticket stays verified, and a deposit that was to be returned is no more. Who asked may take the request
    back this way too.
    """
    signer = _person(by)
    with transaction.atomic():
        _ticket, request = _lock_request(request_id, by)
        request.signed_by = signer if signer.pk != request.requested_by_id else None
        request.decided_at, request.was_refused = timezone.now(), True
        request.save(update_fields=["signed_by", "decided_at", "was_refused"])
        if request.returns:
            pair = lock_pair(request.returns.pk)
            if pair.is_live:
                undo_pair(pair, signer)
        return request


def _person(by: Actor) -> User:
    if by.user is None or not by.can_sign:
        raise NotAllowed
    return by.user


def _refuse_second_request(ticket: Ticket) -> None:
    if ReversalRequest.objects.filter(ticket=ticket, decided_at__isnull=True).exists():
        raise Refused(_("This reversal waits for its second signature already."), code="reversal_open")


def _lock_request(request_id: int, by: Actor) -> tuple[Ticket, ReversalRequest]:
    """The ticket first, then its request as it is now."""
    requests = ReversalRequest.objects.select_related("reason", "requested_by", "returns").filter(
        merchant=by.merchant, pk=request_id
    )
    found = requests.values_list("ticket_id", flat=True).first()
    if found is None:
        raise Http404
    ticket = lock_ticket(by.merchant, found)
    request = requests.get()
    if request.decided_at is not None:
        raise Stale(_("This reversal was decided already."), code="wrong_state")
    return ticket, request


def _live_settlements(ticket: Ticket) -> list[Settlement]:
    settlements = list(
        Settlement.objects.filter(ticket=ticket, kind=Settlement.Kind.DEPOSIT, reversed_by__isnull=True).order_by("pk")
    )
    if not settlements:
        raise Refused(_("Nothing of this report is settled."), code="nothing_settled")
    return settlements


def _value(ticket: Ticket) -> Decimal:
    """What was booked to orders and credit for the ticket and still stands, in the report's currency."""
    entries = LedgerEntry.objects.filter(
        settlement__ticket=ticket, reverses__isnull=True, reversed_by__isnull=True, target_adjustment__isnull=True
    )
    return entries.aggregate(sum=Sum("target_amount"))["sum"] or Decimal(0)


def _reverse(ticket: Ticket, settlements: Sequence[Settlement], why: _Why, by: Actor) -> Outcome:
    """Lock in the house's order, mirror the uses of the credit first (so that it is there again), then the settlements."""
    report = PaymentReport.objects.select_related("customer").get(ticket=ticket)
    entries = LedgerEntry.objects.filter(settlement__in=settlements)
    line_ids = set(entries.exclude(source_line=None).values_list("source_line_id", flat=True))
    lock_lines(line_ids)
    credit = lock_credit(report.customer, report.currency)
    spent = _spent_uses(credit, list(entries))
    undone = [*spent, *settlements]
    orders = LedgerEntry.objects.filter(settlement__in=undone, target_order__isnull=False)
    order_ids = set(orders.values_list("target_order_id", flat=True))
    lock_orders(order_ids)
    Match.objects.filter(settlement__in=settlements, state=Match.State.SETTLED).update(
        state=Match.State.RELEASED, released_at=timezone.now()
    )
    today = today_at(by.merchant)
    mirrors = []
    for settlement in undone:
        mirrors.append(_mirror_of(settlement, why))
        post_mirror(settlement=mirrors[-1], booked_on=today)
    if why.returned_by_bank:
        LineBalance.objects.filter(pk__in=line_ids, returned_at__isnull=True).update(returned_at=timezone.now())
    note_payment(order_ids=order_ids, paid_on=today, by=by)
    if ticket.state == State.VERIFIED:
        ticket = tickets.reverse(ticket_id=ticket.pk, reason_id=why.reason.pk, note=why.note, by=by)
    return Outcome(kind="reversed", ticket=ticket, settlements=mirrors, sentences=_sentences(spent))


def _spent_uses(credit: CreditBalance, entries: Sequence[LedgerEntry]) -> list[Settlement]:
    """Uses of the credit to be reversed with it: the newest, as many as it takes until the balance covers what goes back."""
    goes_back = sum((entry.target_amount for entry in entries if entry.target_credit_id == credit.pk), Decimal(0))
    lacking = goes_back - credit.balance
    uses: list[Settlement] = []
    if lacking <= 0:
        return uses
    candidates = (
        Settlement.objects.filter(
            customer=credit.customer_id, kind=Settlement.Kind.CREDIT_USE, reversed_by__isnull=True, entries__source_credit=credit
        )
        .annotate(used=Sum("entries__source_amount"))
        .order_by("-pk")
    )
    for use in candidates:
        if lacking <= 0:
            break
        uses.append(use)
        lacking -= use.used
    if lacking > 0:
        raise Refused(
            _("The credit that this payment left was spent otherwise; that must be taken back first."), code="credit_gone"
        )
    return uses


def _mirror_of(settlement: Settlement, why: _Why) -> Settlement:
    return Settlement.objects.create(
        merchant_id=settlement.merchant_id,
        customer_id=settlement.customer_id,
        kind=Settlement.Kind.REVERSAL,
        ticket_id=settlement.ticket_id,
        transfer_id=settlement.transfer_id,
        reverses=settlement,
        prepared_by=why.prepared_by,
        signed_by=why.signed_by,
        needs_signature=why.signed_by is not None,
        reason=why.reason,
        note=why.note,
    )


def _sentences(spent: Sequence[Settlement]) -> list[str]:
    if not spent:
        return []
    return [_("Uses of the credit that were reversed too: %(count)d.") % {"count": len(spent)}]
