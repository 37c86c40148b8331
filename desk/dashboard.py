"""One page of figures: accounting's and support's, each for whose work it is. Charts are drawn here, each with its table."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from accounts.models import Role
from desk.charts import WIDE, Bar, ageing_bars, bar_length, day_chart, decision_bars, hours_words, span_words
from desk.requests import Member, member_of, show
from reconciliation.selectors import books
from tickets.figures import SupportFigures, support_figures_for
from tickets.models import Rating
from tickets.selectors import queue_counts

SEES_SUPPORT = frozenset({Role.SUPPORT, Role.ADMINISTRATOR, Role.AUDITOR})
RATING_COLOURS = {Rating.GOOD: "green", Rating.FAIR: "amber", Rating.BAD: "red"}


@require_safe
@staff_page()
def show_dashboard(request: HouseRequest) -> HttpResponseBase:
    """Support sees support; accounting sees the queue and the bank; administrators and auditors see both."""
    member = member_of(request)
    role = member.actor.role
    counts = queue_counts(member.actor)
    context: dict[str, Any] = {"counts": counts, "queue_bars": _queue_bars(counts)}
    if role in SEES_SUPPORT:
        context |= _support(support_figures_for(member.actor))
    if role != Role.SUPPORT:
        context |= _accounting(member)
    return show(request, member, "desk/dashboard.html", context, open_tickets=counts["open"])


def _accounting(member: Member) -> dict[str, Any]:
    ageing = books.ageing_for(member.actor)
    times = books.decision_times_for(member.actor)
    return {
        "sees_accounting": True,
        "ageing": ageing,
        "deposits": ageing_bars(ageing.deposits),
        "reports": ageing_bars(ageing.reports),
        "chart": day_chart(books.deposits_by_day_for(member.actor)),
        "times": times,
        "time_bars": decision_bars(times),
        "median": span_words(times.median),
        "slowest": span_words(times.slowest_tenth),
    }


def _support(figures: SupportFigures) -> dict[str, Any]:
    waits = [(hours_words(first, last), count, "red" if last is None else "accent") for first, last, count in figures.waits]
    ratings = [(str(rating.label), count, RATING_COLOURS[rating]) for rating, count in figures.ratings]
    departments = [(each.name, count, "accent") for each, count in figures.departments]
    return {
        "sees_support": True,
        "support": figures,
        "wait_bars": _bars(waits),
        "rating_bars": _bars(ratings),
        "department_bars": _bars(departments),
    }


def _queue_bars(counts: dict[str, int]) -> list[Bar]:
    """Live reports by where they stand."""
    return _bars(
        [
            (pgettext("queue view", "Nobody has them"), counts["new"], "accent"),
            (_("In review"), counts["in_review"], "accent"),
            (_("Waiting for the bank"), counts["waiting_for_bank"], "accent"),
            (_("Waiting for the customer"), counts["waiting_for_customer"], "accent"),
            (_("Second signature"), counts["second_signature"], "accent"),
        ]
    )


def _bars(rows: list[tuple[str, int, str]]) -> list[Bar]:
    most = max((count for _label, count, _colour in rows), default=0)
    return [Bar(label=label, count=count, length=bar_length(count, most, WIDE), colour=colour) for label, count, colour in rows]
