"""The first pages of a new house: from its country to its first customers, one step after the other, each of which can wait.

Every step is done by the service that the set-up's own page uses; what is done is seen from what stands, never from a page.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.forms import NameField, StaffForm
from accounts.identity import tax_id_name, tax_id_warning
from accounts.models import Language, Merchant, Role
from accounts.selectors import staff_of
from accounts.services import set_role
from banking.forms import AccountForm, currency_choices
from banking.models import ReceivingAccount
from banking.selectors import accounts_of, methods_of
from banking.services import save_account
from desk.acts import FORM_METHODS
from desk.fields import offer
from desk.house import place_refusal
from desk.order_imports import OrderFileForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from files.checks import display_name
from orders.import_files import order_imports_for, read_import
from reconciliation.importing.reading import HOUSE_LAYOUT
from reconciliation.selectors.profiles import current_profiles_for, layout_name, layouts_for
from reconciliation.services.houses import (
    COUNTRIES,
    finish_setup,
    is_used,
    offer_methods,
    settle_house,
    setup_steps_of,
    use_layout,
)

STEP_NAMES: Mapping[str, Any] = {
    "house": gettext_lazy("Your company"),
    "account": gettext_lazy("Receiving account"),
    "methods": gettext_lazy("Payment methods"),
    "statements": gettext_lazy("The bank's files"),
    "staff": gettext_lazy("Staff"),
    "customers": gettext_lazy("Customers and orders"),
    "ready": gettext_lazy("Ready"),
}
ORDER = tuple(STEP_NAMES)
COUNTRY_NAMES: Mapping[str, Any] = {
    "AR": gettext_lazy("Argentina"),
    "CL": gettext_lazy("Chile"),
    "CO": gettext_lazy("Colombia"),
    "EC": gettext_lazy("Ecuador"),
    "MX": gettext_lazy("Mexico"),
    "PE": gettext_lazy("Peru"),
    "VE": gettext_lazy("Venezuela"),
}


class HouseForm(forms.Form):
    """Who the company is, and where."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    name = NameField(label=gettext_lazy("Name that customers know"), max_length=120)
    legal_name = NameField(label=gettext_lazy("Registered name"), max_length=200)
    tax_id = forms.CharField(label=gettext_lazy("Tax id"), max_length=30)
    currency = forms.ChoiceField(label=gettext_lazy("Currency of your orders"), choices=currency_choices)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    default_language = forms.ChoiceField(label=gettext_lazy("Language of letters"), choices=Language.choices)

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data, initial={name: getattr(merchant, name) for name in self.base_fields})
        known = {**COUNTRY_NAMES, merchant.country: COUNTRY_NAMES.get(merchant.country, merchant.country)}
        offer(self, "country", sorted(((code, str(name)) for code, name in known.items()), key=lambda each: each[1]))
        zones = sorted({zone for zone in zoneinfo.available_timezones() if zone.startswith("America/")} | {merchant.time_zone})
        offer(self, "time_zone", [(zone, zone.removeprefix("America/").replace("_", " ")) for zone in zones])
        self.fields["tax_id"].help_text = tax_id_name(merchant.country)
        self.house = merchant

    def changes(self) -> dict[str, Any]:
        """As `settle_house` takes it. Another country has another clock: its own when the zone was left as it was."""
        read = dict(self.cleaned_data)
        if read["country"] != self.house.country and read["time_zone"] == self.house.time_zone:
            read["time_zone"] = COUNTRIES.get(read["country"], (read["time_zone"], ""))[0]
        return read


class MethodsForm(forms.Form):
    """Which of the country's ways of paying are offered."""

    methods: Any = forms.ModelMultipleChoiceField(
        label=gettext_lazy("How may customers pay?"), queryset=None, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )  # fmt: skip

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        every = methods_of(merchant, all_of_them=True)
        super().__init__(data, initial={"methods": [method.pk for method in every if method.is_active]})
        self.fields["methods"].queryset = every  # type: ignore[attr-defined]


