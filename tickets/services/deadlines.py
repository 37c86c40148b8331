"""What happens by itself when a time has come. Each ticket in its own transaction; what is locked now is looked at next
minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import Merchant
from tickets.calendar import local_day
from tickets.models import State, Ticket
from tickets.services.review import release, resume, take_back

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500


def expire_claims() -> int:
    """Tickets whose claim has run out go back to the queue; how many."""
    now = timezone.now()
    due = Ticket.objects.filter(state=State.IN_REVIEW, claimed_until__lte=now)
    return _each(due, lambda ticket, by: release(ticket_id=ticket.pk, by=by), lambda ticket: (ticket.claimed_until or now) <= now)


def expire_answers() -> int:
    """Questions that were not answered in time are withdrawn: the review goes on with what there is; how many."""
    now = timezone.now()
    due = Ticket.objects.filter(state=State.NEEDS_INFORMATION, answer_due_at__lte=now)
    return _each(
        due, lambda ticket, by: take_back(ticket_id=ticket.pk, by=by), lambda ticket: (ticket.answer_due_at or now) <= now
    )


def wake_waiting() -> int:
    """Tickets that wait for the bank are looked at again when their day has come at the merchant's house; how many."""
    now = timezone.now()
    # The day begins first in the east: one day more than UTC's is the widest net, each ticket is then asked by its own zone.
    due = Ticket.objects.filter(state=State.WAITING_FOR_BANK, wait_until__lte=(now + timedelta(days=1)).date())
    return _each(
        due,
        lambda ticket, by: resume(ticket_id=ticket.pk, by=by),
        lambda ticket: ticket.wait_until is not None and ticket.wait_until <= local_day(ticket.merchant, now),
    )


def _each(due: QuerySet[Ticket], act: Callable[[Ticket, Actor], object], still_due: Callable[[Ticket], bool]) -> int:
    """Do `act` for each ticket that is due, in the order of their ids; a ticket that fails is logged and stops no other."""
    done = 0
    merchants: dict[int, Merchant] = {}
    for ticket_id in list(due.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        try:
            with transaction.atomic():
                ticket = due.select_for_update(skip_locked=True).filter(pk=ticket_id).first()
                if ticket is None:
                    continue
                merchant = merchants.setdefault(ticket.merchant_id, ticket.merchant)
                ticket.merchant = merchant
                if not still_due(ticket):
                    continue
                act(ticket, Actor.system(merchant))
                done += 1
        except (Refused, NotAllowed) as error:
            log.error("deadline_not_kept", ticket=ticket_id, error=str(error))
    return done
