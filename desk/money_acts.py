"""Acts that move money or ask a second person to: verify, verify another amount, sign, send back, reverse."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk import applies
from desk.acts import FORM_METHODS, act_at_once, act_with_form, show_act
from desk.decision import chosen_lines, decision_page
from desk.forms import NoteForm, OtherAmountForm, ReverseForm
from desk.requests import Member, key_of, member_of, status_of
from reconciliation.models import ReversalRequest, StatementLine
from reconciliation.selectors.preview import lines_with_evidence, preview_of
from reconciliation.selectors.tolerances import differences_for
from reconciliation.services import (
    MatchChoice,
    Outcome,
    refuse_reversal,
    reverse_settlement,
    send_back_approval,
    sign_approval,
    sign_reversal,
    verify_report,
)
from reconciliation.tolerances import Difference
from reports.selectors import report_of
from reports.view import ReportView
from tickets.models import State, Ticket
from tickets.selectors import ticket_for
from tickets.services.steps import require_act, wrong_state


def told(outcome: Outcome) -> str:
    """What became of a decision, in a sentence or more."""
    number = {"number": outcome.ticket.number}
    head = {
        "verified": _("%(number)s is verified."),
        "partly_settled": _("A part of %(number)s is settled; its other transfers are open."),
        "awaiting_approval": _("%(number)s waits for the second signature; its deposit is reserved."),
        "reversed": _("%(number)s is reversed; its orders are owed again."),
        "reversal_requested": _("The reversal of %(number)s waits for the second signature. Until then it stays verified."),
    }[outcome.kind] % number
    return " ".join([head, *outcome.sentences])


@require_POST
@staff_page("decide")
def verify(request: HouseRequest, number: str) -> HttpResponseBase:
    """Verify with the deposits chosen (`line-<transfer>`); above the limit it asks for the second signature by itself."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    chosen = {transfer: line for transfer, line in (chosen_lines(request.POST) or {}).items() if line is not None}
    choices = [MatchChoice(transfer_id=transfer, line_id=line) for transfer, line in sorted(chosen.items())]
    try:
        outcome = verify_report(ticket_id=ticket.pk, choices=choices, by=member.actor)
    except Refused as refused:
        fresh = ticket_for(member.actor, number)
        return decision_page(request, member, fresh, refusal=refused.message, typed={**chosen} or None, status=status_of(refused))
    messages.success(request, told(outcome))
    return redirect("desk:ticket", number)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def verify_other(request: HouseRequest, number: str) -> HttpResponseBase:
    """Verify another amount than declared, with named differences; a second person signs."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    if request.method != "POST":
        try:
            require_act(ticket, "request_approval")
        except Refused as refused:
            messages.warning(request, refused.message)
            return redirect("desk:ticket", number)
    form = _other_amount_form(request, member, ticket)
    if request.method != "POST" or not form.is_valid():
        return _show_other(request, member, ticket, form)
    try:
        outcome = verify_report(
            ticket_id=ticket.pk,
            choices=form.choices(),
            adjustments=form.adjustments(),
            missing=form.missing(),
            note=form.cleaned_data["note"],
            by=member.actor,
        )
    except Refused as refused:
        return _show_other(request, member, ticket_for(member.actor, number), form, refused)
    messages.success(request, told(outcome))
    return redirect("desk:ticket", number)


def _other_amount_form(request: HouseRequest, member: Member, ticket: Ticket) -> OtherAmountForm:
    view = report_of(member.actor, ticket)
    data = request.POST if request.method == "POST" else request.GET
    chosen = {pk: line for pk, line in (chosen_lines(data) or {}).items() if line is not None}
    pairs = [(transfer, chosen[transfer.pk]) for transfer in view.transfers if transfer.pk in chosen]
    lines = {pk: found[0] for (pk, _line), found in lines_with_evidence(member.actor, pairs).items()}
    settled = preview_of(member.actor, view).settled
    return OtherAmountForm(
        request.POST if request.method == "POST" else None,
        view=view,
        lines=lines,
        settled=settled,
        may_give=member.actor.can_sign,
        difference=_allowed_difference(member, view, lines),
    )


def _allowed_difference(member: Member, view: ReportView, lines: dict[int, StatementLine]) -> Difference | None:
    """What an administrator allowed, when one transfer with one deposit is decided."""
    pairs = {transfer: lines[transfer.pk] for transfer in view.transfers if transfer.pk in lines}
    found = list(differences_for(member.actor, view.currency, pairs).items()) if len(pairs) == 1 else []
    return found[0][1] if found else None


def _show_other(
    request: HouseRequest, member: Member, ticket: Ticket, form: OtherAmountForm, refused: Refused | None = None
) -> HttpResponse:
    effect = None
    if form.is_bound and form.is_valid():
        preview = preview_of(member.actor, form.view, form.choices(), adjustments=form.adjustments(), missing=form.missing())
        effect = applies.planned(member.merchant, preview, form.view.currency)
    more: dict[str, Any] = {"chosen": [(pk, line.pk) for pk, line in form.lines.items()], "effect": effect}
    return show_act(request, member, ticket, form, "desk/act_other.html", refused=refused, more=more)


# --- The second signature --------------------------------------------------------------------


@require_POST
@staff_page("sign")
def sign(request: HouseRequest, number: str) -> HttpResponseBase:
    """Sign what somebody else prepared."""
    return act_at_once(request, number, lambda member, ticket: told(sign_approval(ticket_id=ticket.pk, by=member.actor)))


@require_http_methods(FORM_METHODS)
@staff_page("sign")
def send_back(request: HouseRequest, number: str) -> HttpResponseBase:
    """Do not sign: the ticket goes back to who prepared it."""

    def act(member: Member, ticket: Ticket, read: Any) -> str:
        send_back_approval(ticket_id=ticket.pk, note=read["note"], by=member.actor)
        return _("%(number)s went back into review; its deposit is free.") % {"number": ticket.number}

    return act_with_form(
        request,
        number,
        name="send_back",
        make=lambda _member, _ticket, data: NoteForm(data),
        template="desk/act_send_back.html",
        act=act,
    )


# --- Reversing -------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("sign")
def reverse(request: HouseRequest, number: str) -> HttpResponseBase:
    """Take back what was settled, with a reason; above the limit a second person signs."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    if request.method != "POST" and ticket.state not in (State.VERIFIED, State.IN_REVIEW):
        messages.warning(request, wrong_state(ticket).message)
        return redirect("desk:ticket", number)
    form = ReverseForm(request.POST if request.method == "POST" else None, merchant=member.merchant)
    if request.method != "POST" or not form.is_valid():
        return show_act(request, member, ticket, form, "desk/act_reverse.html")
    read = form.cleaned_data
    try:
        outcome = reverse_settlement(
            ticket_id=ticket.pk,
            reason_id=read["reason"],
            note=read["note"],
            returned_by_bank=read["returned_by_bank"],
            by=member.actor,
        )
    except Refused as refused:
        fresh = ticket_for(member.actor, number)
        return show_act(request, member, fresh, form, "desk/act_reverse.html", refused=refused)
    messages.success(request, told(outcome))
    return redirect("desk:ticket", number)


def _asked_reversal(request: HouseRequest, member: Member, ticket: Ticket) -> int:
    """The reversal request that the page showed; one of another ticket is not there."""
    found = ReversalRequest.objects.filter(merchant=member.merchant, ticket=ticket, pk=key_of(request.POST.get("request")) or 0)
    if not found.exists():
        raise Http404
    return found.get().pk


@require_POST
@staff_page("sign")
def sign_reversal_request(request: HouseRequest, number: str) -> HttpResponseBase:
    """Sign the reversal that somebody else asked for (`request` names which)."""
    return act_at_once(
        request,
        number,
        lambda member, ticket: told(sign_reversal(request_id=_asked_reversal(request, member, ticket), by=member.actor)),
    )


@require_POST
@staff_page("sign")
def refuse_reversal_request(request: HouseRequest, number: str) -> HttpResponseBase:
    """Do not sign the reversal: the ticket stays verified."""

    def act(member: Member, ticket: Ticket) -> str:
        refuse_reversal(request_id=_asked_reversal(request, member, ticket), by=member.actor)
        return _("The reversal of %(number)s was not signed; it stays verified.") % {"number": ticket.number}

    return act_at_once(request, number, act)
