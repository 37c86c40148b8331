"""Who looks at a customer's page: the decorator let them pass, so the customer, the contact and the user are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase

from accounts.access import sign_in_redirect
from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Contact, Customer, Merchant, User


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A contact who looks at their own customer's pages."""

    actor: Actor
    merchant: Merchant
    customer: Customer
    contact: Contact
    user: User


def visitor_of(request: HttpRequest) -> Visitor:
    """The contact behind a request that `customer_page` let through."""
    actor = cast("Actor | None", getattr(request, "actor", None))
    if actor is None or actor.contact is None or actor.user is None:
        raise NotAllowed
    contact, user = actor.contact, actor.user
    # Staff who are also a contact see here what their customer sees, not what their role would show them.
    actor = replace(actor, role=None)
    return Visitor(actor=actor, merchant=actor.merchant, customer=contact.customer, contact=contact, user=user)


def signed_in_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in whoever is signed in, with a part in this house or none: pages about oneself. The view gets the user second."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return sign_in_redirect(request)
        return view(request, request.user, *args, **kwargs)

    return guarded
