"""Who looks at a customer's page: the decorator let them pass, so the customer, the contact and the user are there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from django.http import HttpRequest

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
