"""Correcting a report: an answer to what staff asked, or a rejected report sent again. Each makes a new revision."""

from __future__ import annotations

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from reports.content import ReportContent, changed_groups, opened_fields
from reports.drafts import correction_key
from reports.examined import Correction
from reports.models import ReportDraft, ReportRevision
from reports.services.rows import examine_to_write, lock_orders, refusal_of, require_part, write_content
from reports.view import ReportView, read_report
from tickets import services as tickets
from tickets.models import State, Ticket


def answer_question(*, ticket_id: int, content: ReportContent, note: str = "", by: Actor) -> Ticket:
    """Answer what staff asked: only the asked fields may differ from the present revision. `note` is what the customer writes.

    Raises `Refused` (`not_asked`, `nothing_changed`, the codes of `examine`), `Stale` (`wrong_state`), `NotAllowed`, `Http404`.
    """
    with transaction.atomic():
        ticket = tickets.lock_ticket(by.merchant, ticket_id)
        require_part(ticket.customer, by)
        if ticket.state != State.NEEDS_INFORMATION:
            return tickets.answer(ticket_id=ticket_id, note=note, by=by)  # refuses, naming the state
        view = read_report(ticket)
        present = view.content()
        changed = changed_groups(present, content)
        if changed - opened_fields(ticket.asked_fields):
            raise Refused(_("Only what we asked for can be changed now."), code="not_asked", fields=tuple(sorted(changed)))
        if changed:
            _revise(view, content, changed, ReportRevision.Cause.ANSWERED, by)
        elif not note.strip():
            raise Refused(
                _("Nothing has changed. Correct the data, or write why they are right."),
                code="nothing_changed", fields=("answer_note",),
            )  # fmt: skip
        return tickets.answer(ticket_id=ticket_id, note=note, by=by)


def resubmit_report(*, ticket_id: int, content: ReportContent, by: Actor) -> Ticket:
    """Send a rejected report again, corrected. Orders that were paid or voided meanwhile must be left out."""
    with transaction.atomic():
        ticket = tickets.lock_ticket(by.merchant, ticket_id)
        require_part(ticket.customer, by)
        if ticket.state != State.REJECTED:
            return tickets.resubmit(ticket_id=ticket_id, by=by)  # refuses, naming the state
        view = read_report(ticket)
        _revise(view, content, frozenset({"orders"}), ReportRevision.Cause.RESUBMITTED, by)
        days = max((each.method.clearing_days for each in read_report(ticket).transfers), default=0)
        return tickets.resubmit(ticket_id=ticket_id, clearing_days=days, by=by)


def _revise(view: ReportView, content: ReportContent, changed: frozenset[str], cause: str, by: Actor) -> None:
    """Write the next revision of a report whose ticket is locked."""
    report, customer = view.report, view.ticket.customer
    is_answer = cause == ReportRevision.Cause.ANSWERED
    correction = Correction(
        report_id=report.pk,
        ticket_id=view.ticket.pk,
        currency=report.currency,
        transfers={each.position: each for each in view.transfers},
        withholdings=view.withholdings,
        kept_orders=frozenset(each.order_id for each in view.allocations) if is_answer else frozenset(),
    )
    lock_orders(report.merchant, content.orders)
    content, examined = examine_to_write(customer, content, correction, by)
    if examined.value == view.value and not {"orders", "withholding"} & changed:
        # The customer's own split stays theirs unless the money or the orders changed.
        examined = replace(examined, allocations={each.order_id: each.amount for each in view.allocations})
    ReportDraft.objects.filter(merchant=report.merchant, customer=customer, key=correction_key(report)).delete()
    report.revision += 1
    report.save(update_fields=["revision"])
    try:
        with transaction.atomic():
            write_content(report, customer, content, examined, cause, by)
    except IntegrityError as error:
        refusal = refusal_of(error)
        if refusal is not None:
            raise refusal from error
        raise
