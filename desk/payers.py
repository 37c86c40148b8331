"""Payer groups: one payer for several customers. Lists, making one, its members, its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from reconciliation.selectors.payers import customers_chosen, customers_to_add, group_for, groups_for, members_of
from reconciliation.services import add_customer, end_group, make_payer_group, remove_customer
from reconciliation.services.payers import LONGEST_NAME, LONGEST_TAX_ID, MOST_MEMBERS

PAGE_SIZE = 25


class PayerForm(forms.Form):
    """Who pays."""

    name = forms.CharField(
        label=gettext_lazy("Who pays"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("As your team knows them. Customers never see it."),
        error_messages={"required": gettext_lazy("Write who pays.")},
    )
    payer_tax_id = forms.CharField(
        label=gettext_lazy("Tax id of the payer"),
        max_length=LONGEST_TAX_ID,
        required=False,
        help_text=gettext_lazy("If the bank names it with a deposit, it points to these customers."),
    )


class ActForm(forms.Form):
    """What to do with a group; `customer` for all but its end."""

    act = forms.ChoiceField(choices=[("add", ""), ("remove", ""), ("end", "")])
    customer = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean(self) -> dict[str, Any]:
        read = dict(self.cleaned_data)
        if read.get("act") in ("add", "remove") and not read.get("customer"):
            raise forms.ValidationError(_("Choose a customer."), code="customer_required")
        return read


@require_safe
@staff_page()
def show_groups(request: HouseRequest) -> HttpResponseBase:
    """Every group with its customers; `?ended=1`: those that ended."""
    member = member_of(request)
    ended = request.GET.get("ended") == "1"
    page = Paginator(groups_for(member.actor, ended=ended), PAGE_SIZE).get_page(request.GET.get("page"))
    return show(request, member, "desk/payer_groups.html", {"page": page, "ended": ended})


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def new_group(request: HouseRequest) -> HttpResponseBase:
    """Say who pays and for whom. Customers are ticked (`customer`) and looked for (`q`); nothing typed is lost between."""
    member = member_of(request)
    data = request.POST if request.method == "POST" else request.GET
    is_sent = request.method == "POST" and "look" not in data
    chosen = [key for key in map(key_of, data.getlist("customer")) if key is not None][: MOST_MEMBERS + 1]
    typed = {name: str(data.get(name, ""))[:LONGEST_NAME] for name in PayerForm.base_fields}
    form = PayerForm(request.POST) if is_sent else PayerForm(initial=typed)
    refusal, status = "", 200
    if is_sent:
        status = BAD_INPUT
        if form.is_valid():
            try:
                group = make_payer_group(customer_ids=chosen, by=member.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("One deposit of this payer may now pay reports of all of them."))
                return redirect("desk:payer_group", group.pk)
    search = _search(request)
    ticked = customers_chosen(member.actor, chosen)
    known = {customer.pk for customer in ticked}
    found = [each for each in customers_to_add(member.actor, search) if each.customer.pk not in known] if search else []
    context = {"form": form, "refusal": refusal, "search": search, "ticked": ticked, "found": found}
    return show(request, member, "desk/payer_group_new.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def show_group(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One group: its customers of today and of before. POST adds or removes one (`act`, `customer`), or ends the group."""
    member = member_of(request)
    refusal, status = "", 200
    if request.method == "POST":
        group_for(member.actor, pk)
        form = ActForm(request.POST)
        if form.is_valid():
            try:
                messages.success(request, _act(member, pk, form.cleaned_data))
                return redirect("desk:payer_group", pk)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
        else:
            refusal, status = " ".join(str(each) for errors in form.errors.values() for each in errors), BAD_INPUT
    group = group_for(member.actor, pk)
    search = _search(request)
    members = members_of(group)
    known = {each.customer_id for each in members if each.removed_at is None}
    found = [each for each in customers_to_add(member.actor, search) if each.customer.pk not in known] if search else []
    context = {
        "group": group,
        "members": [each for each in members if each.removed_at is None],
        "gone": [each for each in members if each.removed_at is not None],
        "search": search,
        "found": found,
        "refusal": refusal,
    }
    return show(request, member, "desk/payer_group.html", context, status=status)


def _act(member: Member, pk: int, read: dict[str, Any]) -> str:
    if read["act"] == "end":
        end_group(group_id=pk, by=member.actor)
        return _("The group has ended. What was settled stays settled.")
    if read["act"] == "add":
        added = add_customer(group_id=pk, customer_id=read["customer"], by=member.actor)
        return _("%(customer)s is in the group now.") % {"customer": added.customer.name}
    removed = remove_customer(group_id=pk, customer_id=read["customer"], by=member.actor)
    return _("%(customer)s is not in the group any more. What was settled stays settled.") % {"customer": removed.customer.name}


def _search(request: HouseRequest) -> str:
    data = request.POST if request.method == "POST" else request.GET
    return str(data.get("q", "")).replace("\x00", " ").strip()[:100]
