"""Ending a report without its money: what was reserved for it is given free first, and nothing ends while money stands."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from reconciliation.models import Match
from reconciliation.services.matching import release_all
from reports import services as reports
from tickets.models import Ticket
from tickets.services import lock_ticket


def reject_report(*, ticket_id: int, reason_id: int, note: str = "", duplicate_of: str = "", by: Actor) -> Ticket:
    """As `reports.reject_report`; deposits reserved for the report are free again. `Refused(partly_settled)` once money moved."""
    by.require(by.can_decide)
    with transaction.atomic():
        _let_go(ticket_id, by)
        return reports.reject_report(ticket_id=ticket_id, reason_id=reason_id, note=note, duplicate_of=duplicate_of, by=by)


def withdraw_report(*, ticket_id: int, by: Actor) -> Ticket:
    """As `reports.withdraw_report`; deposits reserved for it are free again. `Refused(partly_settled)` once money moved."""
    with transaction.atomic():
        _let_go(ticket_id, by)
        return reports.withdraw_report(ticket_id=ticket_id, by=by)


def _let_go(ticket_id: int, by: Actor) -> None:
    ticket = lock_ticket(by.merchant, ticket_id)
    matches = Match.objects.filter(transfer__report__ticket=ticket)
    if ticket.is_live and matches.filter(state=Match.State.SETTLED).exists():
        raise Refused(_("A part of this payment is settled already. It must be reversed first."), code="partly_settled")
    # In any other state the act itself is refused, and with it this.
    release_all(matches)
