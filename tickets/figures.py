"""Support in figures: what is open, how long customers wait for an answer, what they thought of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from accounts.actors import Actor
from tickets.models import Conversation, ConversationEvent, Department, Rating

# Hours for which a customer waits for an answer: from, to (None: without end).
STEPS: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 4), (4, 24), (24, 72), (72, None))
DAYS, NOTES = 30, 5


@dataclass(frozen=True, kw_only=True)
class SupportFigures:
    """Conversations with support (those of payment reports stand in the queue). `waits`: hours from, hours to, how many."""

    open: int
    to_answer: int
    unassigned: int
    waiting_since: dt.datetime | None
    waits: tuple[tuple[int, int | None, int], ...]
    departments: tuple[tuple[Department, int], ...]  # which, and how many are open
    ratings: tuple[tuple[Rating, int], ...]
    notes: tuple[ConversationEvent, ...]  # what customers said of it, the newest first

    @property
    def rated(self) -> int:
        return sum(count for _rating, count in self.ratings)

    @property
    def satisfied(self) -> int | None:
        """Of a hundred who judged, how many said good; None while nobody did."""
        good = dict(self.ratings)[Rating.GOOD]
        return round(good * 100 / self.rated) if self.rated else None


def support_figures_for(actor: Actor) -> SupportFigures:
    """The figures of the actor's house. Five queries, whatever there is."""
    actor.require(actor.is_staff)
    now = timezone.now()
    mine = Conversation.objects.filter(merchant=actor.merchant, ticket__isnull=True)
    waits = Q(awaits_us=True)
    steps = {
        f"step_{place}": waits
        & Q(last_message_at__lte=now - dt.timedelta(hours=first))
        & (Q() if last is None else Q(last_message_at__gt=now - dt.timedelta(hours=last)))
        for place, (first, last) in enumerate(STEPS)
    }
    counts = mine.filter(is_open=True).aggregate(
        open=Count("pk"),
        to_answer=Count("pk", filter=waits),
        unassigned=Count("pk", filter=Q(assigned_to__isnull=True)),
        waiting_since=Min("last_message_at", filter=waits),
        **{name: Count("pk", filter=found) for name, found in steps.items()},
    )
    per_department = {
        row["department"]: row["n"] for row in mine.filter(is_open=True).values("department").annotate(n=Count("pk")).order_by()
    }
    departments = Department.objects.filter(merchant=actor.merchant)
    since = now - dt.timedelta(days=DAYS)
    judged = dict(mine.filter(rated_at__gte=since).values_list("rating").annotate(n=Count("pk")).order_by())
    notes = ConversationEvent.objects.filter(
        merchant=actor.merchant, act=ConversationEvent.Act.RATE, at__gte=since, conversation__rating=F("target")
    ).exclude(note="")
    return SupportFigures(
        open=counts["open"],
        to_answer=counts["to_answer"],
        unassigned=counts["unassigned"],
        waiting_since=counts["waiting_since"],
        waits=tuple((first, last, counts[f"step_{place}"]) for place, (first, last) in enumerate(STEPS)),
        departments=tuple(
            (each, per_department.get(each.pk, 0)) for each in departments if each.is_active or each.pk in per_department
        ),
        ratings=tuple((rating, judged.get(rating.value, 0)) for rating in Rating),
        notes=tuple(notes.select_related("conversation").order_by("-pk")[:NOTES]),
    )
