"""The page on which a ticket is decided: receipt, declared beside expected, candidate deposits, effect, history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from banking.models import AccountMethod
from desk import applies, compare, history
from desk.abilities import Abilities, abilities_of
from desk.candidate_list import Choosing, choices_of, options_for
from desk.canned import box_of
from desk.deadlines import deadline_of, spell_moment
from desk.presence import note_look
from desk.queue_form import remembered
from desk.requests import Member, key_of, keys_named, member_of, show
from reconciliation.choices import AdjustmentChoice
from reconciliation.models import ApprovalRequest, Match, ReversalRequest, Settlement
from reconciliation.selectors import history_of_customer, open_approval_of, open_reversal_of, settled_for
from reconciliation.selectors.fraud_signals import Signals, signals_for
from reconciliation.selectors.places import place_of
from reconciliation.selectors.preview import Preview, preview_of
from reconciliation.words import Evidence, tell
from reports.selectors import report_of
from reports.view import ReportView
from tickets.models import State, Ticket
from tickets.selectors import ticket_for, timeline_for, twin_for
from tickets.support import replies_for


@dataclass(frozen=True, kw_only=True)
class Money:
    """What decides about money on this page: what is chosen, what it would do, what it did."""

    lists: list[Choosing]
    preview: Preview | None
    effect: applies.Applies
    settlements: list[Settlement]
    approval: ApprovalRequest | None
    reversal: ReversalRequest | None

    @property
    def has_settled(self) -> bool:
        """Whether money of this ticket stands."""
        return any(_stands(each) for each in self.settlements)


def _stands(settlement: Settlement) -> bool:
    return settlement.kind != Settlement.Kind.REVERSAL and not hasattr(settlement, "reversed_by")


@require_safe
@staff_page()
def show_ticket(request: HouseRequest, number: str) -> HttpResponseBase:
    """The decision page. Fields `line-<transfer>` in the address say what is chosen; htmx gets back the effect alone."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    note_look(member, ticket)
    if request.htmx and request.htmx.target == "effect":
        return _effect_alone(request, member, ticket)
    return decision_page(request, member, ticket)


@require_safe
@staff_page()
def look(request: HouseRequest, number: str) -> HttpResponse:
    """Asked each minute while the page is open: colleagues see who looks."""
    member = member_of(request)
    note_look(member, ticket_for(member.actor, number))
    return HttpResponse(status=204)


def chosen_lines(data: Mapping[str, str]) -> dict[int, int | None] | None:
    """Transfer → chosen line, as the address or a form says; None when it says nothing."""
    return {transfer: key_of(line) for transfer, line in keys_named(data, "line").items()} or None


