"""Who is looking at a ticket now: a hint for colleagues, kept in the cache for two minutes. It reserves nothing; a claim does."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache

from desk.requests import Member
from tickets.models import Ticket

SEEN_FOR_S = 120


def _key(merchant_id: int, ticket_id: int) -> str:
    return f"desk:looks:{merchant_id}:{ticket_id}"


def note_look(member: Member, ticket: Ticket) -> None:
    """This person has the ticket on their screen."""
    cache.set(_key(member.merchant.pk, ticket.pk), (member.user.pk, str(member.user)), SEEN_FOR_S)


def lookers(member: Member, tickets: Iterable[Ticket]) -> dict[int, str]:
    """Ticket → the name of a colleague who looked at it last; oneself does not count. One read of the cache."""
    keys = {_key(member.merchant.pk, ticket.pk): ticket.pk for ticket in tickets}
    found = cache.get_many(list(keys)) if keys else {}
    return {keys[key]: name for key, (user_id, name) in found.items() if user_id != member.user.pk}
