"""Reads of the letters room."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.actors import Actor
from letters.models import Letter


def letters_for(actor: Actor | None) -> QuerySet[Letter]:
    """Letters that were sent and that `actor` may read, newest first: staff those of their merchant, contacts those of their
    customer.

    Letters with codes are nobody's.
    """
    letters = Letter.objects.filter(is_secret=False).select_related("merchant").order_by("-pk")
    if actor is None:
        return letters.none()
    letters = letters.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return letters
    contact = actor.contact
    if contact is None or not contact.can_use_tickets:
        return letters.none()
    others = ("ticket_answered",) if contact.can_report else ("ticket_answered", "deposit_offered")
    return letters.filter(customer_id=contact.customer_id, state=Letter.State.SENT).exclude(kind__in=others)


def failed_letters(merchant_id: int) -> QuerySet[Letter]:
    """Letters of a merchant that were given up, newest first: for the staff to see."""
    return Letter.objects.filter(merchant_id=merchant_id, state=Letter.State.FAILED).order_by("-pk")