def decision_page(
    request: HouseRequest,
    member: Member,
    ticket: Ticket,
    *,
    refusal: str = "",
    message_form: forms.Form | None = None,
    typed: Mapping[int, int | None] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; also the answer to a refused act, with its sentence on top and what was chosen still chosen."""
    view = report_of(member.actor, ticket)
    money = _money(request, member, view, typed if typed is not None else chosen_lines(request.GET))
    can = abilities_of(member, ticket, approval=money.approval, reversal=money.reversal, has_settled=money.has_settled)
    customer = history_of_customer(member.actor, ticket.customer, besides=ticket)
    signals = signals_for(member.actor, view, verified_before=customer.verified)
    query, filters = remembered(request, member.merchant)
    context = {
        **_acting(member, ticket, view, money, can),
        "groups": compare.compare(member.merchant, view, _known(member, view, customer.usual_banks, signals)),
        "signals": signals,
        "steps": history.told(timeline_for(member.actor, ticket), view),
        "customer": customer,
        "place": place_of(member.actor, filters, ticket),
        "queue_query": query,
        "deadline": deadline_of(member.merchant, ticket),
        "twin": twin_for(member.actor, ticket),
        "message_form": message_form or box_of(request, member, ticket.conversation),
        "replies": replies_for(member.actor, ticket.conversation.department) if can.write else [],
        "refusal": refusal,
        "used": _used(money),
    }
    return show(request, member, "desk/ticket.html", context, status=status)


def _acting(member: Member, ticket: Ticket, view: ReportView, money: Money, can: Abilities) -> dict[str, Any]:
    """What the panel of effects and the bar need."""
    return {
        "ticket": ticket,
        "view": view,
        "can": can,
        "lists": money.lists,
        "effect": money.effect,
        "approval": money.approval,
        "reversal": money.reversal,
        "claimed_until": spell_moment(member.merchant, ticket.claimed_until),
        "limit_sentence": applies.limit_sentence(member.merchant),
        "shows_candidates": ticket.is_live and ticket.state != State.AWAITING_APPROVAL,
        "is_preparer": money.approval is not None and money.approval.prepared_by_id == member.user.pk,
        "is_requester": money.reversal is not None and money.reversal.requested_by_id == member.user.pk,
    }


def _effect_alone(request: HouseRequest, member: Member, ticket: Ticket) -> HttpResponse:
    view = report_of(member.actor, ticket)
    money = _money(request, member, view, chosen_lines(request.GET))
    can = abilities_of(member, ticket, approval=money.approval, reversal=money.reversal, has_settled=money.has_settled)
    return render(request, "desk/_effect_alone.html", _acting(member, ticket, view, money, can))


def _money(request: HouseRequest, member: Member, view: ReportView, typed: Mapping[int, int | None] | None) -> Money:
    """What is chosen, what it would do, and what stands already."""
    actor, ticket = member.actor, view.ticket
    settlements = settled_for(actor, ticket)
    approval = open_approval_of(actor, ticket) if ticket.state == State.AWAITING_APPROVAL else None
    reversal = open_reversal_of(actor, ticket) if ticket.state in (State.VERIFIED, State.IN_REVIEW) else None
    settled = frozenset(each.transfer_id or 0 for each in settlements if _stands(each))
    lists: list[Choosing] = []
    preview = None
    if approval is not None:
        adjustments = [AdjustmentChoice.from_json(row) for row in approval.adjustments]
        preview = preview_of(actor, view, adjustments=adjustments, missing=approval.missing, prepared_by=approval.prepared_by)
    elif ticket.is_live:
        lists = options_for(
            member, view, typed, settled=settled, search_in=key_of(request.GET.get("find")), search=request.GET.get("q", "")[:100]
        )
        preview = preview_of(actor, view, choices_of(lists))
    if preview is not None:
        effect = applies.planned(member.merchant, preview, view.currency)
    else:
        effect = applies.done(settlements, view.currency)
    return Money(lists=lists, preview=preview, effect=effect, settlements=settlements, approval=approval, reversal=reversal)


def _known(member: Member, view: ReportView, usual_banks: Any, signals: Signals) -> compare.Known:
    pairs = {(transfer.account_id, transfer.method_id) for transfer in view.transfers}
    links = AccountMethod.objects.filter(merchant=member.merchant, account__in={account for account, _method in pairs})
    taken = set(links.values_list("account_id", "method_id"))
    return compare.Known(
        takes_method={transfer.pk: (transfer.account_id, transfer.method_id) in taken for transfer in view.transfers},
        used_references=signals.used_references,
        usual_banks=usual_banks,
    )


@dataclass(frozen=True, kw_only=True)
class Used:
    """One deposit that is reserved or was used, with the evidence as it stood when it was confirmed."""

    match: Match
    settlement: Settlement | None
    evidence: list[Evidence]


def _used(money: Money) -> list[Used]:
    settled = [
        Used(match=match, settlement=settlement, evidence=[tell(row) for row in match.evidence])
        for settlement in money.settlements
        if settlement.kind != Settlement.Kind.REVERSAL
        for match in settlement.matches.all()
    ]
    plan = money.preview.plan if money.preview and money.approval else None
    reserved = [match for each in plan.transfers for match in each.matches] if plan else []
    return [*settled, *(Used(match=each, settlement=None, evidence=[tell(row) for row in each.evidence]) for each in reserved)]
