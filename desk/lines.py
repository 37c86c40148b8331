"""The bank's movements: the list, one with what it paid, by hand or at the cash desk."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.line_forms import LineFilterForm, LineForm
from desk.requests import BAD_INPUT, member_of, show, status_of
from reconciliation.models import StatementLine
from reconciliation.selectors import LineFilters, line_for, lines_for
from reconciliation.selectors.imports import imports_for
from reconciliation.selectors.lines import PAGE_SIZE
from reconciliation.selectors.returns import debit_of, pair_of, refunds_to_do
from reconciliation.services import enter_line
from reconciliation.words import tell

MOST_IMPORTS = 10


@require_safe
@staff_page()
def show_lines(request: HouseRequest) -> HttpResponseBase:
    """Movements by account, date, use, amount and words."""
    member = member_of(request)
    form = LineFilterForm(request.GET, merchant=member.merchant)
    is_good = form.is_valid()
    found = lines_for(member.actor, form.filters() if is_good else LineFilters())
    context = {
        "form": form,
        "found": found,
        "page": Paginator(range(found.total), PAGE_SIZE).page(found.page),
        "imports": imports_for(member.actor)[:MOST_IMPORTS],
        "refunds_to_do": refunds_to_do(member.actor),
        "is_narrowed": any(request.GET.get(name) for name in form.fields if name != "page"),
    }
    return show(request, member, "desk/lines.html", context, status=200 if is_good else BAD_INPUT)


@require_safe
@staff_page()
def show_line(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One movement: where it comes from, what it paid or what it was, which reports hold it."""
    member = member_of(request)
    line = line_for(member.actor, pk)
    matches = [{"match": match, "evidence": [tell(row) for row in match.evidence]} for match in line.matches.all()]
    debit = debit_of(member.actor, line) if line.amount < 0 else None
    pair = debit.pair if debit else pair_of(member.actor, line)
    return show(request, member, "desk/line.html", {"line": line, "matches": matches, "debit": debit, "pair": pair})


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def new_line(request: HouseRequest) -> HttpResponseBase:
    """Enter one movement by hand, with a reason; `?cash=1` is the cash desk."""
    member = member_of(request)
    is_cash = request.GET.get("cash") == "1"
    form = LineForm(request.POST if request.method == "POST" else None, merchant=member.merchant, is_cash=is_cash)
    refusal, status, is_alike = "", 200, form.is_bound and "is_another" in form.data
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            read = form.cleaned_data
            try:
                line = enter_line(
                    merchant=member.merchant,
                    account_id=read["account"],
                    booked_on=read["booked_on"],
                    amount=form.signed_amount,
                    reference=read["reference"],
                    text=read.get("text", ""),
                    payer_name=read["payer_name"],
                    payer_id=read["payer_id"],
                    origin_bank_code=read.get("origin_bank_code", ""),
                    reason=read["reason"],
                    source=StatementLine.Source.CASH if is_cash else StatementLine.Source.MANUAL,
                    is_another=read.get("is_another", False),
                    by=member.actor,
                )
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
                is_alike = is_alike or refused.code == "line_maybe_known"
            else:
                messages.success(request, _("The movement is entered."))
                return redirect("desk:line", line.pk)
    context = {"form": form, "refusal": refusal, "is_cash": is_cash, "is_alike": is_alike}
    return show(request, member, "desk/line_new.html", context, status=status)
