"""Settling: reserved deposits become entries that pay orders, what is left becomes credit, and the ticket is verified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import User
from banking.money import format_money, minor_units, quantize
from orders.dates import today_at
from orders.models import Order
from orders.services import note_payment
from reconciliation.choices import AdjustmentChoice, MatchChoice, Outcome
from reconciliation.distribution import TooFine, pair
from reconciliation.ledger import Movement, post
from reconciliation.limits import TOLERANCE, is_above_limit
from reconciliation.locks import lock_credit, lock_lines, lock_orders
from reconciliation.models import Adjustment, ApprovalRequest, CreditBalance, LedgerEntry, Match, ReversalRequest, Settlement
from reconciliation.plan import Plan, TransferPlan, draw_plan, settled_transfers, signed, vouchers_of, wants_of
from reconciliation.services.matching import current_transfers, reserve
from reconciliation.services.standing import lock_decidable
from reconciliation.services.vouchers import book_vouchers, require_unused
from reports.models import PaymentReport, ReportRevision, Transfer
from tickets import services as tickets
from tickets.models import State, Ticket


def verify_report(
    *,
    ticket_id: int,
    choices: Sequence[MatchChoice] = (),
    adjustments: Sequence[AdjustmentChoice] = (),
    missing: Sequence[int] = (),
    note: str = "",
    by: Actor,
) -> Outcome:
    """Match and settle in one act, or reserve and ask for a second signature: see `why_approval`.

    Raises `Refused` as `reserve` and `draw_plan` do, `Stale(wrong_state)`.
    """
    by.require(by.can_decide)
    with transaction.atomic():
        ticket = lock_decidable(ticket_id, by)
        if choices:
            reserve(ticket, choices, by=by)
        return _decide(ticket, adjustments=adjustments, missing=missing, note=note, by=by)


def settle(
    *,
    ticket_id: int,
    adjustments: Sequence[AdjustmentChoice] = (),
    missing: Sequence[int] = (),
    note: str = "",
    by: Actor,
) -> Outcome:
    """Settle what is matched already; as `verify_report` without new matches."""
    return verify_report(ticket_id=ticket_id, adjustments=adjustments, missing=missing, note=note, by=by)


def _decide(ticket: Ticket, *, adjustments: Sequence[AdjustmentChoice], missing: Sequence[int], note: str, by: Actor) -> Outcome:
    """Settle, or ask for the second signature."""
    if ReversalRequest.objects.filter(ticket=ticket, decided_at__isnull=True).exists():
        raise Refused(_("A reversal of this report waits for its second signature. Decide that first."), code="reversal_open")
    _check_adjustments(adjustments)
    plan = lock_and_plan(ticket, adjustments, missing)
    _check_tolerance(plan, adjustments, by)
    require_unused(plan)
    reasons = why_approval(plan, by.user)
    if not reasons:
        return carry_out(ticket, plan, note=note, prepared_by=by.user, signed_by=None, by=by)
    if by.user is None:
        raise Refused(_("This report needs two people."), code="needs_people")
    ApprovalRequest.objects.create(
        merchant=by.merchant,
        ticket=ticket,
        adjustments=[choice.as_json() for choice in adjustments],
        missing=sorted(missing),
        note=note,
        prepared_by=by.user,
    )
    ticket = tickets.request_approval(ticket_id=ticket.pk, note=note, by=by)
    return Outcome(kind="awaiting_approval", ticket=ticket, why_approval=reasons)


def lock_and_plan(ticket: Ticket, adjustments: Sequence[AdjustmentChoice], missing: Sequence[int]) -> Plan:
    """Lock everything that settling this ticket touches, in the house's order, and work the plan out on what is true now."""
    report = PaymentReport.objects.select_related("customer", "merchant").get(ticket=ticket)
    decided = settled_transfers(report)
    transfers = [transfer for transfer in current_transfers(report) if transfer.pk not in decided]
    reserved = Match.objects.filter(transfer__in=transfers, state=Match.State.RESERVED)
    lock_lines(reserved.values_list("line_id", flat=True))
    matches = list(reserved.select_related("line__confirmation").order_by("pk"))
    lock_credit(report.customer, report.currency)
    wants = wants_of(report)
    orders = lock_orders(order_id for order_id, _wanted in wants)
    return draw_plan(
        report=report,
        transfers=transfers,
        matches=matches,
        orders=orders,
        wants=wants,
        adjustments=adjustments,
        missing=frozenset(missing),
        vouchers=vouchers_of(report),
    )


