"""What a decision does or did: which orders get how much, what goes to credit, who must sign. In figures and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Merchant
from banking.money import format_money
from desk.compare import money
from orders.models import Order
from reconciliation.models import Adjustment, Settlement
from reconciliation.selectors.preview import Preview


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one order gets; `is_paid`: nothing is owed afterwards."""

    order: Order
    amount: Decimal
    is_paid: bool


@dataclass(frozen=True, kw_only=True)
class Named:
    """A named difference that stands in the sum, or beside it (`is_beside`: a surcharge, which pays no order)."""

    name: str
    amount: Decimal
    currency: str
    is_beside: bool = False


@dataclass(frozen=True, kw_only=True)
class Applies:
    """For the panel and the bar. `total` in `currency` (the orders'); `paid` is the money itself, as people say it."""

    shares: Sequence[Share]
    credit: Decimal
    currency: str
    named: Sequence[Named] = field(default=())
    paid: str = ""
    sentence: str = ""
    signature: Sequence[str] = field(default=())
    problem: str = ""
    is_done: bool = False

    @property
    def total(self) -> Decimal:
        return sum((share.amount for share in self.shares), self.credit)

    @property
    def is_empty(self) -> bool:
        return not self.shares and not self.credit


def planned(merchant: Merchant, preview: Preview, currency: str) -> Applies:
    """What verifying would do now."""
    plan = preview.plan
    if plan is None:
        return Applies(shares=(), credit=Decimal(0), currency=currency, problem=preview.problem)
    applied = plan.applied
    shares = [
        Share(order=order, amount=applied[pk], is_paid=order.amount_due == applied[pk])
        for pk, order in plan.orders.items()
        if pk in applied
    ]
    named = [
        Named(name=str(Adjustment.Kind(choice.kind).label), amount=choice.amount, currency=currency)
        for each in plan.transfers
        for choice in each.added
    ]
    named += [Named(name=str(voucher), amount=voucher.amount, currency=currency) for voucher, _shares in plan.vouchers]
    named += [
        Named(name=each.transfer.surcharge_label, amount=choice.amount, currency=each.transfer.currency, is_beside=True)
        for each in plan.transfers
        for _match, choice in each.surcharges
    ]
    paid = " + ".join(money(amount, paid_in) for paid_in, amount in preview.money.items())
    lines = [match.line.line_number for each in plan.transfers for match in each.matches]
    sentence = _effect(shares, plan.credit, currency)
    if plan.undecided:
        left = len(plan.undecided)
        sentence += " " + ngettext(
            "%(count)d transfer stays open, and with it the ticket.",
            "%(count)d transfers stay open, and with them the ticket.",
            left,
        ) % {"count": left}  # fmt: skip
    head = ngettext("with line %(lines)s", "with lines %(lines)s", len(lines)) % {"lines": ", ".join(map(str, lines))}
    return Applies(
        shares=shares,
        credit=plan.credit,
        currency=currency,
        named=named,
        paid=paid,
        sentence=f"{head}: {sentence}" if lines else sentence,
        signature=_why(merchant, preview.why_approval),
    )


def done(settlements: Sequence[Settlement], currency: str) -> Applies:
    """What the settlements that stand did."""
    amounts: dict[int, Decimal] = {}
    orders: dict[int, Order] = {}
    credit, paid, named = Decimal(0), {}, []  # type: ignore[var-annotated]
    for settlement in settlements:
        if settlement.kind == Settlement.Kind.REVERSAL or hasattr(settlement, "reversed_by"):
            continue
        for entry in settlement.entries.all():
            if entry.source_line_id:
                paid[entry.source_currency] = paid.get(entry.source_currency, Decimal(0)) + entry.source_amount
            if entry.source_adjustment:
                kind = Adjustment.Kind(entry.source_adjustment.kind)
                voucher = entry.source_adjustment.note if entry.source_adjustment.withholding_id else ""
                named.append(Named(name=voucher or str(kind.label), amount=entry.target_amount, currency=entry.target_currency))
            if entry.target_adjustment and entry.target_adjustment.kind == Adjustment.Kind.SURCHARGE:
                added = entry.target_adjustment
                named.append(Named(name=added.note, amount=added.amount, currency=added.currency, is_beside=True))
            if entry.target_order:
                orders[entry.target_order.pk] = entry.target_order
                amounts[entry.target_order.pk] = amounts.get(entry.target_order.pk, Decimal(0)) + entry.target_amount
            elif entry.target_credit_id:
                credit += entry.target_amount
    shares = [Share(order=orders[pk], amount=amount, is_paid=orders[pk].paid_on is not None) for pk, amount in amounts.items()]
    return Applies(
        shares=shares,
        credit=credit,
        currency=currency,
        named=named,
        paid=" + ".join(money(amount, paid_in) for paid_in, amount in paid.items()),
        is_done=True,
    )


def _effect(shares: Sequence[Share], credit: Decimal, currency: str) -> str:
    """`3 orders paid, Bs 15,50 to credit.`"""
    whole = sum(share.is_paid for share in shares)
    parts = []
    if whole:
        parts.append(ngettext("%(count)d order paid", "%(count)d orders paid", whole) % {"count": whole})
    if len(shares) > whole:
        rest = len(shares) - whole
        parts.append(ngettext("%(count)d order paid in part", "%(count)d orders paid in part", rest) % {"count": rest})
    if credit > 0:
        parts.append(_("%(money)s to credit") % {"money": money(credit, currency)})
    return (", ".join(parts) or _("no order gets anything")) + "."


def _why(merchant: Merchant, reasons: Sequence[str]) -> list[str]:
    limit = format_money(merchant.approval_limit, merchant.currency, get_language() or "es")
    sentences = {
        "above_limit": _("Above the limit of one signature (%(limit)s): a second person signs.") % {"limit": limit},
        "other_amount": _("Another amount than declared: a second person signs."),
        "missing": _("A transfer without its deposit: a second person signs."),
        "registered_by_self": _("Who decides registered this report: a second person signs."),
        "unconfirmed_line": _(
            "Who decides typed the deposit by hand, and no file of the bank has confirmed it: a second person signs."
        ),
    }
    return [sentences[reason] for reason in reasons if reason in sentences]


def limit_sentence(merchant: Merchant) -> str:
    """What stands below the act when one person may decide."""
    limit = format_money(merchant.approval_limit, merchant.currency, get_language() or "es")
    return _("Below the limit of the second signature (%(limit)s). It can be reversed later.") % {"limit": limit}
