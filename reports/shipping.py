"""The paper invoice: who wishes for it needs a shipping order that is paid and unused, or one in this report, or adds one."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Customer, Merchant
from orders.dates import today_at
from orders.models import OrderLine
from orders.services import LineDraft, line_sums
from reports.content import ReportContent, ShippingContent
from reports.examined import PLANNED_SHIPPING, Correction, Due
from reports.findings import Findings
from reports.selectors import shipping_right

SHORTEST_ADDRESS = 10


def shipping_cost(merchant: Merchant) -> Decimal | None:
    """What mailing one paper invoice costs with tax, in the merchant's currency. None when it is not offered."""
    if not merchant.offers_shipping or merchant.shipping_price <= 0:
        return None
    line = LineDraft(description="-", unit_price=merchant.shipping_price, tax_rate=merchant.shipping_tax_rate)
    return sum(line_sums(line, merchant.currency), Decimal(0))


def check_shipping(
    customer: Customer, content: ReportContent, merchant: Merchant, findings: Findings, correction: Correction | None
) -> tuple[OrderLine | None, Due | None]:
    """The shipping line that the wish uses, or the debt that sending will add. Neither without a wish or a right to it."""
    wish = content.shipping
    if wish is None:
        return None, None
    _check_address(wish, findings)
    line = shipping_right(customer, content.orders, report_id=correction.report_id if correction else None)
    if line is not None:
        return line, None
    cost = shipping_cost(merchant)
    if wish.add and cost is not None:
        return None, Due(
            order_id=PLANNED_SHIPPING, number="", description=_("Mailing of the paper invoice"), due_on=today_at(merchant),
            amount_due=cost,
        )  # fmt: skip
    if cost is None:
        message = _("%(merchant)s does not mail paper invoices.") % {"merchant": merchant.name}
    else:
        message = _(
            "For the paper invoice you need a shipping order that is paid and was not used, or one among the orders of this "
            "report. You can add one here."
        )
    findings.problem("no_shipping_right", "wants_paper", message)
    return None, None


def _check_address(wish: ShippingContent, findings: Findings) -> None:
    if len(wish.address.strip()) < SHORTEST_ADDRESS:
        findings.problem(
            "address_required", "address", _("Write the exact and complete address: street, building, floor and number.")
        )
    if not wish.state.strip():
        findings.problem("state_required", "state", _("Write the state or province."))
    if not wish.city.strip():
        findings.problem("city_required", "city", _("Write the city."))
    if sum(sign.isdigit() for sign in wish.phone) < 7:
        findings.problem("receiver_phone_required", "receiver_phone", _("Write the telephone of the person who receives it."))
