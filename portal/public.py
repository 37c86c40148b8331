"""The merchant's public page, and what anybody may choose there: the language."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from accounts.identity import show_phone
from accounts.models import Language
from accounts.services import change_profile
from banking.selectors import accounts_of, methods_of
from files.privacy import notice_of, privacy_of
from portal.adapters import house_of
from portal.report_parts import AccountCard


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What the house does with data: its own words or ours. For everybody."""
    policy = privacy_of(house_of(request))
    return render(request, "portal/privacy.html", {"notice": notice_of(policy), "months": policy.receipt_months})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who the merchant is, how its customers get in, how to pay, and whom to ask. For everybody, signed in or not."""
    merchant = house_of(request)
    accounts = [account for account in accounts_of(merchant) if account.is_public]
    methods = list(methods_of(merchant))
    names = {method.pk: method.name for method in methods}
    digits = "".join(sign for sign in merchant.support_whatsapp if sign.isdigit())
    taken = {pk for account in accounts for pk in account.method_ids}
    return render(
        request,
        "portal/public.html",
        {
            "accounts": [
                (AccountCard(account=account), [names[pk] for pk in account.method_ids if pk in names]) for account in accounts
            ],
            "methods": [method for method in methods if method.pk in taken],
            "phone": show_phone(merchant.support_phone),
            "whatsapp": show_phone(merchant.support_whatsapp),
            "whatsapp_link": f"https://wa.me/{digits}" if digits else "",
        },
    )


@require_safe
@cache_control(public=True, max_age=3600)
def merchant_logo(request: HttpRequest) -> HttpResponse:
    """The merchant's logo, a PNG of its own."""
    merchant = house_of(request)
    if not merchant.logo_png:
        raise Http404
    response = HttpResponse(bytes(merchant.logo_png), content_type="image/png")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Remember the language chosen: in a cookie for this device, and in the profile for letters."""
    chosen = request.POST.get("language", "")
    actor = getattr(request, "actor", None)
    if actor is not None and chosen in Language.values:
        change_profile(language=chosen, by=actor)
    return django_set_language(request)
