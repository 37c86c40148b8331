"""Sending a report: checked again under locks, written once, whatever is clicked, retried or raced."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Merchant
from banking.money import quantize
from reports.content import ReportContent
from reports.examined import Examined
from reports.models import PaymentReport, ReportDraft, ReportRevision
from reports.receipts import files_of
from reports.services.rows import (
    broken_rule,
    examine_to_write,
    lock_orders,
    refusal_of,
    require_part,
    write_content,
)
from tickets.models import Ticket
from tickets.services import open_ticket
from webhooks.kinds import Kind
from webhooks.services import announce


def submit_report(
    *,
    merchant: Merchant,
    customer: Customer,
    key: uuid.UUID,
    content: ReportContent,
    channel: str = PaymentReport.Channel.PORTAL,
    by: Actor,
) -> tuple[Ticket, bool]:
    """Send a report; answers with its ticket and whether this call made it.

    The same `key` with the same content gives the ticket that it became; with another content it is refused (`key_reused`).
    Raises `Refused` with the codes of `examine`, `Stale` when an order changed meanwhile, `NotAllowed`, `Http404`.
    """
    require_part(customer, by)
    if merchant.pk != by.merchant.pk:
        raise Http404
    digest = content.digest({file_key: file.sha256 for file_key, file in files_of(customer, content.file_keys).items()})
    known = _sent_before(customer, key, digest)
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            return _send(merchant, customer, key, digest, content, channel, by)
    except IntegrityError as error:
        # The savepoint is rolled back, ticket, order and letter with it; what the winner committed is visible now.
        known = _sent_before(customer, key, digest) if broken_rule(error) == "report_key_once" else None
        if known is not None:
            return known, False
        refusal = refusal_of(error)
        if refusal is not None:
            raise refusal from error
        raise


def _sent_before(customer: Customer, key: uuid.UUID, digest: str) -> Ticket | None:
    reports = PaymentReport.objects.filter(merchant=customer.merchant_id, customer=customer, key=key)
    report = reports.select_related("ticket").first()
    if report is None:
        return None
    if report.body_digest != digest:
        raise Refused(
            _(
                "This form was sent already and became ticket %(ticket)s; what it says now is different. "
                "Correct that ticket, or start a new report."
            )
            % {"ticket": report.ticket.number},
            code="key_reused",
        )
    return report.ticket


def _send(
    merchant: Merchant, customer: Customer, key: uuid.UUID, digest: str, content: ReportContent, channel: str, by: Actor
) -> tuple[Ticket, bool]:
    if channel not in PaymentReport.Channel.values or (channel != PaymentReport.Channel.PORTAL and not by.can_register):
        raise Refused(_("Choose how the customer told you."), code="channel_unknown", fields=("channel",))
    lock_orders(merchant, content.orders)
    known = _sent_before(customer, key, digest)  # the same form, sent twice at once: the first one held the orders
    if known is not None:
        return known, False
    ticked, examined = examine_to_write(customer, content, None, by)
    clearing_days = max((each.method.clearing_days for each in examined.transfers), default=0)
    ticket = open_ticket(
        merchant=merchant, customer=customer, subject=_subject(customer, examined), clearing_days=clearing_days, by=by
    )
    report = PaymentReport.objects.create(
        merchant=merchant, customer=customer, ticket=ticket, key=key, body_digest=digest, channel=channel,
        currency=examined.currency, created_by=by.user,
    )  # fmt: skip
    write_content(report, customer, ticked, examined, ReportRevision.Cause.SUBMITTED, by)
    ReportDraft.objects.filter(merchant=merchant, customer=customer, key=key).delete()
    _announce(ticket, report, customer, examined)
    return ticket, True


def _announce(ticket: Ticket, report: PaymentReport, customer: Customer, examined: Examined) -> None:
    announce(
        merchant=ticket.merchant,
        kind=Kind.REPORT_SUBMITTED,
        about=f"ticket:{ticket.pk}",
        occasion=f"report:{report.pk}",
        payload={
            "ticket": ticket.number,
            "customer": customer.number,
            "value": str(quantize(examined.value, examined.currency)),
            "currency": examined.currency,
            "orders": [due.number for due in examined.dues],
            "channel": report.channel,
        },
    )


def _subject(customer: Customer, examined: Examined) -> str:
    """What the ticket is about, in the customer's language."""
    numbers = [due.number for due in examined.dues]
    with translation.override(customer.language):
        if not numbers:
            return _("Payment in advance")
        return _("Payment of %(orders)s") % {"orders": ", ".join(numbers)}
