"""What staff do with a ticket: each act a POST of its own, those that ask something with a page before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from banking.selectors import withholding_kinds_of
from desk.decision import decision_page
from desk.forms import AskForm, MessageForm, NoteForm, WaitForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from reconciliation.services import reject_report
from reports.forms import RejectForm
from reports.selectors import report_of
from reports.services import reopen_report
from tickets import services as tickets
from tickets.models import Ticket
from tickets.selectors import ticket_for
from tickets.services.steps import require_act

FORM_METHODS = ["GET", "HEAD", "POST"]


def act_at_once(
    request: HouseRequest, number: str, act: Callable[[Member, Ticket], str], *, to_queue: bool = False
) -> HttpResponseBase:
    """An act without a form: done and told, or refused on the decision page with the sentence on top."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    try:
        said = act(member, ticket)
    except Refused as refused:
        fresh = ticket_for(member.actor, number)
        return decision_page(request, member, fresh, refusal=refused.message, status=status_of(refused))
    messages.success(request, said)
    return redirect("desk:queue") if to_queue else redirect("desk:ticket", number)


def show_act(
    request: HouseRequest,
    member: Member,
    ticket: Ticket,
    form: forms.Form,
    template: str,
    *,
    refused: Refused | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page that asks before an act. A refusal stands on top, and nothing that was typed is lost."""
    status = status_of(refused) if refused else BAD_INPUT if form.is_bound and not form.is_valid() else 200
    context = {
        "ticket": ticket,
        "view": report_of(member.actor, ticket),
        "form": form,
        "refusal": refused.message if refused else "",
        **(more or {}),
    }
    return show(request, member, template, context, status=status)


def act_with_form(
    request: HouseRequest,
    number: str,
    *,
    name: str,
    make: Callable[[Member, Ticket, Any], forms.Form],
    template: str,
    act: Callable[[Member, Ticket, Any], str],
    more: Callable[[Member, Ticket], dict[str, Any]] | None = None,
) -> HttpResponseBase:
    """GET asks, POST acts. `name` is the transition: a state that does not have it leads back to the ticket with a sentence."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    extra = more(member, ticket) if more else None
    if request.method != "POST":
        try:
            require_act(ticket, name)
        except Refused as refused:
            messages.warning(request, refused.message)
            return redirect("desk:ticket", number)
        return show_act(request, member, ticket, make(member, ticket, None), template, more=extra)
    form = make(member, ticket, request.POST)
    if not form.is_valid():
        return show_act(request, member, ticket, form, template, more=extra)
    try:
        said = act(member, ticket, form.cleaned_data)
    except Refused as refused:
        fresh = ticket_for(member.actor, number)
        return show_act(request, member, fresh, form, template, refused=refused, more=extra)
    messages.success(request, said)
    return redirect("desk:ticket", number)


# --- Taking, giving back, waiting ------------------------------------------------------------


@require_POST
@staff_page("decide")
def claim(request: HouseRequest, number: str) -> HttpResponseBase:
    """Take a ticket, or take over one whose claim has run out."""

    def act(member: Member, ticket: Ticket) -> str:
        tickets.claim(ticket_id=ticket.pk, by=member.actor)
        return _("%(number)s is yours for %(minutes)d minutes.") % {
            "number": ticket.number, "minutes": member.merchant.claim_minutes,
        }  # fmt: skip

    return act_at_once(request, number, act)


@require_POST
@staff_page("decide")
def release(request: HouseRequest, number: str) -> HttpResponseBase:
    """Give a ticket back to the queue."""

    def act(member: Member, ticket: Ticket) -> str:
        tickets.release(ticket_id=ticket.pk, by=member.actor)
        return _("%(number)s is back in the queue.") % {"number": ticket.number}

    return act_at_once(request, number, act)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def wait_for_bank(request: HouseRequest, number: str) -> HttpResponseBase:
    """The deposit is not in the statement yet."""

    def act(member: Member, ticket: Ticket, read: Any) -> str:
        tickets.wait_for_bank(ticket_id=ticket.pk, until=read["until"], note=read["note"], by=member.actor)
        return _("%(number)s waits for the bank.") % {"number": ticket.number}

    return act_with_form(
        request,
        number,
        name="wait_for_bank",
        make=lambda member, _ticket, data: WaitForm(data, merchant=member.merchant),
        template="desk/act_wait.html",
        act=act,
    )


@require_POST
@staff_page("decide")
def resume(request: HouseRequest, number: str) -> HttpResponseBase:
    """Go on without waiting for the bank."""

    def act(member: Member, ticket: Ticket) -> str:
        tickets.resume(ticket_id=ticket.pk, by=member.actor)
        return _("%(number)s is in review again.") % {"number": ticket.number}

    return act_at_once(request, number, act)


# --- Asking ----------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def ask_information(request: HouseRequest, number: str) -> HttpResponseBase:
    """Ask the customer; the clock stops."""

    def act(member: Member, ticket: Ticket, read: Any) -> str:
        tickets.ask_information(ticket_id=ticket.pk, question=read["question"], fields=read["fields_asked"], by=member.actor)
        return _("The question of %(number)s went to the customer. The clock stands still.") % {"number": ticket.number}

    return act_with_form(
        request,
        number,
        name="ask_information",
        make=lambda member, _ticket, data: AskForm(data, takes_vouchers=withholding_kinds_of(member.merchant).exists()),
        template="desk/act_ask.html",
        act=act,
    )


@require_POST
@staff_page("decide")
def take_back(request: HouseRequest, number: str) -> HttpResponseBase:
    """Withdraw the question and go on."""

    def act(member: Member, ticket: Ticket) -> str:
        tickets.take_back(ticket_id=ticket.pk, by=member.actor)
        return _("The question of %(number)s is withdrawn.") % {"number": ticket.number}

    return act_at_once(request, number, act)


# --- Rejecting and reopening -----------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def reject(request: HouseRequest, number: str) -> HttpResponseBase:
    """Refuse the report with a reason, which the customer reads in their language."""

    def act(member: Member, ticket: Ticket, read: Any) -> str:
        reject_report(
            ticket_id=ticket.pk, reason_id=read["reason"], note=read["note"], duplicate_of=read["duplicate_of"], by=member.actor
        )
        return _("%(number)s is rejected; the customer was told why.") % {"number": ticket.number}

    return act_with_form(
        request,
        number,
        name="reject",
        make=lambda member, _ticket, data: RejectForm(data, merchant=member.merchant),
        template="desk/act_reject.html",
        act=act,
        more=lambda _member, _ticket: {"typed_reason": request.POST.get("reason", "")},
    )


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def reopen(request: HouseRequest, number: str) -> HttpResponseBase:
    """Look at a rejected or reversed report once more."""

    def act(member: Member, ticket: Ticket, read: Any) -> str:
        reopen_report(ticket_id=ticket.pk, note=read["note"], by=member.actor)
        return _("%(number)s is open again.") % {"number": ticket.number}

    return act_with_form(
        request,
        number,
        name="reopen",
        make=lambda _member, _ticket, data: NoteForm(data),
        template="desk/act_reopen.html",
        act=act,
    )


# --- Writing ---------------------------------------------------------------------------------


@require_POST
@staff_page("write")
def message(request: HouseRequest, number: str) -> HttpResponseBase:
    """Write to the customer, or a note among staff: the button's `kind` is `public` or `internal`."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    form = MessageForm(request.POST, request.FILES)
    is_internal = request.POST.get("kind") != "public"
    refusal, status = "", BAD_INPUT
    if form.is_valid():
        try:
            tickets.post_message(
                conversation_id=ticket.conversation.pk,
                text=form.cleaned_data["text"],
                files=form.cleaned_data["files"],
                is_internal=is_internal,
                by=member.actor,
            )
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            kept, sent = _("The note is kept; the customer does not see it."), _("Your message went to the customer.")
            messages.success(request, kept if is_internal else sent)
            return redirect("desk:ticket", number)
    return decision_page(request, member, ticket_for(member.actor, number), refusal=refusal, message_form=form, status=status)
