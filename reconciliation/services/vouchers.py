"""Withholding vouchers in the books: tax that a customer kept back pays orders beside the deposit, by a named adjustment."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from orders.dates import today_at
from reconciliation.ledger import Movement, post
from reconciliation.models import Adjustment, CreditBalance, Settlement
from reconciliation.plan import Plan
from tickets.models import Ticket

NOTE_LENGTH = 200


def book_vouchers(settlement: Settlement, plan: Plan, credit: CreditBalance, by: Actor) -> None:
    """Write the adjustments and entries of the plan's vouchers, with the settlement that decides the last transfer."""
    movements = []
    for voucher, shares in plan.vouchers:
        named = Adjustment.objects.create(
            merchant_id=settlement.merchant_id,
            customer_id=settlement.customer_id,
            settlement=settlement,
            kind=Adjustment.Kind.WITHHOLDING,
            amount=voucher.amount,
            currency=voucher.currency,
            note=f"{voucher.kind.name_es} {voucher.number}"[:NOTE_LENGTH],
            withholding=voucher,
        )
        movements += [
            Movement(
                source=named,
                target_order_id=share.order_id,
                target=credit if share.order_id is None else None,
                source_amount=share.amount,
                target_amount=share.amount,
                target_currency=voucher.currency,
            )
            for share in shares
        ]
    if movements:
        post(settlement=settlement, movements=movements, booked_on=today_at(by.merchant))


def require_unused(plan: Plan) -> None:
    """Refuse a voucher that the books count already for another report of this customer (`voucher_used`, naming its ticket)."""
    if not plan.vouchers:
        return
    marks = Q()
    for voucher, _shares in plan.vouchers:
        marks |= Q(withholding__kind=voucher.kind_id, withholding__reference=voucher.reference)
    used = (
        Adjustment.objects.filter(marks, merchant=plan.report.merchant_id, customer=plan.report.customer_id)
        .filter(settlement__reversed_by__isnull=True)
        .exclude(settlement__ticket=plan.report.ticket_id)
        .values_list("settlement__ticket_id", flat=True)
        .first()
    )
    if used is not None:
        number = Ticket.objects.values_list("number", flat=True).get(pk=used)
        raise Refused(
            _("This withholding voucher was counted already, with ticket %(ticket)s.") % {"ticket": number}, code="voucher_used"
        )
