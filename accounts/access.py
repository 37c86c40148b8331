"""Who may open a page: decorators for the faces. Wrong house 404, missing permission 403, stranger to the sign-in.

A page of the customer's face wears `customer_page`, one of the staff's `staff_page`; both leave `request.actor` set. What a
page may show of one object is the selectors' affair.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Merchant

CustomerPermission = Literal["see_orders", "report", "use_tickets", "manage_services", "manage_contacts"]
StaffNeed = Literal["decide", "sign", "write", "register", "export", "administer"]
STAFF_NEEDS: dict[StaffNeed, Callable[[Actor], bool]] = {
    "decide": lambda actor: actor.can_decide,
    "sign": lambda actor: actor.can_sign,
    "write": lambda actor: actor.can_write_messages,
    "register": lambda actor: actor.can_register,
    "export": lambda actor: actor.can_export,
    "administer": lambda actor: actor.can_administer,
}


class HouseRequest(HttpRequest):
    """A request inside a merchant's house by somebody who belongs there: what a decorated view gets."""

    merchant: Merchant
    actor: Actor
    htmx: HtmxDetails


Params = ParamSpec("Params")
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HouseRequest, Params], HttpResponseBase]
AnyView = Callable[..., HttpResponseBase]


def sign_in_redirect(request: HttpRequest, next_path: str = "") -> HttpResponse:
    """Send a stranger to the sign-in, and back afterwards: to `next_path`, else to the page asked for when it was a GET."""
    target = next_path or (request.get_full_path() if request.method in {"GET", "HEAD"} else "")
    return go(request, reverse(settings.LOGIN_URL) + (f"?{urlencode({'next': target})}" if target else ""))


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect the whole page, also when htmx asked for a part of it."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def customer_page(permission: CustomerPermission | None = None) -> Callable[[View[Params]], AnyView]:
    """Let in contacts of this merchant's customers who have `permission`."""

    def decorate(view: View[Params]) -> AnyView:
        @wraps(view)
        def guarded(request: Any, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
            refused = _belongs(request)
            if refused is not None:
                return refused
            contact = request.actor.contact
            if contact is None or (permission and not getattr(contact, f"can_{permission}")):
                raise NotAllowed
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def staff_page(needs: StaffNeed | None = None) -> Callable[[View[Params]], AnyView]:
    """Let in this merchant's staff (for `needs`, only whose role can), with a second factor where that is required."""

    def decorate(view: View[Params]) -> AnyView:
        @wraps(view)
        def guarded(request: Any, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
            refused = _belongs(request)
            if refused is not None:
                return refused
            actor: Actor = request.actor
            if not actor.is_staff or (needs and not STAFF_NEEDS[needs](actor)):
                raise NotAllowed
            if lacks_second_factor(actor):
                return go(request, reverse("mfa_activate_totp"))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def member_page(view: View[Params]) -> AnyView:
    """Let in whoever has a part in this merchant's house, on either side (profile, downloads)."""

    @wraps(view)
    def guarded(request: Any, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
        return _belongs(request) or view(request, *args, **kwargs)

    return guarded


def lacks_second_factor(actor: Actor) -> bool:
    """Whether the actor is staff who must set up TOTP before they may work."""
    return bool(settings.STAFF_TOTP_REQUIRED) and actor.is_staff and not is_mfa_enabled(actor.user)


def _belongs(request: HttpRequest) -> HttpResponse | None:
    """Nothing for a member of this house; the way to the sign-in for a stranger; 404 for somebody else's member."""
    if not request.user.is_authenticated:
        return sign_in_redirect(request)
    if getattr(request, "actor", None) is None:
        raise Http404
    return None
