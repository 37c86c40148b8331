"""What the check page says before sending. Warnings are facts to look at; they never stop a report."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.identity import tax_id_warning
from accounts.models import Customer
from orders.dates import written
from reports.content import ReportContent
from reports.examined import Correction, Examined
from reports.findings import Findings
from reports.selectors import orders_in_review, own_duplicates
from reports.transfer_rules import shown


def add_warnings(
    customer: Customer, content: ReportContent, examined: Examined, findings: Findings, correction: Correction | None
) -> None:
    """Orders already in review, payments before the order, the customer's own duplicates, odd tax numbers, closed orders."""
    _warn_of_orders(customer, examined, findings, correction)
    _warn_of_duplicates(customer, examined, findings, correction)
    if content.payer_tax_id:
        sentence = tax_id_warning(content.payer_tax_id, customer.merchant.country)
        if sentence:
            findings.warn("payer_tax_id", "payer_tax_id", sentence)
    if not examined.dues and not examined.problems:
        findings.warn("advance", "orders", _("You ticked no order: the whole payment goes to your credit."))


def _warn_of_orders(customer: Customer, examined: Examined, findings: Findings, correction: Correction | None) -> None:
    ids = [due.order_id for due in examined.dues if due.order is not None]
    covered = orders_in_review(customer.merchant, ids) if ids else {}
    for due in examined.dues:
        ticket = covered.get(due.order_id)
        if ticket is not None and (correction is None or ticket.pk != correction.ticket_id):
            findings.warn(
                "in_review", "orders",
                _("Order %(number)s is in review with ticket %(ticket)s. Report it again only if you paid twice or in parts.")
                % {"number": due.number, "ticket": ticket.number},
                ticket=ticket,
            )  # fmt: skip
        if due.order is not None and not due.order.is_open:
            findings.warn(
                "order_closed", "orders",
                _("Order %(number)s owes nothing any more: what you paid for it goes to your credit.") % {"number": due.number},
            )  # fmt: skip
    for transfer in examined.transfers:
        late = [due for due in examined.dues if due.order is not None and due.order.issued_on > transfer.content.paid_on]
        if late:
            findings.warn(
                "before_order", f"t-{transfer.position - 1}-paid_on",
                _("You paid on %(paid)s, before order %(number)s existed (%(issued)s). Is the date right?")
                % {
                    "paid": written(transfer.content.paid_on), "number": late[0].number,
                    "issued": written(late[0].order.issued_on if late[0].order else late[0].due_on),
                },
                confirm=True,
            )  # fmt: skip


def _warn_of_duplicates(customer: Customer, examined: Examined, findings: Findings, correction: Correction | None) -> None:
    for transfer in examined.transfers:
        twins = own_duplicates(
            customer, transfer.account.pk, transfer.content.reference_raw, transfer.content.amount,
            exclude_report=correction.report_id if correction else None,
        )  # fmt: skip
        if twins:
            findings.warn(
                "duplicate", f"t-{transfer.position - 1}-reference",
                _("You reported a payment of %(amount)s with this number already: ticket %(ticket)s.")
                % {"amount": shown(transfer.content.amount, transfer.currency), "ticket": twins[0].number},
                ticket=twins[0],
            )  # fmt: skip
