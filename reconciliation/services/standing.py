"""Which tickets may be decided now, and by whom. The ticket's row is the first lock of every act."""

from __future__ import annotations

from accounts.actors import Actor
from tickets.models import State, Ticket
from tickets.services.steps import lock_ticket, require_hold, wrong_state

# An automatic match may verify before anybody claimed; people decide only what is in review, and not what another holds.
AUTOMATIC = (State.SUBMITTED, State.IN_REVIEW, State.WAITING_FOR_BANK)


def lock_decidable(ticket_id: int, by: Actor) -> Ticket:
    """Lock a ticket that `by` may decide on now. Raises `Stale(wrong_state)`, `Refused(claimed)`, `Http404`."""
    ticket = lock_in(ticket_id, AUTOMATIC if by.is_system else (State.IN_REVIEW,), by)
    require_hold(ticket, by)
    return ticket


def lock_in(ticket_id: int, states: tuple[State, ...], by: Actor) -> Ticket:
    """Lock a ticket that stands in one of `states`. Raises `Stale(wrong_state)`, `Http404`."""
    ticket = lock_ticket(by.merchant, ticket_id)
    if ticket.state not in states:
        raise wrong_state(ticket)
    return ticket
