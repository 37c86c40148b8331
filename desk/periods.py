"""Months: what is open of the next one, closing it, and opening the last one again by two people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from banking.money import format_money
from desk.books_forms import CloseForm, ReopenForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from reconciliation.closed import month_name
from reconciliation.models import Period
from reconciliation.selectors import books
from reconciliation.services import close_period, refuse_reopening, request_reopening, sign_reopening


@require_safe
@staff_page()
def show_periods(request: HouseRequest) -> HttpResponseBase:
    """The month that comes next with what is open of it, the months that are closed, and a reopening that waits."""
    return _page(request, member_of(request))


@require_POST
@staff_page("sign")
def close(request: HouseRequest) -> HttpResponseBase:
    """Close a month."""
    member = member_of(request)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, member, closing=form, status=BAD_INPUT)
    try:
        period = close_period(month=form.cleaned_data["month"], note=form.cleaned_data["note"], by=member.actor)
    except Refused as refused:
        return _page(request, member, closing=form, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("%(month)s is closed.") % {"month": month_name(period.month).capitalize()})
    return redirect("desk:periods")


@require_POST
@staff_page("decide")
def reopen(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Ask to open the last closed month again."""
    member = member_of(request)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, member, reopening=form, status=BAD_INPUT)
    try:
        request_reopening(period_id=pk, reason=form.cleaned_data["reason"], by=member.actor)
    except Refused as refused:
        return _page(request, member, reopening=form, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("Asked. Somebody else of senior accounting must sign it."))
    return redirect("desk:periods")


@require_POST
@staff_page("sign")
def sign(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Give the second signature: the month is open again."""
    member = member_of(request)
    try:
        period = sign_reopening(request_id=pk, by=member.actor)
    except Refused as refused:
        return _page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("%(month)s is open again.") % {"month": month_name(period.month).capitalize()})
    return redirect("desk:periods")


@require_POST
@staff_page("decide")
def refuse(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Do not sign, or take one's own request back: the month stays closed."""
    member = member_of(request)
    try:
        refuse_reopening(request_id=pk, by=member.actor)
    except Refused as refused:
        return _page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("The month stays closed."))
    return redirect("desk:periods")


def _page(
    request: HouseRequest,
    member: Member,
    *,
    closing: CloseForm | None = None,
    reopening: ReopenForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    actor = member.actor
    month = books.next_to_close(actor)
    periods = list(books.periods_for(actor))
    waiting = books.reopening_for(actor)
    context: dict[str, Any] = {
        "refusal": refusal,
        "month": month,
        "month_name": month_name(month) if month else "",
        "check": books.month_check_for(actor, month) if month else None,
        "closing": closing or CloseForm(initial={"month": f"{month:%Y-%m}"} if month else {}),
        "reopening": reopening or ReopenForm(),
        "waiting": waiting,
        "periods": [(_with_money(each), month_name(each.month).capitalize()) for each in periods],
        "last": next((each for each in periods if each.is_closed), None),
        "audit": books.last_audit_for(actor),
        "can_sign": actor.can_sign,
        "can_decide": actor.can_decide,
        "is_asked_by_me": waiting is not None and waiting.requested_by_id == member.user.pk,
    }
    return show(request, member, "desk/books_periods.html", context, status=status)


def _with_money(period: Period) -> Period:
    """The month with its kept balances as the reader writes money."""
    language = get_language() or "es"
    for row in period.facts.get("accounts", []):
        for name in ("bank", "books"):
            row[f"{name}_money"] = format_money(Decimal(row[name]), row["currency"], language)
    return period
