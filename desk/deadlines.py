"""The clock of a ticket in words: how much is left, or since when it is over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Merchant
from orders.dates import today_at, written
from tickets.models import State, Ticket
from tickets.selectors import clock_of

HOUR = 60


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """`text` for the row, `at` the moment below it; `note` where that is no deadline. Icon and colour never stand alone."""

    text: str
    icon: str
    colour: str
    at: dt.datetime | None = None
    note: str = ""
    until: dt.date | None = None


def spell_minutes(minutes: int) -> str:
    """`50 min`, `4 h 10 min`, `6 h`: minutes of opening time."""
    hours, rest = divmod(abs(minutes), HOUR)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def spell_business(minutes: int) -> str:
    """`17 business h`: as `spell_minutes`, where it must be said that nights and closed days do not count."""
    hours, rest = divmod(abs(minutes), HOUR)
    if not hours:
        return _("%(minutes)d business min") % {"minutes": rest}
    if not rest:
        return ngettext("%(hours)d business h", "%(hours)d business h", hours) % {"hours": hours}
    return _("%(hours)d business h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def spell_moment(merchant: Merchant, moment: dt.datetime | None) -> str:
    """`17:05` for today, `24 nov 2026, 9:05` for another day, after a preposition."""
    if moment is None:
        return ""
    there = moment.astimezone(merchant.zone)
    clock = f"{there.hour}:{there.minute:02d}"
    if there.date() == today_at(merchant):
        return pgettext("time of day", "%(time)s") % {"time": clock}
    return f"{written(there.date())}, {clock}"


def deadline_of(merchant: Merchant, ticket: Ticket, now: dt.datetime | None = None) -> Deadline:
    """Where the clock stands. No query."""
    clock = clock_of(merchant, ticket, now)
    if clock.stage == "over":
        text = _("%(time)s overdue") % {"time": spell_business(clock.minutes or 0)}
        return Deadline(text=text, icon="exclamation-circle-fill", colour="red", at=ticket.deadline_at)
    if clock.stage == "near":
        text = _("Due in %(time)s") % {"time": spell_business(clock.minutes or 0)}
        return Deadline(text=text, icon="clock-fill", colour="amber", at=ticket.deadline_at)
    if clock.stage == "running":
        text = _("%(time)s left") % {"time": spell_business(clock.minutes or 0)}
        return Deadline(text=text, icon="clock", colour="", at=ticket.deadline_at)
    if clock.stage == "paused":
        note = _("answer due by") if ticket.state == State.NEEDS_INFORMATION else ""
        due = ticket.answer_due_at.astimezone(merchant.zone).date() if ticket.answer_due_at else None
        return Deadline(text=_("Paused"), icon="pause-circle", colour="plum", note=note, until=due)
    return Deadline(text=_("Decided"), icon="check-circle", colour="quiet", at=ticket.changed_at)
