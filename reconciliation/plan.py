"""What settling a report would do, worked out on rows that the caller has locked: shown, checked against limits, then written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, F, Sum, When
from django.utils.translation import gettext as _

from accounts.errors import Refused
from banking.money import quantize
from orders.models import Order
from reconciliation.choices import AdjustmentChoice
from reconciliation.distribution import Share, TooFine, shares_of, split
from reconciliation.models import LedgerEntry, Match, Settlement
from reports.models import Allocation, PaymentReport, Transfer, Withholding, worth


@dataclass(kw_only=True)
class TransferPlan:
    """One transfer's money. `deposits` pair a match with what of it is the customer's (line's currency); `value` is their worth,
    `added` what named differences add, both in the report's currency. `shares` and `added_shares` say where each goes.
    `surcharges` are what of each line is the method's surcharge, as declared: no difference that anybody named.
    """

    transfer: Transfer
    matches: list[Match]
    deposits: list[tuple[Match, Decimal]] = field(default_factory=list)
    taken: list[tuple[Match, AdjustmentChoice]] = field(default_factory=list)
    surcharges: list[tuple[Match, AdjustmentChoice]] = field(default_factory=list)
    value: Decimal = Decimal(0)
    added: list[AdjustmentChoice] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    added_shares: list[tuple[AdjustmentChoice, Share]] = field(default_factory=list)

    @property
    def money(self) -> Decimal:
        """What its deposits brought, in the line's currency."""
        return sum((match.amount for match in self.matches), Decimal(0))


@dataclass(kw_only=True)
class Plan:
    """Every transfer that is decided by this act. `gone` are orders that can no longer take what was meant for them.

    `vouchers` are the report's withholding vouchers with where each goes: counted by the act that decides the last transfer.
    """

    report: PaymentReport
    transfers: list[TransferPlan]
    missing: list[Transfer]
    undecided: list[Transfer]
    orders: dict[int, Order]
    gone: list[Order] = field(default_factory=list)
    vouchers: list[tuple[Withholding, list[Share]]] = field(default_factory=list)

    @property
    def credit(self) -> Decimal:
        """What goes to the customer's credit, in the report's currency."""
        return sum((share.amount for share in self._shares() if share.order_id is None), Decimal(0))

    @property
    def applied(self) -> dict[int, Decimal]:
        """Order → amount."""
        totals: dict[int, Decimal] = {}
        for share in self._shares():
            if share.order_id is not None:
                totals[share.order_id] = totals.get(share.order_id, Decimal(0)) + share.amount
        return totals

    def _shares(self) -> list[Share]:
        own = [share for each in self.transfers for share in (*each.shares, *(added for _choice, added in each.added_shares))]
        return own + [share for _voucher, shares in self.vouchers for share in shares]

    @property
    def withheld(self) -> Decimal:
        """What the vouchers come to that this act counts."""
        return sum((voucher.amount for voucher, _shares in self.vouchers), Decimal(0))

    @property
    def declared(self) -> Decimal:
        """What the customer declared of these transfers, in the report's currency."""
        return sum((each.value for each in (*(plan.transfer for plan in self.transfers), *self.missing)), Decimal(0))

    @property
    def verified(self) -> Decimal:
        """What is booked for them: deposits, named differences and vouchers."""
        return self.credit + sum(self.applied.values(), Decimal(0))

    @property
    def is_another_amount(self) -> bool:
        """Whether more or less than declared is booked. Without named differences the deposits must agree to the cent."""
        if any(plan.added or plan.taken for plan in self.transfers):
            return self.verified - self.withheld != self.declared
        return any(plan.money != plan.transfer.amount for plan in self.transfers)


def signed(path: str = "") -> Case:
    """The target amount of an entry with its sign: mirrored rows count against. `path` leads to the entry."""
    amount = F(f"{path}target_amount")
    return Case(When(**{f"{path}reverses__isnull": True}, then=amount), default=-amount)


def wants_of(report: PaymentReport) -> list[tuple[int, Decimal]]:
    """What the report still gives to each order, oldest due first: allocations less what its earlier settlements paid."""
    allocations = (
        Allocation.objects.filter(report=report, until_revision__isnull=True)
        .order_by("order__due_on", "order_id")
        .values_list("order_id", "amount")
    )
    paid = dict(
        LedgerEntry.objects.filter(settlement__ticket=report.ticket_id, target_order__isnull=False)
        .values_list("target_order_id")
        .annotate(paid=Sum(signed()))
    )
    return [(order_id, max(Decimal(0), amount - paid.get(order_id, Decimal(0)))) for order_id, amount in allocations]


def vouchers_of(report: PaymentReport) -> list[Withholding]:
    """The withholding vouchers that the report names now, in its order."""
    return list(
        Withholding.objects.filter(report=report, until_revision__isnull=True).select_related("kind").order_by("position")
    )


def settled_transfers(report: PaymentReport) -> set[int]:
    """Transfers of the report that are decided: they have a settlement that nobody reversed."""
    return set(
        Settlement.objects.filter(transfer__report=report, kind=Settlement.Kind.DEPOSIT, reversed_by__isnull=True).values_list(
            "transfer_id", flat=True
        )
    )


def draw_plan(
    *,
    report: PaymentReport,
    transfers: Sequence[Transfer],
    matches: Sequence[Match],
    orders: dict[int, Order],
    wants: Sequence[tuple[int, Decimal]],
    adjustments: Sequence[AdjustmentChoice],
    missing: frozenset[int],
    vouchers: Sequence[Withholding] = (),
) -> Plan:
    """Work out who gets what. `transfers` are the report's undecided ones, `matches` reserved, `orders` locked with balances.
    `vouchers` pay orders before the deposits do.

    Raises `Refused`: `adjustment_unknown_line`, `adjustment_too_large`, `worth_nothing`, `missing_has_money`,
    `nothing_to_settle`.
    """
    plans: list[TransferPlan] = []
    gone_without: list[Transfer] = []
    undecided: list[Transfer] = []
    for transfer in transfers:
        own = [match for match in matches if match.transfer_id == transfer.pk]
        if own and transfer.pk in missing:
            raise Refused(_("A transfer with a deposit cannot be declared missing."), code="missing_has_money")
        if own:
            plans.append(TransferPlan(transfer=transfer, matches=own))
        else:
            (gone_without if transfer.pk in missing else undecided).append(transfer)
    if not plans and not gone_without:
        raise Refused(_("Choose the deposit that proves the payment."), code="nothing_to_settle")
    plan = Plan(report=report, transfers=plans, missing=gone_without, undecided=undecided, orders=orders)
    _lay_adjustments(plan, adjustments)
    left = {order_id: min(wanted, orders[order_id].amount_due) for order_id, wanted in wants}
    plan.gone = [orders[order_id] for order_id, wanted in wants if left[order_id] < wanted]
    if not undecided:
        plan.vouchers = [(voucher, _take(left, voucher.amount)) for voucher in vouchers]
    for each in plans:
        _value(each, report.currency)
        each.shares = _take(left, each.value)
        each.added_shares = [(choice, share) for choice in each.added for share in _take(left, choice.amount)]
    return plan


def _lay_adjustments(plan: Plan, adjustments: Sequence[AdjustmentChoice]) -> None:
    """Put each named difference to its transfer: by its line, or, where it adds, to the last one with money."""
    for choice in adjustments:
        if choice.line_id is None:
            if not plan.transfers:
                raise Refused(_("A difference needs a deposit beside it."), code="adjustment_unknown_line")
            plan.transfers[-1].added.append(choice)
            continue
        found = [(each, match) for each in plan.transfers for match in each.matches if match.line_id == choice.line_id]
        if not found:
            raise Refused(_("The difference names a movement that is not matched here."), code="adjustment_unknown_line")
        each, match = found[0]
        each.taken.append((match, choice))


def _value(each: TransferPlan, currency: str) -> None:
    """What the deposits are worth. As declared when they are what was declared: that value was promised at the dated rate."""
    _lay_surcharge(each)
    for match in each.matches:
        less = [choice.amount for taken, choice in (*each.taken, *each.surcharges) if taken is match]
        rest = match.amount - sum(less, Decimal(0))
        if rest <= 0:
            raise Refused(_("A difference cannot be as large as its deposit."), code="adjustment_too_large")
        each.deposits.append((match, rest))
    whole = sum((rest for _match, rest in each.deposits), Decimal(0))
    as_declared = whole == each.transfer.amount - each.transfer.surcharge
    each.value = each.transfer.value if as_declared else quantize(worth(whole, each.transfer.rate), currency)
    if each.value <= 0:
        raise Refused(_("This deposit is worth nothing in the currency of the orders."), code="worth_nothing")


def _lay_surcharge(each: TransferPlan) -> None:
    """Lay the share of the surcharge on the deposits: as declared when the money is what was declared, else in proportion."""
    transfer = each.transfer
    if not transfer.surcharge:
        return
    added = sum((choice.amount for choice in each.added), Decimal(0))
    taken = sum((choice.amount for _match, choice in each.taken), Decimal(0))
    paid = each.money - taken + (added if transfer.rate is None else quantize(added * transfer.rate, transfer.currency))
    surcharge = quantize(transfer.surcharge * paid / transfer.amount, transfer.currency)
    if surcharge <= 0:
        return
    try:
        parts = split(surcharge, [match.amount for match in each.matches], transfer.currency)
    except TooFine:
        parts = [surcharge]  # fewer cents than deposits: the first one carries them
    note = transfer.surcharge_label
    for match, part in zip(each.matches, parts, strict=False):
        each.surcharges.append((match, AdjustmentChoice(kind="surcharge", amount=part, note=note, line_id=match.line_id)))


def _take(left: dict[int, Decimal], amount: Decimal) -> list[Share]:
    shares = shares_of(amount, list(left.items()))
    for share in shares:
        if share.order_id is not None:
            left[share.order_id] -= share.amount
    return shares
