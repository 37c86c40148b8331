"""Offering an unmatched deposit to the customer it probably belongs to, and the list of what was offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, member_of, show, status_of
from desk.workbench_form import address_left
from reconciliation.models import DepositOffer
from reconciliation.selectors.offers import customers_found, offers_for, offers_of_line, probable_customers
from reconciliation.selectors.picking import line_to_pick
from reconciliation.services import offer_deposit, withdraw_offer
from reconciliation.services.offers import DAYS_TO_ANSWER, reference_end

PAGE_SIZE = 25


class OfferForm(forms.Form):
    """To whom."""

    customer = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), gettext_lazy("Choose a customer.")),
    )


class OffersForm(forms.Form):
    """Which of them are listed."""

    state = forms.ChoiceField(required=False, choices=[("", ""), *DepositOffer.State.choices])
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def offer(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Whom a movement may belong to, why, and exactly what they would be shown. `?q=` looks for others."""
    member = member_of(request)
    line = line_to_pick(member.actor, pk)
    form = OfferForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                made = offer_deposit(line_id=pk, customer_id=form.cleaned_data["customer"], by=member.actor)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                said = _("Offered to %(customer)s, who gets a letter and sees it on their pages.")
                messages.success(request, said % {"customer": made.customer})
                return redirect(address_left(request, member))
    search = (request.POST if form.is_bound else request.GET).get("q", "").replace("\x00", " ").strip()[:100]
    probable = probable_customers(member.actor, line)
    found = customers_found(member.actor, line, search) if search else []
    known = {each.customer.pk for each in probable}
    context: dict[str, Any] = {
        "line": line,
        "form": form,
        "refusal": refusal,
        "search": search,
        "people": [*probable, *(replace(each, reasons=()) for each in found if each.customer.pk not in known)],
        "found": len(found),
        "chosen": form.cleaned_data.get("customer") if form.is_bound and form.is_valid() else None,
        "before": offers_of_line(member.actor, line),
        "reference_end": reference_end(line.reference),
        "days": DAYS_TO_ANSWER,
        "left": address_left(request, member),
    }
    return show(request, member, "desk/offer.html", context, status=status)


@require_safe
@staff_page()
def show_offers(request: HouseRequest) -> HttpResponseBase:
    """Every deposit that was offered, with what came of it."""
    return _list(request)


def _list(request: HouseRequest, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
    member = member_of(request)
    form = OffersForm(request.GET)
    is_good = form.is_valid()
    state = form.cleaned_data.get("state", "") if is_good else ""
    page = Paginator(offers_for(member.actor, state), PAGE_SIZE).get_page(form.cleaned_data.get("page") or 1)
    context = {
        "page": page,
        "state": state,
        "states": DepositOffer.State.choices,
        "refusal": refusal,
        "left": address_left(request, member),
    }
    answer = BAD_INPUT if not is_good and status == 200 else status
    return show(request, member, "desk/offers.html", context, status=answer)


@require_POST
@staff_page("decide")
def withdraw(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take a question back."""
    member = member_of(request)
    try:
        withdraw_offer(offer_id=pk, by=member.actor)
    except Refused as refused:
        return _list(request, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("The deposit is not offered any more."))
    return redirect("desk:deposit_offers")
