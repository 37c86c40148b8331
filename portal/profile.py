"""A person's own data, the customer's, which letters come."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, customer_page
from accounts.addresses import add_address, addresses_of, remove_address
from accounts.contacts import choose_letters
from accounts.errors import Refused
from accounts.forms import AddressForm, CustomerForm, LettersForm
from accounts.identity import show_phone, tax_id_name
from accounts.models import Merchant
from accounts.selectors import changes_of
from accounts.services import change_profile
from letters.people import change_customer
from portal.forms import ProfileForm
from portal.requests import visitor_of
from reports.reminders import policy_of


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page()
def show_profile(request: HouseRequest) -> HttpResponseBase:
    """Name, telephone and language; what else is one's own is linked."""
    visitor = visitor_of(request)
    user = visitor.user
    initial = {"name": user.name, "phone": show_phone(user.phone), "language": user.language}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial, country=visitor.merchant.country)
    if form.is_bound and form.is_valid():
        read = form.cleaned_data
        change_profile(name=read["name"], phone=read["phone"], language=read["language"], by=visitor.actor)
        # The choice holds for this device too, or its cookie would go on saying the old one.
        with translation.override(read["language"]):
            messages.success(request, _("Your data were saved."))
        response = redirect("portal:profile")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, read["language"], samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE, max_age=settings.LANGUAGE_COOKIE_AGE, path=settings.LANGUAGE_COOKIE_PATH,
        )  # fmt: skip
        return response
    contact = visitor.contact
    letters = {name: getattr(contact, name) for name in LettersForm.base_fields}
    sees_changes = contact.can_see_orders or contact.can_manage_contacts
    context = {
        "form": form,
        "letters": LettersForm(initial=letters, contact=contact, may_decline_reminders=_may_decline(visitor.merchant)),
        "customer": visitor.customer,
        "tax_id_name": tax_id_name(visitor.merchant.country),
        "changes": changes_of(visitor.customer, with_people=contact.can_manage_contacts) if sees_changes else [],
    }
    return render(request, "portal/profile.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("see_orders")
def change_customer_data(request: HouseRequest) -> HttpResponseBase:
    """The customer's own data, which stand on its orders and invoices. A tax number that looks wrong is taken, with a word."""
    visitor = visitor_of(request)
    customer = visitor.customer
    customer.merchant = visitor.merchant
    data = request.POST if request.method == "POST" else None
    form = CustomerForm(data, merchant=visitor.merchant, initial=CustomerForm.initial_of(customer))
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            change_customer(customer=customer, by=visitor.actor, **form.cleaned_data)
        except Refused as refused:
            refusal = refused.message
        else:
            if form.tax_id_note:
                messages.warning(request, form.tax_id_note)
            messages.success(request, _("Your data were saved."))
            return redirect("portal:profile")
    context = {"form": form, "customer": customer, "tax_id_name": tax_id_name(visitor.merchant.country), "refusal": refusal}
    return render(request, "portal/customer_data.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("see_orders")
def show_addresses(request: HouseRequest) -> HttpResponseBase:
    """Where bills and paper go: the list, a form to add one; POST `remove` takes one away."""
    visitor = visitor_of(request)
    visitor.customer.merchant = visitor.merchant
    removes = request.POST.get("remove", "")
    form = AddressForm(request.POST if request.method == "POST" and not removes else None, merchant=visitor.merchant)
    refusal, status = "", 200
    try:
        if removes:
            address_id = int(removes) if removes.isascii() and removes.isdigit() and len(removes) < 19 else 0
            remove_address(customer=visitor.customer, address_id=address_id, by=visitor.actor)
            messages.success(request, _("The address is removed."))
            return redirect("portal:addresses")
        if form.is_bound:
            status = 422
            if form.is_valid():
                add_address(customer=visitor.customer, by=visitor.actor, **form.cleaned_data)
                messages.success(request, _("The address is kept."))
                return redirect("portal:addresses")
    except Refused as refused:
        refusal, status = refused.message, 422
    context = {"form": form, "customer": visitor.customer, "addresses": addresses_of(visitor.customer), "refusal": refusal}
    return render(request, "portal/addresses.html", context, status=status)


@require_POST
@customer_page()
def choose_own_letters(request: HouseRequest) -> HttpResponseBase:
    """Which letters about this customer one wants oneself."""
    visitor = visitor_of(request)
    form = LettersForm(request.POST, contact=visitor.contact, may_decline_reminders=_may_decline(visitor.merchant))
    if form.is_valid():
        choose_letters(by=visitor.actor, **form.cleaned_data)
        messages.success(request, _("Your data were saved."))
    return redirect("portal:profile")


def _may_decline(merchant: Merchant) -> bool:
    """Reminders are offered where the house sends them and leaves the choice."""
    policy = policy_of(merchant)
    return policy.is_on and policy.may_decline
