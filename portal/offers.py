"""“Is this deposit yours?”: what the customer is shown of it, and their yes or no."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused, Stale
from banking.money import format_number
from orders.dates import today_at
from portal.requests import Visitor, visitor_of
from reconciliation.models import DepositOffer
from reconciliation.selectors.offers import offer_for
from reconciliation.services import claim_deposit, deny_deposit
from reconciliation.services.offers import LONGEST_NOTE
from reports.drafts import draft_of
from reports.offer import Offer
from reports.services import save_draft

State = DepositOffer.State


class DenialForm(forms.Form):
    """What the customer says with a no; nothing is needed."""

    note = forms.CharField(
        label=gettext_lazy("Do you want to tell us something?"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_safe
@customer_page("report")
def show_offer(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One deposit that was offered to this customer, and what became of it."""
    return _page(request, visitor_of(request), pk)


@require_POST
@customer_page("report")
def say_yes(request: HouseRequest, pk: int) -> HttpResponseBase:
    """It is mine: on to the report form, with what is known of the deposit filled in. Again, it leads to the same form."""
    visitor = visitor_of(request)
    before = offer_for(visitor.actor, pk)
    try:
        offer = claim_deposit(offer_id=pk, by=visitor.actor)
    except Refused as refused:
        return _page(request, visitor, pk, refusal=refused.message, status=409)
    if offer.report_id is not None or offer.report_key is None:
        messages.info(request, _("You had said already that this deposit is yours."))
        return redirect("portal:deposit", pk)
    if before.state == State.CLAIMED:
        messages.info(request, _("You had said already that this deposit is yours. Here is the report that is still to be sent."))
    try:
        _keep_draft(visitor, before, offer)
    except Refused:  # It was sent meanwhile, in another tab.
        return redirect("portal:deposit", pk)
    return redirect(f"{reverse('portal:report')}?draft={offer.report_key}")


@require_POST
@customer_page("report")
def say_no(request: HouseRequest, pk: int) -> HttpResponseBase:
    """It is not mine."""
    visitor = visitor_of(request)
    form = DenialForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, pk, form=form, status=400)
    before = offer_for(visitor.actor, pk)
    try:
        deny_deposit(offer_id=pk, note=form.cleaned_data["note"], by=visitor.actor)
    except Refused as refused:
        return _page(request, visitor, pk, form=form, refusal=refused.message, status=409 if isinstance(refused, Stale) else 400)
    if before.state == State.DENIED:
        messages.info(request, _("You had said already that this deposit is not yours."))
    else:
        messages.success(request, _("Thank you. We do not ask about it again."))
    return redirect("portal:home")


def _page(
    request: HouseRequest,
    visitor: Visitor,
    pk: int,
    *,
    form: DenialForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """The deposit is described only while it is this customer's to answer for."""
    offer = offer_for(visitor.actor, pk)
    context = {
        "offer": offer,
        "is_open": offer.state == State.OFFERED and not offer.is_over_on(today_at(visitor.merchant)),
        "is_claimed": offer.state == State.CLAIMED,
        "form": form or DenialForm(),
        "refusal": refusal,
    }
    return render(request, "portal/deposit.html", context, status=status)


def _keep_draft(visitor: Visitor, known: DepositOffer, offer: DepositOffer) -> None:
    """The form that the yes opens, under its own key: the sum, the day, and where it came in. The customer chooses the orders."""
    key = offer.report_key
    if key is None or draft_of(visitor.customer, visitor.user, key) is not None:
        return
    data = {
        "t-0-amount": [format_number(offer.amount, offer.currency, get_language() or "es")],
        "t-0-paid_on": [offer.booked_on.isoformat()],
    }
    methods = Offer.of(visitor.merchant, bank_ids=frozenset())
    way = next((pk for pk in methods.methods if methods.takes(known.account_id, pk)), None)
    if way is not None:
        data |= {"t-0-method": [str(way)], "t-0-account": [str(known.account_id)]}
    save_draft(customer=visitor.customer, key=key, data=data, by=visitor.actor)
