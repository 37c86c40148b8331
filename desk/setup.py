"""The merchant's own data: accounts and methods, rates, staff and roles, reasons, hours and limits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.forms import StaffForm
from accounts.models import Role
from accounts.selectors import staff_of
from accounts.services import end_role, set_role
from banking.forms import AccountForm, MethodForm, RateForm, RatesFileForm
from banking.models import TransferField
from banking.selectors import accounts_of, currencies_of, methods_of, rates_for, withholding_kinds_of
from banking.services import RatesRefused, enter_rate, import_rates, save_account, save_method
from desk.acts import FORM_METHODS
from desk.compare import plain_number
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from orders.dates import today_at
from reconciliation.selectors.profiles import current_profiles_for
from reconciliation.selectors.tolerances import tolerances_for
from tickets.calendar import national_holidays
from tickets.models import Reason
from tickets.selectors import reasons_of

RATES_SHOWN = 50


@require_safe
@staff_page()
def show_setup(request: HouseRequest) -> HttpResponseBase:
    """Everything at a glance; administrators change accounts, methods and staff from here, accounting enters rates."""
    member = member_of(request)
    merchant = member.merchant
    today = today_at(merchant)
    holidays = {day for year in (today.year, today.year + 1) for day in national_holidays(merchant.country, year)}
    holidays |= {dt.date.fromisoformat(day) for day in merchant.extra_holidays}
    profiles = current_profiles_for(member.actor)
    context = {
        "accounts": [(account, profiles.get(account.pk)) for account in accounts_of(merchant, all_of_them=True)],
        "methods": [_with_asked(method) for method in methods_of(merchant, all_of_them=True)],
        "rates": [(rate, plain_number(rate.rate, least=2)) for rate in rates_for(member.actor)[:5]],
        "withholdings": withholding_kinds_of(merchant, all_of_them=True),
        "needs_rates": len(currencies_of(merchant)) > 1,
        "staff": staff_of(merchant),
        "reasons": [*reasons_of(merchant, Reason.Kind.REJECT), *reasons_of(merchant, Reason.Kind.REVERSE)],
        "hours": [(name, merchant.business_hours.get(str(day + 1), [])) for day, name in WEEKDAYS.items()],
        "holidays": sorted(day for day in holidays if day >= today)[:6],
        "can_administer": member.actor.can_administer,
        "can_decide": member.actor.can_decide,
    }
    return show(request, member, "desk/setup.html", context)


def _with_asked(method: Any) -> dict[str, Any]:
    """A method with the names of what it asks."""
    return {"method": method, "asks": [str(TransferField(each).label) for each in method.asks]}


# --- Rates -----------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page()
def rates(request: HouseRequest) -> HttpResponseBase:
    """Dated rates, the newest first; one typed, or a file of them. A later row corrects an earlier one."""
    member = member_of(request)
    if request.method == "POST" and not member.actor.can_decide:
        raise NotAllowed
    by_file = request.method == "POST" and "file" in request.POST.get("what", "")
    typed = RateForm(request.POST if request.method == "POST" and not by_file else None, initial=_usual_rate(member))
    file = RatesFileForm(request.POST if by_file else None, request.FILES if by_file else None)
    refusal, status = "", 200
    errors: list[str] = []
    is_far = False
    if request.method == "POST":
        status = BAD_INPUT
        try:
            said = _take_file(member, file) if by_file else _take_rate(member, typed)
        except RatesRefused as refused:
            refusal, errors = refused.message, [str(each) for each in refused.errors]
            is_far = refused.has_far
        except Refused as refused:
            refusal, status, is_far = refused.message, status_of(refused), refused.code == "rate_far"
        else:
            if said:
                messages.success(request, said)
                return redirect("desk:rates")
    page = Paginator(rates_for(member.actor), RATES_SHOWN).get_page(request.GET.get("page"))
    rows = [(rate, plain_number(rate.rate, least=2)) for rate in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "typed": typed,
        "file": file,
        "refusal": refusal,
        "errors": errors,
        "asks_rate": is_far and not by_file,
        "asks_file": is_far and by_file,
        "can": member.actor.can_decide,
    }
    return show(request, member, "desk/rates.html", context, status=status)


def _usual_rate(member: Member) -> dict[str, Any]:
    """Today, and the pair that the merchant needs."""
    currencies = currencies_of(member.merchant)
    quote = currencies[1] if len(currencies) > 1 else "VES"
    merchant = member.merchant
    return {"date": today_at(merchant), "base": merchant.currency, "quote": quote, "source": merchant.rate_source}


def _take_rate(member: Member, form: RateForm) -> str:
    if not form.is_valid():
        return ""
    rate = enter_rate(merchant=member.merchant, by=member.actor, **form.cleaned_data)
    return _("The rate of %(base)s in %(quote)s is kept.") % {"base": rate.base, "quote": rate.quote}


def _take_file(member: Member, form: RatesFileForm) -> str:
    if not form.is_valid():
        return ""
    made = import_rates(
        merchant=member.merchant,
        content=form.cleaned_data["file"].read(),
        confirmed=form.cleaned_data["confirmed"],
        by=member.actor,
    )
    added = ngettext("%(count)d rate added.", "%(count)d rates added.", made.added) % {"count": made.added}
    known = ngettext("%(count)d was known.", "%(count)d were known.", made.unchanged) % {"count": made.unchanged}
    return f"{added} {known}"


# --- Accounts and methods --------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_account(request: HouseRequest, pk: int | None = None) -> HttpResponseBase:
    """Add or change a receiving account."""
    member = member_of(request)
    account = next((each for each in accounts_of(member.merchant, all_of_them=True) if each.pk == pk), None)
    if pk is not None and account is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    initial = AccountForm.initial_of(account) if account else {"currency": member.merchant.currency}
    form = AccountForm(data, merchant=member.merchant, initial=initial)

    def keep() -> str:
        methods = [method.pk for method in form.cleaned_data["methods"]]
        kept = save_account(merchant=member.merchant, data=form.to_data(), method_ids=methods, account_id=pk, by=member.actor)
        return _("The account %(account)s is kept.") % {"account": kept}

    title = str(account) if account else _("New account")
    more = {"account": account, "allowed": tolerances_for(member.actor, account).count()} if account else {}
    return _edit(request, member, form, keep, title, more=more)


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_method(request: HouseRequest, pk: int | None = None) -> HttpResponseBase:
    """Add or change a way of paying."""
    member = member_of(request)
    method = methods_of(member.merchant, all_of_them=True).filter(pk=pk).first() if pk is not None else None
    if pk is not None and method is None:
        raise Http404
    names = (
        "key", "name_es", "name_en", "asks", "requires", "clearing_days", "note_es", "note_en", "surcharge_per_cent",
        "surcharge_name_es", "surcharge_name_en", "position", "is_active",
    )  # fmt: skip
    initial = {name: getattr(method, name) for name in names} if method else None
    form = MethodForm(request.POST if request.method == "POST" else None, initial=initial)

    def keep() -> str:
        data = form.to_data(icon=method.icon if method else "bank")
        kept = save_method(merchant=member.merchant, data=data, method_id=pk, by=member.actor)
        return _("The method %(method)s is kept.") % {"method": kept}

    return _edit(request, member, form, keep, method.name if method else _("New method"))


def _edit(
    request: HouseRequest, member: Member, form: forms.Form, keep: Any, title: str, *, more: dict[str, Any] | None = None
) -> HttpResponseBase:
    """A form of the set-up: shown, or kept and back to the overview; a refusal stands on top and nothing typed is lost."""
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                said = keep()
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, said)
                return redirect("desk:setup")
    context = {"form": form, "title": title, "refusal": refusal, **(more or {})}
    return show(request, member, "desk/setup_form.html", context, status=status)


# --- Staff -----------------------------------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_staff(request: HouseRequest) -> HttpResponseBase:
    """Make somebody staff, or change their role: known by e-mail."""
    member = member_of(request)
    initial = {name: request.GET.get(name, "")[:254] for name in ("email", "name", "role")}
    form = StaffForm(request.POST if request.method == "POST" else None, initial=initial)

    def keep() -> str:
        read = form.cleaned_data
        role = set_role(
            merchant=member.merchant, email=read["email"], name=read["name"], role=Role(read["role"]), by=member.actor
        )
        return _("%(name)s is now: %(role)s.") % {"name": role.user, "role": Role(role.role).label}

    return _edit(request, member, form, keep, _("Staff and role"))


@require_POST
@staff_page("administer")
def end_staff(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take somebody off the staff; their sessions end."""
    member = member_of(request)
    role = staff_of(member.merchant).filter(pk=pk).first()
    if role is None:
        raise Http404
    try:
        end_role(staff_role=role, by=member.actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("desk:setup")
    messages.success(request, _("%(name)s is no longer on the staff.") % {"name": role.user})
    return redirect("desk:setup")