def carry_out(ticket: Ticket, plan: Plan, *, note: str, prepared_by: User | None, signed_by: User | None, by: Actor) -> Outcome:
    """Write the settlements and entries of a plan, stamp the orders, and verify the ticket when every transfer is decided."""
    credit = lock_credit(plan.report.customer, plan.report.currency)
    settlements, sentences = [], sentences_of(plan)
    decided: list[tuple[Transfer, TransferPlan | None]] = [(each.transfer, each) for each in plan.transfers]
    for transfer, each in [*decided, *((transfer, None) for transfer in plan.missing)]:
        settlement = Settlement.objects.create(
            merchant=by.merchant,
            customer=plan.report.customer,
            kind=Settlement.Kind.DEPOSIT,
            ticket=ticket,
            transfer=transfer,
            prepared_by=prepared_by,
            signed_by=signed_by,
            needs_signature=signed_by is not None,
            note=note,
        )
        settlements.append(settlement)
        if each is not None:
            _book(settlement, each, plan, credit, by)
    book_vouchers(settlements[-1], plan, credit, by)
    paid_on = max((match.line.booked_on for each in plan.transfers for match in each.matches), default=today_at(by.merchant))
    note_payment(order_ids=plan.applied, paid_on=paid_on, by=by)
    if plan.undecided:
        if ticket.state == State.AWAITING_APPROVAL:
            said = _("Signed and settled in part: other transfers are open.")
            ticket = tickets.send_back(ticket_id=ticket.pk, note=said, by=by)
        return Outcome(kind="partly_settled", ticket=ticket, settlements=settlements, sentences=sentences)
    applied, in_favour = _applied(ticket, plan.report.currency)
    ticket = tickets.verify(
        ticket_id=ticket.pk,
        note="\n".join([*filter(None, [note.strip()]), *sentences]),
        applied=applied,
        credit={"amount": str(in_favour), "currency": plan.report.currency} if in_favour > 0 else None,
        by=by,
    )
    return Outcome(kind="verified", ticket=ticket, settlements=settlements, sentences=sentences)


def _applied(ticket: Ticket, currency: str) -> tuple[list[dict[str, str]], Decimal]:
    """What all settlements of the ticket did, for the letter: by order with what it still owes, and the sum of credit."""
    orders = (
        Order.objects.with_balance()
        .filter(entries_in__settlement__ticket=ticket)
        .annotate(applied=Sum(signed("entries_in__")))
        .filter(applied__gt=0)
        .order_by("due_on", "pk")
    )
    rows = [
        {
            "order": order.number,
            "amount": str(quantize(order.applied, currency)),  # type: ignore[attr-defined]
            "currency": currency,
            "left": str(quantize(order.amount_due, currency)),
        }
        for order in orders
    ]
    entries = LedgerEntry.objects.filter(settlement__ticket=ticket, target_credit__isnull=False)
    return rows, quantize(entries.aggregate(sum=Sum(signed()))["sum"] or Decimal(0), currency)


def _book(settlement: Settlement, each: TransferPlan, plan: Plan, credit: CreditBalance, by: Actor) -> None:
    """Entries of one transfer: its deposits over its shares, then each named difference."""
    # Reserved turns settled first: a line's used and reserved money together never exceed it, not even for a moment.
    Match.objects.filter(pk__in=[match.pk for match in each.matches]).update(state=Match.State.SETTLED, settlement=settlement)
    currency = plan.report.currency
    movements = deposit_movements(each, currency, credit)
    made: dict[int, Adjustment] = {}
    for choice, share in each.added_shares:
        named = made.get(id(choice)) or made.setdefault(id(choice), _name(settlement, choice, currency))
        movements.append(
            Movement(
                source=named,
                target_order_id=share.order_id,
                target=credit if share.order_id is None else None,
                source_amount=share.amount,
                target_amount=share.amount,
                target_currency=currency,
            )
        )
    for match, choice in (*each.taken, *each.surcharges):
        named = _name(settlement, choice, match.line.currency)
        movements.append(
            Movement(
                source=match.line,
                target=named,
                source_amount=choice.amount,
                target_amount=choice.amount,
                target_currency=named.currency,
            )
        )
    post(settlement=settlement, movements=movements, booked_on=today_at(by.merchant))


def deposit_movements(each: TransferPlan, currency: str, credit: CreditBalance) -> list[Movement]:
    """The deposits of one transfer laid over its shares; `currency` is the report's. Raises `Refused(too_fine)`."""
    lines = [match.line for match, _amount in each.deposits]
    try:
        pieces = pair(
            [amount for _match, amount in each.deposits],
            [share.amount for share in each.shares],
            source_currency=each.transfer.currency,
            target_currency=currency,
        )
    except TooFine as error:
        raise Refused(_("This deposit is too small to be divided over these orders."), code="too_fine") from error
    return [
        Movement(
            source=lines[piece.deposit],
            target_order_id=each.shares[piece.share].order_id,
            target=credit if each.shares[piece.share].order_id is None else None,
            source_amount=piece.source_amount,
            target_amount=piece.target_amount,
            target_currency=currency,
            rate=each.transfer.rate if each.transfer.currency != currency else None,
        )
        for piece in pieces
    ]


