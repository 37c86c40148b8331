"""Acts that end or revive a report and with it its wish for a paper invoice: withdraw, reject, reopen."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from reports.models import PaymentReport, ShippingWish
from reports.selectors import shipping_right
from reports.services.rows import release_wish, require_part
from reports.services.shipments import request_shipment
from tickets import services as tickets
from tickets.models import Ticket


@transaction.atomic
def withdraw_report(*, ticket_id: int, by: Actor) -> Ticket:
    """The customer takes the report back; its shipping can be used by another one."""
    require_part(tickets.lock_ticket(by.merchant, ticket_id).customer, by)
    ticket = tickets.withdraw(ticket_id=ticket_id, by=by)
    release_wish(_report_of(ticket))
    return ticket


@transaction.atomic
def reject_report(*, ticket_id: int, reason_id: int, note: str = "", duplicate_of: str = "", by: Actor) -> Ticket:
    """Accounting rejects, with a reason; `duplicate_of` is the number of the twin. The shipping can be used by another report."""
    ticket = tickets.reject(ticket_id=ticket_id, reason_id=reason_id, note=note, duplicate_of=duplicate_of, by=by)
    release_wish(_report_of(ticket))
    return ticket


@transaction.atomic
def reopen_report(*, ticket_id: int, note: str, by: Actor) -> Ticket:
    """Accounting takes a rejected or reversed report up again; its wish comes back when the right is still free."""
    ticket = tickets.reopen(ticket_id=ticket_id, note=note, by=by)
    report = _report_of(ticket)
    if not ShippingWish.objects.filter(report=report, released_at__isnull=True).exists():
        _take_wish_back(report)
    return ticket


def _take_wish_back(report: PaymentReport) -> None:
    wish = ShippingWish.objects.filter(report=report).order_by("-pk").first()
    if wish is None:
        return
    covered = report.allocations.filter(until_revision__isnull=True).values_list("order_id", flat=True)
    line = shipping_right(report.customer, covered)
    if line is None:
        return
    try:
        with transaction.atomic():
            again = ShippingWish.objects.create(
                merchant=report.merchant, report=report, order_line=line, address=wish.address, state=wish.state, city=wish.city,
                reference_point=wish.reference_point, phone=wish.phone,
            )  # fmt: skip
            request_shipment(again)
    except IntegrityError:
        # Another report took the right at this moment: this one goes on without the paper invoice, as if it had none.
        return


def _report_of(ticket: Ticket) -> PaymentReport:
    return PaymentReport.objects.select_related("customer").get(ticket=ticket)
