"""Reads of the accounts room."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.actors import Actor
from accounts.models import Contact, Merchant, Role, StaffRole

SESSION_CUSTOMER = "customer_of_{merchant_id}"


def actor_for(request: HttpRequest, merchant: Merchant) -> Actor | None:
    """Who the signed-in person is at this merchant; `None` when nobody is signed in or they have no part in it.

    Somebody who is a contact of several customers acts for the one chosen in the session, else for the first.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    role = StaffRole.objects.filter(merchant=merchant, user=user).values_list("role", flat=True).first()
    contacts = list(
        Contact.objects.filter(merchant=merchant, user=user, customer__is_active=True).select_related("customer").order_by("pk")
    )
    chosen = request.session.get(SESSION_CUSTOMER.format(merchant_id=merchant.pk))
    contact = next((each for each in contacts if each.customer_id == chosen), contacts[0] if contacts else None)
    if role is None and contact is None:
        return None
    return Actor(merchant=merchant, user=user, role=Role(role) if role else None, contact=contact)