class LayoutForm(forms.Form):
    """How the bank of an account writes its files."""

    layout = forms.ChoiceField(label=gettext_lazy("How does the bank write its files?"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, account: ReceivingAccount) -> None:
        own, others = layouts_for(account)
        near = [each for each in others if each.country in ("", account.merchant.country)]
        # A layout of another bank is nobody's first guess: where the account's own has none, one's own sheet is.
        guess = next((each for each in (*own, *near) if each in own or each.profile == HOUSE_LAYOUT), near[0])
        super().__init__(data, initial={"layout": guess.key})
        offer(self, "layout", [(each.key, layout_name(each)) for each in (*own, *near)])


Form = forms.Form
Act = Callable[[Any], str]


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def begin(request: HouseRequest) -> HttpResponseBase:
    """One step, or the first that is open. POST does it and goes to the next."""
    member = member_of(request)
    merchant = member.merchant
    done = _standing(merchant)
    first_open = next((key for key in ORDER if not done.get(key)), "ready")
    step = request.GET.get("step") or first_open
    if step not in ORDER:
        raise Http404
    made, act = _step(request, member, step)
    refusal, status = "", 200
    if request.method == "POST":
        status = BAD_INPUT
        if made is None or made.is_valid():
            try:
                goes_to = act(made)
            except Refused as refused:
                refusal = refused.message if made is None else place_refusal(made, refused)
                status = status_of(refused)
            else:
                return redirect(goes_to) if goes_to else redirect(f"{request.path}?step={_next(step)}")
    steps = [(key, STEP_NAMES[key], bool(done.get(key)), key == step) for key in ORDER]
    context = {
        "step": step,
        "title": STEP_NAMES[step],
        "steps": steps,
        "form": made,
        "refusal": refusal,
        "after": _next(step),
        "missing": [(key, STEP_NAMES[key]) for key in ORDER if key != "ready" and not done[key]],
        "staff": staff_of(merchant) if step == "staff" else [],
        "account": _account(member) if step == "statements" else None,
        "imports": order_imports_for(member.actor)[:3] if step == "customers" else [],
        "is_fixed": step == "house" and is_used(merchant),
    }
    return show(request, member, "desk/begin.html", context, status=status)


def _standing(merchant: Merchant) -> dict[str, bool]:
    """Which steps are done; customers and orders are one step, since they come from one file."""
    done = {step.key: step.is_done for step in setup_steps_of(merchant)}
    has_orders = done.pop("orders")
    return done | {"customers": done["customers"] and has_orders}


def _next(step: str) -> str:
    return ORDER[min(ORDER.index(step) + 1, len(ORDER) - 1)]


def _step(request: HouseRequest, member: Member, step: str) -> tuple[Form | None, Act]:
    """The form of a step and what its POST does; the act gives an address to go to, or nothing for the next step."""
    data = request.POST if request.method == "POST" else None
    makers: Mapping[str, Callable[[], tuple[Form | None, Act]]] = {
        "house": lambda: (HouseForm(data, merchant=member.merchant), lambda form: _keep_house(request, member, form)),
        "account": lambda: (_account_form(member, data), lambda form: _keep_account(member, form)),
        "methods": lambda: (MethodsForm(data, merchant=member.merchant), lambda form: _keep_methods(member, form)),
        "statements": lambda: _layout_step(member, data),
        "staff": lambda: (StaffForm(data, initial={"role": Role.ACCOUNTANT}), lambda form: _keep_staff(request, member, form)),
        "customers": lambda: (
            OrderFileForm(data, request.FILES if data is not None else None), lambda form: _read_file(request, member, form)
        ),
        "ready": lambda: (None, lambda _form: _finish(request, member)),
    }  # fmt: skip
    return makers[step]()


def _keep_house(request: HouseRequest, member: Member, form: Any) -> str:
    merchant = settle_house(by=member.actor, **form.changes())
    warning = tax_id_warning(merchant.tax_id, merchant.country)
    if warning:
        messages.warning(request, warning)
    return ""


def _account_form(member: Member, data: Any) -> AccountForm:
    merchant = member.merchant
    initial = {
        "currency": merchant.currency, "holder": merchant.legal_name or merchant.name, "holder_tax_id": merchant.tax_id,
        "methods": [method.pk for method in methods_of(merchant) if method.key == "transfer"],
    }  # fmt: skip
    form = AccountForm(data, merchant=merchant, initial=initial)
    for name in ("position", "is_active", "is_public"):
        form.fields[name].widget = forms.HiddenInput()
    return form


def _keep_account(member: Member, form: Any) -> str:
    methods = [method.pk for method in form.cleaned_data["methods"]]
    save_account(merchant=member.merchant, data=form.to_data(), method_ids=methods, by=member.actor)
    return ""


def _keep_methods(member: Member, form: Any) -> str:
    offer_methods(method_ids=[method.pk for method in form.cleaned_data["methods"]], by=member.actor)
    return ""


def _account(member: Member) -> ReceivingAccount | None:
    """The first account whose statements nobody has described yet, else the first one."""
    profiles = current_profiles_for(member.actor)
    accounts = [each for each in accounts_of(member.merchant) if each.kind != ReceivingAccount.Kind.CASH]
    return next((each for each in accounts if each.pk not in profiles), accounts[0] if accounts else None)


def _layout_step(member: Member, data: Any) -> tuple[Form | None, Act]:
    account = _account(member)
    if account is None:
        return None, lambda _form: ""

    def keep(form: Any) -> str:
        use_layout(account_id=account.pk, key=form.cleaned_data["layout"], by=member.actor)
        return ""

    return LayoutForm(data, account=account), keep


def _keep_staff(request: HouseRequest, member: Member, form: Any) -> str:
    read = form.cleaned_data
    role = set_role(merchant=member.merchant, email=read["email"], name=read["name"], role=Role(read["role"]), by=member.actor)
    messages.success(request, _("%(name)s is now: %(role)s.") % {"name": role.user, "role": Role(role.role).label})
    return f"{request.path}?step=staff"


def _read_file(request: HouseRequest, member: Member, form: Any) -> str:
    upload = form.cleaned_data["file"]
    made = read_import(file_name=display_name(upload.name or ""), content=upload.read(), by=member.actor)
    return reverse("desk:order_import", args=[made.pk])


def _finish(request: HouseRequest, member: Member) -> str:
    finish_setup(by=member.actor)
    messages.success(request, _("Your company is ready. Give your customers the address of your portal."))
    return reverse("desk:queue")


def missing_steps(member: Member) -> list[tuple[str, Any]]:
    """What a house that is being set up still lacks, for its administrator's first page; nothing for everybody else."""
    if not (member.merchant.is_being_set_up and member.actor.can_administer):
        return []
    done = _standing(member.merchant)
    return [(key, STEP_NAMES[key]) for key in done if not done[key]] or [("ready", _("Say that it is ready"))]
