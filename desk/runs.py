"""What the program matched by itself: its runs, taking one back as a whole, and letting it go on after a sample was wrong."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.services import set_auto_accept
from desk.acts import FORM_METHODS
from desk.forms import AutomaticForm, ReverseForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from desk.workbench_form import address_left
from reconciliation.models import MatchRun
from reconciliation.selectors.runs import is_automatic_on, open_stop_of, run_for, runs_for
from reconciliation.services import lift_stop, undo_run

MOST_SHOWN = 30
MOST_TOLD = 5


@require_safe
@staff_page()
def show_runs(request: HouseRequest) -> HttpResponseBase:
    """The last runs with their counts, and whether what is certain is accepted by itself."""
    return _page(request, member_of(request), None)


def _page(request: HouseRequest, member: Member, data: Any, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
    context = {
        "runs": list(runs_for(member.actor)[:MOST_SHOWN]),
        "stop": open_stop_of(member.merchant),
        "is_automatic": is_automatic_on(member.merchant),
        "left": address_left(request, member),
        "form": AutomaticForm(data, merchant=member.merchant) if member.actor.can_administer else None,
        "refusal": refusal,
    }
    return show(request, member, "desk/runs.html", context, status=status)


@require_POST
@staff_page("administer")
def automatic(request: HouseRequest) -> HttpResponseBase:
    """Switch automatic acceptance on or off, with its limit."""
    member = member_of(request)
    form = AutomaticForm(request.POST, merchant=member.merchant)
    if not form.is_valid():
        return _page(request, member, request.POST, status=BAD_INPUT)
    try:
        set_auto_accept(is_on=form.cleaned_data["is_on"], limit=form.cleaned_data["limit"], by=member.actor)
    except Refused as refused:
        return _page(request, member, request.POST, refusal=refused.message, status=BAD_INPUT)
    messages.success(request, _("Kept. It counts from the next run."))
    return redirect("desk:runs")


@require_http_methods(FORM_METHODS)
@staff_page("sign")
def undo(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Reverse everything that was settled from a run's proposals; above the limit each waits for its second signature."""
    member = member_of(request)
    run = run_for(member.actor, pk)
    form = ReverseForm(request.POST if request.method == "POST" else None, merchant=member.merchant, of_many=True)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                return _reverse_all(request, member.actor, run, form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
    context = {"run": run, "form": form, "refusal": refusal}
    return show(request, member, "desk/run_undo.html", context, status=status)


def _reverse_all(request: HouseRequest, by: Any, run: MatchRun, read: dict[str, Any]) -> HttpResponseBase:
    outcome = undo_run(run_id=run.pk, reason_id=read["reason"], note=read["note"], by=by)
    count = len(outcome.reversed)
    if count:
        said = ngettext("%(count)d report is reversed.", "%(count)d reports are reversed.", count) % {"count": count}
        messages.success(request, said)
    asked = len(outcome.requested)
    if asked:
        said = ngettext(
            "%(count)d reversal waits for its second signature.", "%(count)d reversals wait for their second signature.", asked
        )
        messages.success(request, said % {"count": asked})
    for left in outcome.left[:MOST_TOLD]:
        messages.warning(request, f"{left.number}: {left.sentence}")
    if not (count or asked or outcome.left):
        messages.warning(request, _("Nothing of this run stands: there is nothing to reverse."))
    return redirect("desk:runs")


@require_POST
@staff_page("administer")
def lift(request: HouseRequest) -> HttpResponseBase:
    """Let automatic acceptance go on."""
    member = member_of(request)
    try:
        lift_stop(by=member.actor)
    except Refused as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, _("What is certain may be accepted by itself again."))
    return redirect("desk:runs")