def _name(settlement: Settlement, choice: AdjustmentChoice, currency: str) -> Adjustment:
    return Adjustment.objects.create(
        merchant_id=settlement.merchant_id,
        customer_id=settlement.customer_id,
        settlement=settlement,
        kind=choice.kind,
        amount=choice.amount,
        currency=currency,
        note=choice.note.strip(),
    )


def _check_adjustments(adjustments: Sequence[AdjustmentChoice]) -> None:
    for choice in adjustments:
        if choice.kind not in Adjustment.Kind.values or choice.kind == Adjustment.Kind.SURCHARGE:
            raise Refused(_("This kind of difference does not exist."), code="adjustment_unknown", fields=("adjustment_kind",))
        if not choice.note.strip():
            raise Refused(_("Write why the amounts differ."), code="adjustment_needs_note", fields=("adjustment_note",))
        _require_cents(choice.amount, 2)


def _require_cents(amount: Decimal, units: int) -> None:
    if not amount.is_finite() or amount <= 0 or amount != round(amount, units):
        raise Refused(
            _("A difference must be more than zero, in whole cents."), code="adjustment_invalid", fields=("adjustment_amount",)
        )


def _check_tolerance(plan: Plan, adjustments: Sequence[AdjustmentChoice], by: Actor) -> None:
    """Small differences are accounting's; larger ones and gifts (discount, withholding) a senior's; never more than declared."""
    total = Decimal(0)
    for each in plan.transfers:
        units = minor_units(each.transfer.currency)
        for _match, choice in each.taken:
            _require_cents(choice.amount, units)
        for choice in each.added:
            _require_cents(choice.amount, minor_units(plan.report.currency))
        total += sum((choice.amount for choice in each.added), Decimal(0))
        taken = sum((choice.amount for _match, choice in each.taken), Decimal(0))
        total += taken if each.transfer.rate is None else taken / each.transfer.rate
    if total > plan.declared:
        raise Refused(_("The difference is larger than the payment."), code="adjustment_too_large", fields=("adjustment_amount",))
    gifts = any(choice.kind not in (Adjustment.Kind.BANK_FEE, Adjustment.Kind.ROUNDING) for choice in adjustments)
    if not by.can_sign and (gifts or total > plan.declared * TOLERANCE):
        raise Refused(
            _("Only senior accounting may book a difference of more than %(percent)s %% of the payment.")
            % {"percent": int(TOLERANCE * 100)},
            code="adjustment_above_tolerance",
            fields=("adjustment_amount",),
        )


def why_approval(plan: Plan, decider: User | None) -> list[str]:
    """Reasons for a second signature: empty when `decider` may decide alone.

    `above_limit`, `other_amount` than declared, `missing` (a transfer decided without money), `registered_by_self` (the decider
    wrote the report or a correction), `unconfirmed_line` (the decider typed a deposit, and no file of the bank confirmed it).
    """
    report = plan.report
    transfers = Transfer.objects.filter(report=report, until_revision__isnull=True)
    whole = sum((transfer.value for transfer in transfers), plan.withheld)
    return reasons_to_sign(plan, decider, whole=whole, wrote=decider is not None and _wrote(report, decider))


def reasons_to_sign(
    plan: Plan, decider: User | None, *, whole: Decimal, wrote: bool, is_above: Callable[..., bool] = is_above_limit
) -> list[str]:
    """`why_approval`, given what it asks the database for: `whole` is what the report declares, `wrote` whether the decider
    wrote it. `is_above` answers as `is_above_limit`.
    """
    report = plan.report
    day = plan.transfers[0].transfer.paid_on if plan.transfers else today_at(report.merchant)
    reasons = []
    if is_above(report.merchant, max(whole, plan.verified), report.currency, day):
        reasons.append("above_limit")
    if plan.is_another_amount:
        reasons.append("other_amount")
    if plan.missing:
        reasons.append("missing")
    # Who writes the report and the deposit could otherwise invent a payment alone.
    if wrote:
        reasons.append("registered_by_self")
    lines = [match.line for each in plan.transfers for match in each.matches]
    if decider is not None and any(line.entered_by_id == decider.pk and not line.is_of_the_bank for line in lines):
        reasons.append("unconfirmed_line")
    return reasons


def _wrote(report: PaymentReport, person: User) -> bool:
    return report.created_by_id == person.pk or ReportRevision.objects.filter(report=report, by=person).exists()


def sentences_of(plan: Plan) -> list[str]:
    """What staff should know beyond “verified”, in the language that is active."""
    language = translation.get_language() or "es"
    said = []
    for order in plan.gone:
        if order.voided_at:
            said.append(_("Order %(order)s is void; its share is in the customer's favour.") % {"order": order.number})
        else:
            said.append(_("Order %(order)s needed less by now; the rest is in the customer's favour.") % {"order": order.number})
    if plan.credit > 0:
        money = format_money(plan.credit, plan.report.currency, language)
        said.append(_("To the customer's credit: %(amount)s.") % {"amount": money})
    return said
