"""Acts on proposals: look closely, accept one, accept all that are certain after a list to check, dismiss, take back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused, Stale
from banking.selectors import accounts_of
from desk.acts import FORM_METHODS
from desk.deadlines import spell_moment
from desk.money_acts import told as told_outcome
from desk.requests import Member, back_to, key_of, member_of, show, status_of
from desk.workbench import told, why_not, workbench_page
from desk.workbench_form import address_left, place_of
from orders.dates import today_at
from reconciliation.models import Proposal
from reconciliation.selectors import workbench as bench
from reconciliation.selectors import workrows
from reconciliation.selectors.tolerances import differences_for
from reconciliation.selectors.worklog import log_of
from reconciliation.services import (
    accept_proposal,
    accept_proposals,
    dismiss_proposals,
    propose_matches,
    propose_soon,
    restore_proposal,
)
from reconciliation.tolerances import Difference
from tickets.models import State, claim_has_run_out

MOST_AT_ONCE = 500
MOST_TOLD = 5
# Above so many movements without a report a job looks for matches, and nobody waits.
MOST_NOW = 5000


# --- Looking closely -------------------------------------------------------------------------


@require_safe
@staff_page()
def show_proposal(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A proposal with everything that is known: each pair with its evidence and weights, and why a person must look."""
    return proposal_page(request, member_of(request), pk)


