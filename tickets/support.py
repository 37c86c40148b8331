"""Reads of support: lists of conversations, a page at a time at the same cost however many there are; their history, figures."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.actors import WRITING, Actor
from accounts.models import Merchant, StaffRole, User
from accounts.text import folded
from tickets.models import CannedReply, Conversation, ConversationEvent, Department, IncomingMail, Mailbox, Rating
from tickets.selectors import conversations_for

VIEWS = ("waiting", "mine", "open", "closed", "tickets", "all")
PAGE_SIZE = 50
MOST_COUNTED = 999
MOST_WORDS = 5
FIGURES_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class ConversationFilters:
    """What the desk's list shows: one of `VIEWS`, of one department, with these words in number, subject or customer.

    `after` is where the page before ended (`ConversationPage.following`).
    """

    view: str = "waiting"
    department_id: int | None = None
    query: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationPage:
    """Some conversations, the one that changed last first; `following` leads to the next page, empty on the last."""

    rows: list[Conversation]
    following: str


def list_conversations(actor: Actor, filters: ConversationFilters, page_size: int = PAGE_SIZE) -> ConversationPage:
    """One page. One query; an index gives the order, nothing is counted."""
    found = _viewed(conversations_for(actor), filters.view, actor)
    if filters.department_id is not None:
        found = found.filter(department=filters.department_id)
    for word in filters.query.split()[:MOST_WORDS]:
        found = found.filter(Q(number__icontains=word) | folded("subject", word) | folded("customer__name", word))
    place = _read_place(filters.after)
    if place is not None:
        changed_at, pk = place
        found = found.filter(changed_at__lte=changed_at).exclude(changed_at=changed_at, pk__gte=pk)
    rows = list(found[: page_size + 1])
    more = len(rows) > page_size
    return ConversationPage(rows=rows[:page_size], following=_place_of(rows[page_size - 1]) if more else "")


def _viewed(found: QuerySet[Conversation], view: str, actor: Actor) -> QuerySet[Conversation]:
    if view == "tickets":
        return found.filter(ticket__isnull=False, last_message_at__isnull=False)
    if view == "all":
        return found
    found = found.filter(ticket__isnull=True)
    if view == "mine":
        return found.filter(assigned_to=actor.user, is_open=True)
    if view == "waiting":
        return found.filter(is_open=True, awaits_us=True)
    return found.filter(is_open=view == "open")


def _place_of(row: Conversation) -> str:
    return base64.urlsafe_b64encode(f"{row.changed_at.isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _read_place(text: str) -> tuple[dt.datetime, int] | None:
    """The place that a page ended at; None for what is none, which begins at the top."""
    try:
        said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        at, pk = said.split("|")
        place = dt.datetime.fromisoformat(at), int(pk)
    except (ValueError, binascii.Error, UnicodeError):
        return None
    return place if place[0].tzinfo is not None and 0 < place[1] < 2**63 else None


def count_views(actor: Actor) -> dict[str, int]:
    """How many stand in `waiting`, `mine` and `open`, at most `MOST_COUNTED` each; `held` mails too. Four small queries."""
    conversations = Conversation.objects.filter(merchant=actor.merchant).order_by()
    counts = {view: _viewed(conversations, view, actor)[: MOST_COUNTED + 1].count() for view in ("waiting", "mine", "open")}
    return {**counts, "held": held_mails_for(actor)[: MOST_COUNTED + 1].count()}


def departments_of(merchant: Merchant, *, all_of_them: bool = False, offered: bool = False) -> QuerySet[Department]:
    """The merchant's departments in their order: those at work; `offered`: that customers may choose."""
    departments = Department.objects.filter(merchant=merchant)
    if not all_of_them:
        departments = departments.filter(is_active=True)
    return departments.filter(is_offered=True) if offered else departments


def replies_for(actor: Actor, department: Department | None = None, *, all_of_them: bool = False) -> QuerySet[CannedReply]:
    """Canned answers, by name; for a department its own and those of all."""
    replies = CannedReply.objects.filter(merchant=actor.merchant).select_related("department")
    if not (actor.is_staff or actor.is_system):
        return replies.none()
    if not all_of_them:
        replies = replies.filter(is_active=True)
    return replies.filter(Q(department=None) | Q(department=department)) if department else replies


def mailbox_of(actor: Actor) -> Mailbox | None:
    """The merchant's mailbox, for its staff."""
    return Mailbox.objects.filter(merchant=actor.merchant).first() if actor.is_staff or actor.is_system else None


def held_mails_for(actor: Actor) -> QuerySet[IncomingMail]:
    """Mails that wait for a person, the newest first. For staff."""
    mails = IncomingMail.objects.filter(merchant=actor.merchant, outcome="held", settled_at__isnull=True).order_by("-pk")
    return mails.select_related("conversation") if actor.is_staff or actor.is_system else mails.none()


def history_for(actor: Actor, conversation: Conversation) -> list[ConversationEvent]:
    """What became of a conversation, the newest first. For staff; one query."""
    if not (actor.is_staff or actor.is_system):
        return []
    events = ConversationEvent.objects.filter(merchant=actor.merchant, conversation=conversation)
    return list(events.select_related("by").order_by("-pk")[:100])


def writers_of(merchant: Merchant) -> list[User]:
    """Members of the staff to whom a conversation can be given, by name."""
    roles = StaffRole.objects.filter(merchant=merchant, role__in=WRITING, user__is_active=True).select_related("user")
    return [role.user for role in roles.order_by("user__name", "pk")]


@dataclass(frozen=True, kw_only=True)
class SupportFigures:
    """Support at a glance: what is open, who waits for whom and since when, and how customers were served lately."""

    open: int
    waiting_for_us: int
    waiting_for_customer: int
    unassigned: int
    waiting_since: dt.datetime | None
    held_mails: int
    good: int
    fair: int
    bad: int

    @property
    def rated(self) -> int:
        return self.good + self.fair + self.bad

    @property
    def satisfied_per_cent(self) -> int | None:
        """Share of good ratings, rounded; None while nobody rated."""
        return round(100 * self.good / self.rated) if self.rated else None


def support_figures(actor: Actor) -> SupportFigures:
    """The figures of the merchant's support, ratings of the last thirty days. Three queries."""
    talks = Conversation.objects.filter(merchant=actor.merchant).order_by()
    now = talks.filter(ticket__isnull=True, is_open=True).aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=Q(awaits_us=True)),
        unassigned=Count("pk", filter=Q(assigned_to__isnull=True)),
        since=Min("changed_at", filter=Q(awaits_us=True)),
    )
    lately = talks.filter(rated_at__gte=timezone.now() - dt.timedelta(days=FIGURES_DAYS))
    rated = lately.aggregate(**{each.value: Count("pk", filter=Q(rating=each)) for each in Rating})
    return SupportFigures(
        open=now["open"],
        waiting_for_us=now["waiting"],
        waiting_for_customer=now["open"] - now["waiting"],
        unassigned=now["unassigned"],
        waiting_since=now["since"],
        held_mails=held_mails_for(actor).count(),
        **rated,
    )
