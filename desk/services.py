"""Services at the desk: those of one customer with their history, and what the house sells with its rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.models import Customer
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from orders import service_acts, service_changes
from orders.models import ServiceOffer
from orders.service_forms import OfferForm, ServiceForm, ServicePolicyForm
from orders.service_selectors import events_of, offers_of, open_orders_of, services_for

LONGEST_NOTE = 300


@require_http_methods(FORM_METHODS)
@staff_page()
def show_services(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A customer's services. POST `act`: make, order, bill, change, drop, suspend, resume, cancel, end."""
    member = member_of(request)
    customer = customer_for(member.actor, pk)
    customer.merchant = member.merchant
    currency = member.merchant.currency
    form = ServiceForm(request.POST if request.POST.get("act") == "make" else None, currency=currency)
    refusal, status = "", 200
    if request.method == "POST":
        if not member.actor.can_register:
            raise NotAllowed
        status = BAD_INPUT
        try:
            said = _act(request, member, customer, form)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            if said:
                messages.success(request, said)
                return redirect("desk:services", customer.pk)
    services = list(services_for(member.actor).filter(customer=customer))
    unpaid, events = open_orders_of(services), events_of(services)
    context: dict[str, Any] = {
        "customer": customer,
        "rows": [(service, unpaid.get(service.pk, []), events.get(service.pk, [])) for service in services],
        "offers": offers_of(member.merchant),
        "form": form,
        "can_register": member.actor.can_register,
        "refusal": refusal,
    }
    return show(request, member, "desk/services.html", context, status=status)


def _act(request: HouseRequest, member: Member, customer: Customer, form: ServiceForm) -> str:
    """Do what was posted; the sentence to say, nothing where the form is not valid."""
    act, by = request.POST.get("act", ""), member.actor
    service_id = key_of(request.POST.get("service")) or 0
    note = " ".join(request.POST.get("note", "").split())[:LONGEST_NOTE]
    if act == "make":
        if not form.is_valid():
            return ""
        service_acts.make_service(customer=customer, by=by, **form.terms)
        return _("The service is written down.")
    if act == "order":
        _made, order = service_acts.order_service(customer=customer, offer_id=key_of(request.POST.get("offer")) or 0, by=by)
        return _("Ordered: order %(number)s is to be paid.") % {"number": order.number}
    if not services_for(by).filter(pk=service_id, customer=customer).exists():
        raise Http404
    if act == "bill":
        order = service_acts.bill_service(service_id=service_id, by=by)
        return _("Order %(number)s is issued.") % {"number": order.number}
    if act == "change":
        _change(request, member, service_id)
        return _("Changed. The new price holds from the next order on.")
    if act == "drop":
        service_changes.drop_change(service_id=service_id, by=by)
        return _("The service stays as it is.")
    if act == "suspend":
        service_acts.suspend_service(service_id=service_id, note=note, by=by)
        return _("The service is suspended.")
    if act == "resume":
        service_acts.resume_service(service_id=service_id, note=note, by=by)
        return _("The service goes on.")
    if act in ("cancel", "end"):
        service_acts.cancel_service(service_id=service_id, at_once=act == "end", note=note, by=by)
        return _("The service is cancelled.")
    raise Refused(_("Choose what to do."), code="unknown_act")


def _change(request: HouseRequest, member: Member, service_id: int) -> None:
    offer_id = key_of(request.POST.get("offer"))
    if offer_id is not None:
        service_changes.change_service(service_id=service_id, offer_id=offer_id, by=member.actor)
        return
    typed = request.POST.get("price", "").strip()
    price: Decimal | None = None
    if typed:
        form = ServiceForm({"name": "x", "period": "once", "price": typed}, currency=member.merchant.currency)
        if not form.is_valid():
            raise Refused(" ".join(map(str, form.errors.get("price", []))), code="bad_price", fields=("price",))
        price = form.cleaned_data["price"]
    service_changes.change_service(service_id=service_id, name=request.POST.get("name", ""), price=price, by=member.actor)


@require_http_methods(FORM_METHODS)
@staff_page()
def edit_offers(request: HouseRequest) -> HttpResponseBase:
    """What the house sells and its rules: everybody looks, an administrator changes. `?offer=` opens one; POST `what`."""
    member = member_of(request)
    merchant, language = member.merchant, get_language() or "es"
    policy, offers = service_acts.service_policy_of(merchant), offers_of(merchant, all_of_them=True)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    asked = key_of(request.POST.get("offer") or request.GET.get("offer"))
    chosen = next((offer for offer in offers if offer.pk == asked), None)
    if asked is not None and chosen is None:
        raise Http404
    rules = ServicePolicyForm(request.POST if what == "rules" else None, initial=ServicePolicyForm.initial_of(policy))
    initial = OfferForm.initial_of(chosen, merchant.currency, language) if chosen else None
    form = OfferForm(request.POST if what == "offer" else None, currency=merchant.currency, initial=initial)
    refusal, status = "", 200
    if request.method == "POST":
        if not member.actor.can_administer:
            raise NotAllowed
        status = BAD_INPUT
        try:
            if _keep(member, what, rules, form, chosen):
                messages.success(request, _("Kept."))
                return redirect("desk:setup_services")
        except Refused as refused:
            refusal = refused.message
    context = {
        "offers": offers, "chosen": chosen, "form": form, "rules": rules, "refusal": refusal,
        "can_administer": member.actor.can_administer,
    }  # fmt: skip
    return show(request, member, "desk/setup_services.html", context, status=status)


def _keep(member: Member, what: str, rules: ServicePolicyForm, form: OfferForm, chosen: ServiceOffer | None) -> bool:
    if what == "rules" and rules.is_valid():
        service_acts.set_service_policy(by=member.actor, **rules.cleaned_data)
        return True
    if what == "offer" and form.is_valid():
        service_acts.save_offer(offer_id=chosen.pk if chosen else None, by=member.actor, **form.terms)
        return True
    return False
