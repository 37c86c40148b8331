"""A person's own data, and help."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.identity import show_phone
from accounts.selectors import contacts_of
from accounts.services import change_profile
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
    context = {
        "form": form,
        "customer": visitor.customer,
        "others": [each for each in contacts_of(user, visitor.merchant) if each.customer_id != visitor.customer.pk],
    }
    return render(request, "portal/profile.html", context, status=422 if form.is_bound else 200)


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