def proposal_page(request: HouseRequest, member: Member, pk: int, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
    proposal = bench.proposal_for(member.actor, pk)
    rows = workrows.proposal_rows(member.merchant, [proposal])
    if not rows:
        raise Http404
    others = _neighbours(request, member, proposal)
    compositions = workrows.composition_of(rows[0].reports)
    context = {
        "proposal": proposal,
        "row": rows[0],
        "why_not": why_not(proposal, compositions),
        "compositions": compositions,
        "is_live": bench.live_proposals(member.actor).filter(pk=pk).exists(),
        "difference": _difference(member, rows[0]),
        "left": address_left(request, member),
        "refusal": refusal,
        **others,
    }
    return show(request, member, "desk/proposal.html", context, status=status)


def _difference(member: Member, row: workrows.Row) -> Difference | None:
    """What an administrator allowed the deposit to lack or be over, for one deposit and one transfer alone."""
    if len(row.parts) != 1:
        return None
    transfer = row.parts[0].report.transfer
    pair = {transfer: row.parts[0].line.line}
    return differences_for(member.actor, transfer.report.currency, pair).get(transfer)


def _neighbours(request: HouseRequest, member: Member, proposal: Proposal) -> dict[str, Any]:
    """The proposals before and behind in the list that one came from."""
    place = place_of(request, member)
    if place.scope is None:
        return {}
    keys = list(bench.proposals_listed(member.actor, place.scope, place.filters).values_list("pk", flat=True)[:2000])
    if proposal.pk not in keys:
        return {"following": keys[0] if keys else None}
    at = keys.index(proposal.pk)
    return {
        "position": at + 1,
        "total": len(keys),
        "before": keys[at - 1] if at else None,
        "following": keys[at + 1] if at + 1 < len(keys) else None,
    }


# --- One by one ------------------------------------------------------------------------------


@require_POST
@staff_page("decide")
def accept(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Accept one proposal, as by hand: what one person may not decide alone ends in a request for the second signature.

    `tolerance` is the one that names the difference, as the page showed it.
    """
    member = member_of(request)
    bench.proposal_for(member.actor, pk)
    try:
        outcomes = accept_proposal(proposal_id=pk, tolerance_id=key_of(request.POST.get("tolerance")), by=member.actor)
    except Refused as refused:
        return proposal_page(request, member, pk, refusal=refused.message, status=status_of(refused))
    for outcome in outcomes:
        messages.success(request, told_outcome(outcome))
    return back_to(request, "desk:workbench")


@require_POST
@staff_page("decide")
def dismiss(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Say that these do not belong together. It moves no money and can be taken back; of a sample it stops the automatic."""
    member = member_of(request)
    proposal = bench.proposal_for(member.actor, pk)
    is_sample = proposal.state == Proposal.State.SAMPLED
    try:
        if not dismiss_proposals(proposal_ids=[pk], is_wrong=is_sample, by=member.actor):
            raise Stale(_("This was decided meanwhile."), code="proposal_closed")
    except Refused as refused:
        return workbench_page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("Dismissed: these do not belong together."))
    if is_sample:
        messages.warning(
            request, _("It was a sample of what is accepted by itself: that stops until an administrator allows it.")
        )
    return back_to(request, "desk:workbench")


@require_POST
@staff_page("decide")
def restore(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take a dismissal back."""
    member = member_of(request)
    bench.proposal_for(member.actor, pk)
    try:
        restore_proposal(proposal_id=pk, by=member.actor)
    except Refused as refused:
        return workbench_page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("Back in the list."))
    return back_to(request, "desk:workbench")


# --- All that are certain --------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def certain(request: HouseRequest) -> HttpResponseBase:
    """The list to check, everything ticked; the button accepts what is ticked (`proposal`), not what came meanwhile."""
    member = member_of(request)
    refusal, status = "", 200
    if request.method == "POST":
        keys = [key for key in map(key_of, request.POST.getlist("proposal")) if key is not None][:MOST_AT_ONCE]
        try:
            return _accept_all(request, member, keys)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
    place = place_of(request, member)
    rows: list[Listed] = []
    total = 0
    if place.scope is not None:
        found = bench.certain(bench.in_scope(bench.live_proposals(member.actor), place.scope)).order_by("-score", "pk")
        total = found.count()
        shown = workrows.proposal_rows(member.merchant, list(found[:MOST_AT_ONCE]))
        rows = [Listed(row=row, held=_held(member, row)) for row in shown]
    free = [each.row for each in rows if not each.held]
    context = {
        "place": place,
        "rows": rows,
        "total": total,
        "chosen": len(free),
        "amount": sum((row.amount for row in free), Decimal(0)),
        "left": address_left(request, member),
        "refusal": refusal,
    }
    return show(request, member, "desk/workbench_certain.html", context, status=status)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A certain one in the list to check; `held` says who is at work on it, and until when."""

    row: workrows.Row
    held: str


def _held(member: Member, row: workrows.Row) -> str:
    for side in row.reports:
        ticket = side.transfer.report.ticket
        if ticket.state == State.IN_REVIEW and ticket.claimed_by_id != member.user.pk and not claim_has_run_out(ticket):
            until = spell_moment(member.merchant, ticket.claimed_until)
            return _("%(name)s is working on it until %(until)s.") % {"name": ticket.claimed_by, "until": until}
    return ""


def _accept_all(request: HouseRequest, member: Member, keys: list[int]) -> HttpResponseBase:
    """Accept what was ticked of what is certain still."""
    still = set(bench.certain(bench.live_proposals(member.actor)).filter(pk__in=keys).values_list("pk", flat=True))
    wanted = [key for key in keys if key in still]
    if not wanted:
        raise Refused(_("Nothing is ticked, or what you ticked was decided meanwhile."), code="nothing_picked")
    outcome = accept_proposals(proposal_ids=wanted, by=member.actor)
    count = len(outcome.accepted)
    if count:
        said = ngettext("%(count)d report is verified.", "%(count)d reports are verified.", count) % {"count": count}
        messages.success(request, said)
    left = [each for each in outcome.left if each.code != "proposal_closed"]
    gone = len(keys) - len(wanted) + len(outcome.left) - len(left)
    if gone:
        messages.warning(
            request, ngettext("%(count)d was decided meanwhile.", "%(count)d were decided meanwhile.", gone) % {"count": gone}
        )
    for each in left[:MOST_TOLD]:
        messages.warning(request, f"{each.number}: {each.sentence}")
    more = len(left) - MOST_TOLD
    if more > 0:
        messages.warning(request, _("… and %(count)d more that a person must decide.") % {"count": more})
    return redirect(address_left(request, member))


@require_POST
@staff_page("decide")
def propose(request: HouseRequest) -> HttpResponseBase:
    """Look for matches again in an account: at once where it is quick, else in the background."""
    member = member_of(request)
    accounts = {account.pk: account for account in accounts_of(member.merchant, all_of_them=True)}
    account = accounts.get(key_of(request.POST.get("account")) or 0)
    if account is None:
        raise Http404
    if bench.free_lines(member.actor, account).count() > MOST_NOW:
        propose_soon(account)
        messages.success(request, _("Looking for matches; they appear here when they are found."))
        return back_to(request, "desk:workbench")
    propose_matches(merchant=member.merchant, account_id=account.pk, by=member.actor)
    messages.success(request, _("Looked for matches among everything that is free."))
    return back_to(request, "desk:workbench")


# --- What was done ---------------------------------------------------------------------------


@require_safe
@staff_page()
def show_log(request: HouseRequest) -> HttpResponseBase:
    """Everything that was done today with the account's movements, with the way to take each back."""
    member = member_of(request)
    place = place_of(request, member)
    today = today_at(member.merchant)
    log = told(member, log_of(member.actor, place.scope.account, today)) if place.scope else []
    pages = Paginator(log, 100).get_page(1)
    context = {"place": place, "log": list(pages.object_list), "today": today, "left": address_left(request, member)}
    return show(request, member, "desk/workbench_log.html", context)
