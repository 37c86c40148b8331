"""The customer's tickets: all of them with the conversations, one with its history, and the acts that are the customer's."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import NotAllowed, Refused, Stale
from portal.answer import answer_form_of, asked_groups, refusal_status, send_answer
from portal.forms import MessageForm
from portal.requests import Visitor, visitor_of
from portal.shipments import shipment_context
from portal.ticket_rows import asked_words, rows_of, with_reports
from portal.timeline import told
from reconciliation.services import withdraw_report
from reports.forms import AnswerForm
from reports.selectors import report_of
from reports.shipment_selectors import shipment_of
from tickets.models import State, Ticket
from tickets.selectors import conversations_for, ticket_for, tickets_for, timeline_for, twin_for
from tickets.services import post_message

PAGE_SIZE = 20
KINDS = ("reports", "support")
CAN_WITHDRAW = (State.SUBMITTED, State.NEEDS_INFORMATION)


@require_safe
@customer_page("use_tickets")
def show_list(request: HouseRequest) -> HttpResponseBase:
    """Report tickets and conversations with support, what changed last first; `?kind=reports|support` narrows the list."""
    visitor = visitor_of(request)
    kind = request.GET.get("kind", "")
    conversations = conversations_for(visitor.actor)
    if kind in KINDS:
        conversations = conversations.filter(ticket__isnull=kind == "support")
    page = Paginator(conversations, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    tickets = with_reports(tickets_for(visitor.actor)).filter(pk__in=[each.ticket_id for each in found if each.ticket_id])
    rows = {row.ticket.pk: row for row in rows_of(tickets)}
    context = {
        "page": page,
        "items": [{"conversation": each, "row": rows.get(each.ticket_id or 0)} for each in found],
        "kind": kind if kind in KINDS else "",
    }
    return render(request, "portal/tickets.html", context)


@require_safe
@customer_page("use_tickets")
def show_ticket(request: HouseRequest, number: str) -> HttpResponseBase:
    """One ticket: its state, what was reported, the question that waits, the history."""
    visitor = visitor_of(request)
    return _ticket_page(request, visitor, ticket_for(visitor.actor, number))


def _ticket_page(
    request: HouseRequest,
    visitor: Visitor,
    ticket: Ticket,
    *,
    answer_form: AnswerForm | None = None,
    message_form: MessageForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    view = report_of(visitor.actor, ticket)
    is_asked = ticket.state == State.NEEDS_INFORMATION and visitor.contact.can_report
    if is_asked and answer_form is None:
        answer_form = answer_form_of(visitor, view)
    row = next(iter(rows_of(with_reports(tickets_for(visitor.actor)).filter(pk=ticket.pk))))
    context = {
        "ticket": ticket,
        "row": row,
        "view": view,
        "asked": asked_words(ticket),
        "answer_form": answer_form if is_asked else None,
        "asked_groups": asked_groups(answer_form) if is_asked and answer_form else [],
        "message_form": message_form or MessageForm(),
        "steps": told(timeline_for(visitor.actor, ticket), visitor.merchant),
        "twin": twin_for(visitor.actor, ticket),
        "can_withdraw": visitor.contact.can_report and ticket.state in CAN_WITHDRAW,
        "can_correct": visitor.contact.can_report and ticket.state == State.REJECTED,
        "refusal": refusal,
        **shipment_context(shipment_of(visitor.actor, view.report) if view.wish else None),
    }
    return render(request, "portal/ticket.html", context, status=status)


@require_POST
@customer_page("use_tickets")
def answer(request: HouseRequest, number: str) -> HttpResponseBase:
    """Answer what Accounting asked: only the asked fields are read."""
    visitor = visitor_of(request)
    if not visitor.contact.can_report:
        raise NotAllowed
    ticket = ticket_for(visitor.actor, number)
    view = report_of(visitor.actor, ticket)
    form = answer_form_of(visitor, view, request)
    try:
        answered = send_answer(visitor, view, form)
    except Refused as refused:
        fresh = ticket_for(visitor.actor, number)
        return _ticket_page(request, visitor, fresh, answer_form=form, refusal=refused.message, status=refusal_status(refused))
    if answered is None:
        return _ticket_page(request, visitor, ticket, answer_form=form, status=422)
    messages.success(request, _("We received your answer. The deadline runs again."))
    return redirect("portal:ticket", ticket.number)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("use_tickets")
def withdraw(request: HouseRequest, number: str) -> HttpResponseBase:
    """Take a report back: a page that asks, then the act."""
    visitor = visitor_of(request)
    if not visitor.contact.can_report:
        raise NotAllowed
    ticket = ticket_for(visitor.actor, number)
    if request.method == "POST":
        try:
            withdraw_report(ticket_id=ticket.pk, by=visitor.actor)
        except Refused as refused:
            return _ticket_page(request, visitor, ticket_for(visitor.actor, number), refusal=refused.message, status=409)
        messages.success(request, _("You withdrew the report %(number)s.") % {"number": ticket.number})
        return redirect("portal:ticket", ticket.number)
    if ticket.state not in CAN_WITHDRAW:
        return redirect("portal:ticket", ticket.number)
    return render(request, "portal/ticket_withdraw.html", {"ticket": ticket, "view": report_of(visitor.actor, ticket)})


@require_POST
@customer_page("use_tickets")
def write_message(request: HouseRequest, number: str) -> HttpResponseBase:
    """Write on a ticket."""
    visitor = visitor_of(request)
    ticket = ticket_for(visitor.actor, number)
    form = MessageForm(request.POST, request.FILES)
    refusal, status = "", 422
    if form.is_valid():
        try:
            post_message(
                conversation_id=ticket.conversation.pk,
                text=form.cleaned_data["text"],
                files=form.cleaned_data["attachments"],
                by=visitor.actor,
            )
        except Refused as refused:
            refusal, status = refused.message, 409 if isinstance(refused, Stale) else 422
        else:
            messages.success(request, _("Your message was sent."))
            return redirect("portal:ticket", ticket.number)
    return _ticket_page(request, visitor, ticket_for(visitor.actor, number), message_form=form, refusal=refusal, status=status)
