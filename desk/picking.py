"""The picker: put together by hand what no proposal does. One deposit for several reports, several deposits for one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.compare import money
from desk.money_acts import told
from desk.requests import Member, back_to, key_of, member_of, show, status_of
from desk.workbench_form import address_left
from reconciliation.models import StatementLine
from reconciliation.selectors.payers import one_payer
from reconciliation.selectors.picking import Pick, line_to_pick, lines_for_report, reports_for_line, transfer_to_pick
from reconciliation.services import settle_picked

MOST_CHOSEN = 24


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def pick_reports(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Which reports a movement pays (`pick`, several). GET shows what would happen, POST settles.

    Reports of several customers outside a payer group need a word more (`across`); `remember` makes them one.
    """
    member = member_of(request)
    line = line_to_pick(member.actor, pk)
    chosen = _chosen(request)
    refusal, status = "", 200
    if request.method == "POST":
        remember = _payer_name(line, request.POST.get("remember") == "on")
        done = _settle(request, member, [pk], chosen, across=request.POST.get("across") == "on", remember=remember)
        if not isinstance(done, Refused):
            return done
        refusal, status = done.message, status_of(done)
        line = line_to_pick(member.actor, pk)
    search = _search(request)
    picks = reports_for_line(member.actor, line, text=search, chosen=chosen)
    context = {"line": line, "free": line.balance.free, "account": line.account} | _payer_of(member, picks)
    if refusal:
        context |= {"across": request.POST.get("across") == "on", "remember": request.POST.get("remember") == "on"}
    return _page(request, member, picks, line.balance.free, context, search=search, refusal=refusal, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def pick_lines(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Which movements are a report's money (`pick`, several)."""
    member = member_of(request)
    transfer = transfer_to_pick(member.actor, pk)
    chosen = _chosen(request)
    refusal, status = "", 200
    if request.method == "POST":
        done = _settle(request, member, chosen, [pk])
        if not isinstance(done, Refused):
            return done
        refusal, status = done.message, status_of(done)
    search = _search(request)
    picks = lines_for_report(member.actor, transfer, text=search, chosen=chosen)
    context = {"transfer": transfer, "account": transfer.account}
    return _page(request, member, picks, transfer.amount, context, search=search, refusal=refusal, status=status)


def _page(
    request: HouseRequest,
    member: Member,
    picks: Sequence[Pick],
    wanted: Decimal,
    context: dict[str, Any],
    *,
    search: str,
    refusal: str,
    status: int,
) -> HttpResponseBase:
    picked = [pick for pick in picks if pick.is_chosen]
    sum_picked = sum((pick.amount for pick in picked), Decimal(0))
    currency = context["account"].currency
    more = {
        "picks": picks,
        "picked": len(picked),
        "sum_picked": sum_picked,
        "effect": effect_of(wanted, sum_picked, currency, to_reports="line" in context) if picked else "",
        "fits": bool(picked) and sum_picked == wanted,
        "search": search,
        "refusal": refusal,
        "left": address_left(request, member),
    }
    return show(request, member, "desk/workbench_pick.html", context | more, status=status)


def effect_of(wanted: Decimal, picked: Decimal, currency: str, *, to_reports: bool) -> str:
    """What is chosen beside what is there, in a sentence. `to_reports`: a movement for reports, else movements for a report."""
    off = money(abs(picked - wanted), currency)
    if picked == wanted:
        return _("It adds up exactly.")
    if to_reports:
        if picked < wanted:
            return _("%(money)s of the movement stay free.") % {"money": off}
        return _("%(money)s are missing: the last report gets less than it says, and a second person signs.") % {"money": off}
    if picked < wanted:
        return _("%(money)s less than the report says: a second person signs.") % {"money": off}
    return _("%(money)s more than the report says: a second person signs.") % {"money": off}


def _payer_of(member: Member, picks: Sequence[Pick]) -> dict[str, Any]:
    """Of chosen reports of several customers: their payer group, or the names to be careful about."""
    chosen = [pick.transfer.report.customer for pick in picks if pick.is_chosen and pick.transfer]
    customers = {customer.pk: customer.name for customer in chosen}
    if len(customers) < 2:
        return {}
    return {"payer": one_payer(member.merchant, customers), "strangers": ", ".join(sorted(customers.values()))}


def _payer_name(line: StatementLine, is_wanted: bool) -> str:
    """What a group made here is called: as the bank names who paid."""
    name = line.payer_name or line.payer_id or line.text
    return (name or _("Payer of %(reference)s") % {"reference": line.reference_raw or line.pk}) if is_wanted else ""


def _settle(
    request: HouseRequest, member: Member, lines: list[int], transfers: list[int], *, across: bool = False, remember: str = ""
) -> HttpResponseBase | Refused:
    try:
        outcomes = settle_picked(line_ids=lines, transfer_ids=transfers, across=across, remember=remember, by=member.actor)
    except Refused as refused:
        return refused
    for outcome in outcomes:
        messages.success(request, told(outcome))
    return back_to(request, "desk:workbench")


def _chosen(request: HouseRequest) -> list[int]:
    """What is ticked, in the order of the page."""
    data = request.POST if request.method == "POST" else request.GET
    keys = [key for key in map(key_of, data.getlist("pick")) if key is not None]
    return list(dict.fromkeys(keys))[: MOST_CHOSEN + 1]


def _search(request: HouseRequest) -> str:
    data = request.POST if request.method == "POST" else request.GET
    return str(data.get("q", ""))[:100].replace("\x00", " ")
