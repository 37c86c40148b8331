"""A person's own data, the customer's, which letters come, and help."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.contacts import choose_letters
from accounts.errors import Refused
from accounts.forms import CustomerForm, LettersForm
from accounts.identity import show_phone, tax_id_name
from accounts.selectors import changes_of
from accounts.services import change_customer, change_profile
from banking.selectors import accounts_of
from portal.adapters import house_of
from portal.forms import ProfileForm
from portal.report_parts import AccountCard
from portal.requests import visitor_of
from tickets.models import State


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
    letters = {"gets_ticket_letters": contact.gets_ticket_letters, "gets_order_letters": contact.gets_order_letters}
    sees_changes = contact.can_see_orders or contact.can_manage_contacts
    context = {
        "form": form,
        "letters": LettersForm(initial=letters, contact=contact),
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


@require_POST
@customer_page()
def choose_own_letters(request: HouseRequest) -> HttpResponseBase:
    """Which letters about this customer one wants oneself."""
    visitor = visitor_of(request)
    form = LettersForm(request.POST, contact=visitor.contact)
    if form.is_valid():
        choose_letters(by=visitor.actor, **form.cleaned_data)
        messages.success(request, _("Your data were saved."))
    return redirect("portal:profile")


@require_safe
def show_help(request: HttpRequest) -> HttpResponseBase:
    """How to report, what the states mean, whom to ask: for everybody, as whoever needs help may not get in."""
    merchant = house_of(request)
    is_inside = getattr(request, "actor", None) is not None
    digits = "".join(sign for sign in merchant.support_whatsapp if sign.isdigit())
    meanings = [
        (State.SUBMITTED, _("We have your report; nobody has looked at it yet. You can still withdraw it.")),
        (State.IN_REVIEW, _("Accounting looks for your payment in our account.")),
        (State.WAITING_FOR_BANK, _("Your payment does not show in our account yet. We keep looking.")),
        (State.NEEDS_INFORMATION, _("We need an answer from you; until then the deadline stands still.")),
        (State.AWAITING_APPROVAL, _("We found it; because of the amount a second person confirms it.")),
        (State.VERIFIED, _("We found your payment and applied it to your orders.")),
        (State.REJECTED, _("We could not accept the report; the ticket says why. You can correct it and send it again.")),
        (State.WITHDRAWN, _("You took the report back.")),
        (
            State.REVERSED,
            pgettext("meaning of a state", "The bank took the payment back, or it was a mistake: the orders are owed again."),
        ),
    ]
    context = {
        "cards": [AccountCard(account=account) for account in accounts_of(merchant) if account.is_public or is_inside],
        "whatsapp": f"https://wa.me/{digits}" if digits else "",
        "phone": show_phone(merchant.support_phone),
        "whatsapp_text": show_phone(merchant.support_whatsapp),
        "meanings": meanings,
    }
    return render(request, "portal/help.html", context)
