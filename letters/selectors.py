"""Reads of the letters room."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Contact
from letters.body import Topic
from letters.kinds import TOPICS
from letters.models import Letter

# What a contact must be allowed to do to read what a letter speaks of.
READERS = {
    Topic.ORDERS: "can_see_orders",
    Topic.REPORTS: "can_report",
    Topic.TICKETS: "can_use_tickets",
    Topic.SERVICES: "can_manage_services",
    Topic.PEOPLE: "can_manage_contacts",
}


def letters_for(actor: Actor | None) -> QuerySet[Letter]:
    """Letters that `actor` may read, newest first.

    Staff: those of their merchant. A contact: those that went out to themselves or to their customer's own address, of what they
    may see now; notices about one's own access are for oneself alone. Letters with codes are nobody's.
    """
    letters = Letter.objects.filter(is_secret=False).order_by("-pk")
    if actor is None:
        return letters.none()
    letters = letters.filter(merchant=actor.merchant)
    if actor.is_staff or actor.is_system:
        return letters
    contact = actor.contact
    if contact is None or actor.user is None:
        return letters.none()
    about_customer = Q(customer_id=contact.customer_id, kind__in=_kinds_for(contact))
    to_them = Q(user_id=actor.user.pk) | Q(user__isnull=True)
    personal = Q(user_id=actor.user.pk, kind__in=_kinds_of({Topic.PERSON}))
    of_this_account = Q(customer_id=contact.customer_id) | Q(customer__isnull=True)
    tried = (Letter.State.SENT, Letter.State.FAILED)
    return letters.filter((about_customer & to_them) | (personal & of_this_account), state__in=tried).exclude(subject="")


def _kinds_for(contact: Contact) -> list[str]:
    return _kinds_of({topic for topic, permission in READERS.items() if getattr(contact, permission)})


def _kinds_of(topics: set[Topic]) -> list[str]:
    return sorted(name for name, topic in TOPICS.items() if topic in topics)


def letter_for(actor: Actor | None, pk: int) -> Letter:
    """One letter that `actor` may read. `NotAllowed` when it is about their customer and they lack the permission, else
    `Http404`."""
    letter = letters_for(actor).select_related("customer", "user").filter(pk=pk).first()
    if letter is not None:
        return letter
    contact = actor.contact if actor is not None and not actor.is_staff else None
    if contact is not None:
        to_customer = Letter.objects.filter(pk=pk, customer_id=contact.customer_id, user__isnull=True, is_secret=False)
        if to_customer.filter(kind__in=_kinds_of(set(READERS))).exists():
            raise NotAllowed
    raise Http404


def firsts(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """Without what was sent once more: each letter once."""
    return letters.filter(again_of__isnull=True)


def failed_letters(actor: Actor) -> QuerySet[Letter]:
    """Letters that were given up and that nobody has sent again since, newest first."""
    again = Letter.objects.filter(again_of=OuterRef("pk")).exclude(state=Letter.State.FAILED)
    return letters_for(actor).filter(state=Letter.State.FAILED, again_of__isnull=True).exclude(Exists(again))
