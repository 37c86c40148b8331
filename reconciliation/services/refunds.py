"""Paying out what a customer has in their favour: an entry from the credit to the debit of the bank that paid it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Customer, User
from accounts.selectors import recipients_of
from banking.money import AMOUNT_LIMIT, quantize
from letters.services import queue_letter
from orders.dates import today_at
from reconciliation.ledger import Movement, post, post_mirror
from reconciliation.limits import is_above_limit
from reconciliation.locks import lock_credit, lock_lines
from reconciliation.models import CreditBalance, IgnoredLine, LineBalance, Refund, Settlement, StatementLine
from reconciliation.services.refund_rates import Payout, value_payout
from reports.transfer_rules import shown

LONGEST_BANK_DATA = 400
LONGEST_NOTE = 400
State = Refund.State


@dataclass(frozen=True, kw_only=True)
class RefundOutcome:
    """`why_approval` names why a second person must sign: `above_limit`, `unconfirmed_line`; empty when it is done."""

    refund: Refund
    why_approval: tuple[str, ...] = ()


def request_refund(*, customer_id: int, currency: str, amount: Decimal, bank_data: str, note: str = "", by: Actor) -> Refund:
    """Note that so much of a customer's credit shall be paid out, and where to: a thing to do until its debit arrives.

    Moves nothing. Raises `NotAllowed`, `Http404`, `Refused`: `amount_invalid`, `no_credit`, `above_credit`, `bank_data_required`,
    `too_long`.
    """
    person = _person(by)
    bank_data = _words(bank_data, LONGEST_BANK_DATA, "bank_data")
    note = _words(note, LONGEST_NOTE, "note")
    if not bank_data:
        raise Refused(_("Write the account that the money shall be paid to."), code="bank_data_required", fields=("bank_data",))
    with transaction.atomic():
        customer = _customer(customer_id, by)
        credit = lock_credit(customer, currency)
        _check_amount(amount, currency)
        _check_credit(amount, credit, promised=_promised(customer, currency))
        return Refund.objects.create(
            merchant=by.merchant,
            customer=customer,
            state=State.TO_PAY,
            amount=amount,
            currency=currency,
            bank_data=bank_data,
            note=note,
            made_by=person,
        )


def refund_credit(
    *,
    customer_id: int,
    debit_line_id: int,
    amount: Decimal,
    currency: str = "",
    leaves: Decimal | None = None,
    note: str = "",
    refund_id: int | None = None,
    by: Actor,
) -> RefundOutcome:
    """Say that `amount` of this debit (in its currency) paid a customer's credit out; `refund_id` is what was noted before.

    Above the limit, or when who decides typed the debit and no file of the bank confirmed it, another person signs first. The
    credit is the one in `currency` (the debit's, when empty; the noted one, with `refund_id`); in another currency than the
    debit it goes down by `value_payout`, which must be `leaves` where the person was told.
    Raises `NotAllowed`, `Http404`, `Stale(wrong_state)`, `Refused`: `not_a_debit`,
    `debit_taken`, `line_ignored`, `amount_invalid`, `no_credit`, `above_credit`, `above_debit`, `other_currency` (no rate, or
    nothing in that currency), `rate_changed`, `too_long`, `period_closed`.
    """
    person = _person(by)
    note = _words(note, LONGEST_NOTE, "note")
    with transaction.atomic():
        customer, debit = _customer(customer_id, by), _debit(debit_line_id, by)
        known = _known(refund_id, customer, by) if refund_id is not None else None
        balance = lock_lines([debit.pk])[debit.pk]
        credit = lock_credit(customer, known.currency if known else currency or debit.currency)
        noted = _locked_row(known.pk, by, State.TO_PAY) if known else None
        _check_amount(amount, debit.currency)
        _check_debit(amount, debit, balance)
        _require_credit(credit)
        payout = value_payout(amount, debit, credit.currency, whole=[noted.amount] if noted else [credit.balance])
        _check_amount(payout.amount, credit.currency)
        _check_credit(payout.amount, credit)
        if leaves is not None and leaves != payout.amount:
            raise Refused(_("The rate changed meanwhile. Look at what leaves the credit now."), code="rate_changed")
        refund = noted or Refund(
            merchant=by.merchant, customer=customer, state=State.TO_PAY, currency=credit.currency, made_by=person
        )
        _note_payout(refund, payout)
        refund.debit_line, refund.prepared_by = debit, person
        refund.note = note or refund.note
        why = _why_approval(refund, debit, by)
        if why:
            refund.state = State.WAITING
            refund.save()
            return RefundOutcome(refund=refund, why_approval=why)
        _pay(refund, debit, credit, signed_by=None)
        return RefundOutcome(refund=refund)


def sign_refund(*, refund_id: int, by: Actor) -> RefundOutcome:
    """Sign what somebody else prepared: the entry is written. Raises what `refund_credit` does, and `Refused(same_person)`."""
    signer = _signer(by)
    with transaction.atomic():
        refund, debit, balance, credit = _lock(refund_id, by, State.WAITING)
        if refund.prepared_by_id == signer.pk:
            raise Refused(_("You prepared this refund: somebody else must sign it."), code="same_person")
        _check_debit(refund.paid_amount or refund.amount, debit, balance, but=refund)
        _check_credit(refund.amount, credit)
        _pay(refund, debit, credit, signed_by=signer)
        return RefundOutcome(refund=refund)


def drop_refund(*, refund_id: int, by: Actor) -> Refund:
    """It will not be paid, or is not signed. Raises `NotAllowed`, `Http404`, `Stale(wrong_state)`."""
    _person(by)
    with transaction.atomic():
        refund = _locked_row(refund_id, by, State.TO_PAY, State.WAITING)
        refund.state, refund.decided_at = State.DROPPED, timezone.now()
        refund.save(update_fields=["state", "decided_at"])
        return refund


def reverse_refund(*, refund_id: int, note: str, by: Actor) -> RefundOutcome:
    """Take a refund back: the customer has the credit again, the debit is unexplained. Above the limit another person signs.

    By senior accounting. Raises `NotAllowed`, `Http404`, `Stale(wrong_state)`, `Refused`: `note_required`, `period_closed`.
    """
    person = _signer(by)
    note = _words(note, LONGEST_NOTE, "note")
    if not note:
        raise Refused(_("Write why the refund does not hold."), code="note_required", fields=("note",))
    with transaction.atomic():
        refund, _debit_line, _balance, _credit = _lock(refund_id, by, State.PAID)
        refund.reversal_note, refund.reversal_asked_by = note, person
        if is_above_limit(by.merchant, refund.amount, refund.currency, today_at(by.merchant)):
            refund.state = State.REVERSING
            refund.save()
            return RefundOutcome(refund=refund, why_approval=("above_limit",))
        _take_back(refund, signed_by=None)
        return RefundOutcome(refund=refund)


def sign_refund_reversal(*, refund_id: int, by: Actor) -> RefundOutcome:
    """Sign the reversal that somebody else asked for. Raises `NotAllowed`, `Stale(wrong_state)`, `Refused(same_person)`."""
    signer = _signer(by)
    with transaction.atomic():
        refund, _debit_line, _balance, _credit = _lock(refund_id, by, State.REVERSING)
        if refund.reversal_asked_by_id == signer.pk:
            raise Refused(_("You asked for this reversal: somebody else must sign it."), code="same_person")
        _take_back(refund, signed_by=signer)
        return RefundOutcome(refund=refund)


def refuse_refund_reversal(*, refund_id: int, by: Actor) -> Refund:
    """Do not sign: the refund stands. Who asked may take the request back this way too."""
    _signer(by)
    with transaction.atomic():
        refund = _locked_row(refund_id, by, State.REVERSING)
        refund.state, refund.reversal_asked_by, refund.reversal_note = State.PAID, None, ""
        refund.save(update_fields=["state", "reversal_asked_by", "reversal_note"])
        return refund


# --- Who, and which rows ---------------------------------------------------------------------


def _person(by: Actor) -> User:
    if by.user is None or not by.can_decide:
        raise NotAllowed
    return by.user


def _signer(by: Actor) -> User:
    if by.user is None or not by.can_sign:
        raise NotAllowed
    return by.user


def _customer(customer_id: int, by: Actor) -> Customer:
    found = Customer.objects.select_related("merchant").filter(merchant=by.merchant, pk=customer_id).first()
    if found is None:
        raise Http404
    return found


def _debit(line_id: int, by: Actor) -> StatementLine:
    found = StatementLine.objects.select_related("confirmation").filter(merchant=by.merchant, pk=line_id).first()
    if found is None:
        raise Http404
    if found.amount >= 0:
        raise Refused(_("This movement is money that came in."), code="not_a_debit")
    return found


def _lock(refund_id: int, by: Actor, *states: State) -> tuple[Refund, StatementLine, LineBalance, CreditBalance]:
    """The line, the credit, then the refund as it is now: the house's order."""
    found = Refund.objects.filter(merchant=by.merchant, pk=refund_id).select_related("debit_line", "customer").first()
    if found is None:
        raise Http404
    if found.debit_line is None:
        raise _wrong_state(found)
    debit = found.debit_line
    balance, credit = lock_lines([debit.pk])[debit.pk], lock_credit(found.customer, found.currency)
    return _locked_row(refund_id, by, *states), debit, balance, credit


def _locked_row(refund_id: int, by: Actor, *states: State) -> Refund:
    rows = Refund.objects.select_for_update(of=("self",), no_key=True).select_related("customer__merchant")
    refund = rows.filter(merchant=by.merchant, pk=refund_id).first()
    if refund is None:
        raise Http404
    if refund.state not in states:
        raise _wrong_state(refund)
    return refund


def _wrong_state(refund: Refund) -> Stale:
    said = _("This refund was decided meanwhile; it is now: %(state)s.")
    return Stale(said % {"state": refund.get_state_display()}, code="wrong_state")


def _known(refund_id: int, customer: Customer, by: Actor) -> Refund:
    """What was noted before for this customer, not locked yet: its currency says which credit is."""
    found = Refund.objects.filter(merchant=by.merchant, customer=customer, pk=refund_id).first()
    if found is None:
        raise Http404
    return found


# --- What may be paid ------------------------------------------------------------------------


def _words(text: str, most: int, field: str) -> str:
    tidy = text.replace("\x00", "").strip()
    if len(tidy) > most:
        raise Refused(_("One of the texts is too long."), code="too_long", fields=(field,))
    return tidy


def _check_amount(amount: Decimal, currency: str) -> None:
    if not amount.is_finite() or not 0 < amount < AMOUNT_LIMIT or amount != quantize(amount, currency):
        raise Refused(_("The amount must be more than zero, in whole cents."), code="amount_invalid", fields=("amount",))


def _check_debit(amount: Decimal, debit: StatementLine, balance: LineBalance, *, but: Refund | None = None) -> None:
    """Refuse a debit that means something else, or has less left than that. Its balance is locked."""
    if balance.returned_at is not None:
        raise Refused(_("This debit takes back a deposit: it paid no refund."), code="debit_taken")
    if IgnoredLine.objects.filter(line=debit, taken_back_at__isnull=True).exists():
        raise Refused(_("This movement was set aside. Bring it back first."), code="line_ignored")
    waiting = Refund.objects.filter(debit_line=debit, state=State.WAITING)
    if but is not None:
        waiting = waiting.exclude(pk=but.pk)
    left = balance.free - (waiting.aggregate(sum=Sum("paid_amount"))["sum"] or Decimal(0))
    if amount > left:
        said = _("Only %(left)s of this movement are not explained yet.") % {"left": shown(left, debit.currency)}
        raise Refused(said, code="above_debit", fields=("amount",))


def _promised(customer: Customer, currency: str) -> Decimal:
    """What is noted to be paid out, and not yet."""
    noted = Refund.objects.filter(customer=customer, currency=currency, state__in=(State.TO_PAY, State.WAITING))
    return noted.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _require_credit(credit: CreditBalance) -> None:
    """Refuse an empty credit; where another one has something, say which."""
    if credit.balance <= 0:
        others = CreditBalance.objects.filter(customer=credit.customer_id, balance__gt=0).values_list("currency", flat=True)
        if others:
            said = _("The customer has nothing in their favour in %(currency)s, but in %(others)s. Choose that credit.")
            names = {"currency": credit.currency, "others": ", ".join(sorted(others))}
            raise Refused(said % names, code="other_currency", fields=("amount",))
        raise Refused(_("The customer has nothing in their favour."), code="no_credit", fields=("amount",))


def _check_credit(amount: Decimal, credit: CreditBalance, *, promised: Decimal = Decimal(0)) -> None:
    """Refuse more than the customer has in their favour, less what is `promised` already. The credit is locked."""
    _require_credit(credit)
    if amount > credit.balance - promised:
        said = _("The customer has only %(credit)s in their favour that nobody promised to pay out.")
        money = {"credit": shown(max(credit.balance - promised, Decimal(0)), credit.currency)}
        raise Refused(said % money, code="above_credit", fields=("amount",))


def _note_payout(refund: Refund, payout: Payout) -> None:
    """Both amounts and the rate between them: from here they stand."""
    refund.amount, refund.paid_amount, refund.paid_currency = payout.amount, payout.paid, payout.paid_currency
    if payout.rate is not None:
        refund.rate, refund.rate_date, refund.rate_source = payout.rate.rate, payout.rate.date, payout.rate.source


def _why_approval(refund: Refund, debit: StatementLine, by: Actor) -> tuple[str, ...]:
    why = []
    if is_above_limit(by.merchant, refund.amount, refund.currency, today_at(by.merchant)):
        why.append("above_limit")
    # Who types the debit could otherwise turn a customer's credit into an entry alone.
    if by.user is not None and debit.entered_by_id == by.user.pk and not debit.is_of_the_bank:
        why.append("unconfirmed_line")
    return tuple(why)


# --- Entries and letters ---------------------------------------------------------------------


def _pay(refund: Refund, debit: StatementLine, credit: CreditBalance, *, signed_by: User | None) -> None:
    settlement = Settlement.objects.create(
        merchant_id=refund.merchant_id,
        customer_id=refund.customer_id,
        kind=Settlement.Kind.REFUND,
        prepared_by=refund.prepared_by,
        signed_by=signed_by,
        needs_signature=signed_by is not None,
        note=refund.note,
    )
    movement = Movement(
        source=credit,
        target=debit,
        source_amount=refund.amount,
        target_amount=refund.paid_amount or refund.amount,
        target_currency=debit.currency,
        rate=refund.rate,
    )
    post(settlement=settlement, movements=[movement], booked_on=today_at(refund.customer.merchant))
    refund.state, refund.settlement, refund.signed_by, refund.decided_at = State.PAID, settlement, signed_by, timezone.now()
    refund.save()
    credit.refresh_from_db(fields=["balance"])
    _tell(refund, settlement, "credit_refunded", on=debit, left=credit.balance)


def _take_back(refund: Refund, *, signed_by: User | None) -> None:
    settlement = Settlement.objects.create(
        merchant_id=refund.merchant_id,
        customer_id=refund.customer_id,
        kind=Settlement.Kind.REVERSAL,
        reverses_id=refund.settlement_id,
        prepared_by=refund.reversal_asked_by,
        signed_by=signed_by,
        needs_signature=signed_by is not None,
        note=refund.reversal_note,
    )
    post_mirror(settlement=settlement, booked_on=today_at(refund.customer.merchant))
    refund.state, refund.reversal_signed_by, refund.decided_at = State.REVERSED, signed_by, timezone.now()
    refund.save()
    credit = CreditBalance.objects.get(customer=refund.customer_id, currency=refund.currency)
    _tell(refund, settlement, "refund_reversed", on=None, left=credit.balance)


def _tell(refund: Refund, settlement: Settlement, kind: str, *, on: StatementLine | None, left: Decimal) -> None:
    """A letter to the customer, once an entry."""
    context = {
        "amount": str(quantize(refund.amount, refund.currency)),
        "currency": refund.currency,
        "paid": str(quantize(refund.paid_amount or refund.amount, refund.paid_currency or refund.currency)),
        "paid_currency": refund.paid_currency or refund.currency,
        "rate": f"{refund.rate.normalize():f}" if refund.rate else "",
        "rate_on": refund.rate_date.isoformat() if refund.rate_date else "",
        "left": str(quantize(left, refund.currency)),
        "booked_on": on.booked_on.isoformat() if on else "",
        "reference": on.reference_raw if on else "",
    }
    queue_letter(
        merchant=refund.customer.merchant,
        kind=kind,
        about=f"refund:{refund.pk}",
        occasion=f"settlement:{settlement.pk}",
        recipients=recipients_of(refund.customer),
        context=context,
        customer=refund.customer,
    )
