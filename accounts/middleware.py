"""The merchant is the script prefix: the first path segment names it, and every address below is written as if there were one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_resolver, get_script_prefix, set_script_prefix
from django.utils import translation

from accounts.entry import note_use
from accounts.errors import NotAllowed, Refused
from accounts.models import RESERVED_SLUGS, Merchant
from accounts.selectors import actor_for

MERCHANT_URLCONF = "config.merchant_urls"
Handler = Callable[[HttpRequest], HttpResponse]


class MerchantMiddleware:
    """Find the merchant and move its slug from the path to the script prefix (`request.merchant`).

    Stands before everything that resolves or reverses URLs. An unknown first segment is left to the installation's own URLconf,
    which answers 404.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.merchant = None  # type: ignore[attr-defined]
        request.actor = None  # type: ignore[attr-defined]
        slug, slash, rest = request.path_info.removeprefix("/").partition("/")
        if not slug or slug in RESERVED_SLUGS or "\x00" in request.path_info:
            return self.get_response(request)
        merchant = Merchant.objects.filter(slug=slug, is_active=True).first()
        if merchant is None:
            return self.get_response(request)
        before = get_script_prefix()
        if not slash:
            return HttpResponseRedirect(f"{before}{slug}/")
        set_script_prefix(f"{before}{slug}/")
        request.path_info = f"/{rest}"
        request.urlconf = MERCHANT_URLCONF
        request.merchant = merchant  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)


class ActorMiddleware:
    """Say who acts (`request.actor`, `None` for strangers) and in which language. Stands after authentication and locale.

    The language is the person's own choice (cookie), else their profile's, else the merchant's; never the browser's alone.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        merchant: Merchant | None = request.merchant  # type: ignore[attr-defined]
        if merchant is None:
            return self.get_response(request)
        actor = actor_for(request, merchant)
        request.actor = actor  # type: ignore[attr-defined]
        if actor is not None:
            note_use(request.session)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen not in dict(settings.LANGUAGES):
            chosen = actor.user.language if actor and actor.user else merchant.default_language
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        response = self.get_response(request)
        response.headers["Content-Language"] = chosen
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What no view caught: a person who may not is answered 403, a refused act 409 with its sentence."""
        if isinstance(exception, NotAllowed):
            handler: Callable[..., HttpResponse] = get_resolver(getattr(request, "urlconf", None)).resolve_error_handler(403)
            return handler(request, exception=exception)
        if isinstance(exception, Refused):
            return render(request, "409.html", {"reason": exception.message, "code": exception.code}, status=409)
        return None
