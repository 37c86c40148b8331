"""The queue: open tickets, the most urgent first, by view and filter, with what the bank says and who has each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.links import links_to
from accounts.services import change_profile
from desk.begin import missing_steps
from desk.compare import money
from desk.deadlines import Deadline, deadline_of, spell_minutes
from desk.decision import decision_page
from desk.presence import lookers
from desk.queue_form import QueueForm, remember
from desk.requests import BAD_INPUT, Member, back_to, member_of, show, status_of
from orders.dates import today_at, written
from reconciliation.selectors import QueueFilters, QueuePage, QueueRow, queue_for
from reconciliation.selectors.places import queue_rows, queue_sums
from reconciliation.selectors.queue import PAGE_SIZE
from tickets import services as tickets
from tickets.calendar import business_minutes_between
from tickets.models import State, Ticket
from tickets.selectors import ticket_for, tickets_for

MOST_MEASURED = 500


@dataclass(frozen=True, kw_only=True)
class View:
    """One entry of the list at the left."""

    key: str
    name: str
    icon: str
    colour: str = ""


def views() -> dict[str, Sequence[View]]:
    """The views by group: by who has them, and by deadline."""
    return {
        "": (
            View(key="all", name=pgettext("queue view", "All open"), icon="inbox"),
            View(key="new", name=pgettext("queue view", "New"), icon="stars"),
            View(key="mine", name=pgettext("queue view", "Mine"), icon="person"),
            View(key="others", name=pgettext("queue view", "In review by others"), icon="eye"),
            View(key="waiting", name=pgettext("queue view", "Waiting for the customer"), icon="pause-circle"),
            View(key="signature", name=pgettext("queue view", "Second signature"), icon="pen"),
        ),
        _("Deadline"): (
            View(key="overdue", name=pgettext("queue view", "Overdue"), icon="exclamation-circle", colour="red"),
            View(key="today", name=pgettext("queue view", "Due today"), icon="clock", colour="amber"),
        ),
    }


@dataclass(frozen=True, kw_only=True)
class Line:
    """One ticket of the list, in words. `key` names the row on the page; `account_end` stands beside a bank's account alone."""

    key: str
    number: str
    address: str
    customer: str
    state: str
    deadline: Deadline
    holds: str
    account: str
    account_end: str
    reference: str
    amount: Decimal
    currency: str
    bank_icon: str
    bank_colour: str
    bank_text: str
    responsible: str
    note: str
    can_claim: bool
    claim_address: str
    claim_label: str


@require_safe
@staff_page()
def show_queue(request: HouseRequest) -> HttpResponseBase:
    """A page of the queue. A bad filter is answered with 400 and the sentence; the list then shows everything."""
    member = member_of(request)
    form = QueueForm(request.GET, merchant=member.merchant)
    is_good = form.is_valid()
    filters = form.filters() if is_good else QueueFilters()
    if is_good:
        remember(request, member.merchant)
    found = queue_for(member.actor, filters)
    lines = lines_of(member, found.rows)
    numbers = Paginator(range(found.total), PAGE_SIZE).page(found.page)
    title = next(view.name for group in views().values() for view in group if view.key == filters.view)
    context = {
        "form": form,
        "found": found,
        "groups": _groups(found, filters.view),
        "lines": lines,
        "refusal": "",
        "page": numbers,
        "title": title,
        "summary": _summary(member, found, filters),
        "median": median_to_decide(member),
        "missing_steps": missing_steps(member),
    }
    status = 200 if is_good else BAD_INPUT
    return show(request, member, "desk/queue.html", context, status=status, open_tickets=found.counts["all"])


@require_POST
@staff_page("decide")
def claim_row(request: HouseRequest, number: str) -> HttpResponseBase:
    """Take a ticket out of the list: htmx gets its row back, others go to the ticket."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    refusal = ""
    try:
        tickets.claim(ticket_id=ticket.pk, by=member.actor)
    except Refused as refused:
        refusal = refused.message
        if not request.htmx:
            return decision_page(request, member, ticket_for(member.actor, number), refusal=refusal, status=status_of(refused))
    if not request.htmx:
        return redirect("desk:ticket", number)
    lines = lines_of(member, queue_rows(list(tickets_for(member.actor).filter(number=number))))
    return render(request, "desk/_queue_rows.html", {"lines": lines, "refusal": refusal})


@require_POST
@staff_page()
def switch_shortcuts(request: HouseRequest) -> HttpResponseBase:
    """Switch the single-key shortcuts on or off for this person, for good."""
    member = member_of(request)
    change_profile(uses_shortcuts=request.POST.get("on") == "1", by=member.actor)
    return back_to(request, "desk:queue")


def lines_of(member: Member, rows: Sequence[QueueRow]) -> list[Line]:
    """Rows in words. Reads the cache once, the database never."""
    seen = lookers(member, [row.ticket for row in rows])
    ticket_address, claim_address = links_to("desk:ticket"), links_to("desk:claim_row")
    lines = []
    for row in rows:
        ticket = row.ticket
        account, account_end = _account_words(row)
        icon, colour, text = _bank_words(row)
        responsible, note = _responsible(member, ticket, seen.get(ticket.pk, ""))
        lines.append(
            Line(
                key=str(ticket.pk),
                number=ticket.number,
                address=ticket_address(ticket.number),
                customer=ticket.customer.name,
                state=ticket.state,
                deadline=deadline_of(member.merchant, ticket),
                holds=_holds(row),
                account=account,
                account_end=account_end,
                reference=_("Ref. …%(tail)s") % {"tail": row.reference_tail} if row.reference_tail else "",
                amount=row.amount,
                currency=row.currency,
                bank_icon=icon,
                bank_colour=colour,
                bank_text=text,
                responsible=responsible,
                note=note,
                can_claim=member.actor.can_decide and _is_free(member, ticket),
                claim_address=claim_address(ticket.number),
                claim_label=_("Take %(number)s") % {"number": ticket.number},
            )
        )
    return lines


def _holds(row: QueueRow) -> str:
    """`2 orders`, or that it is paid in advance; and how many transfers where there are several."""
    if row.orders:
        holds = ngettext("%(counter)s order", "%(counter)s orders", row.orders) % {"counter": row.orders}
    else:
        holds = _("in advance")
    return f"{holds} · {_('%(n)s transfers') % {'n': row.transfers}}" if row.transfers > 1 else holds


def _account_words(row: QueueRow) -> tuple[str, str]:
    """The account by its bank and the end of its number, which says nothing of a cash desk or an address."""
    if row.account is None:
        return "", ""
    return (row.account.title, row.account.last_four) if row.account.bank_id else (str(row.account), "")


def _is_free(member: Member, ticket: Ticket) -> bool:
    """Whether nobody has the ticket, or a colleague had it for too long."""
    has_run_out = ticket.claimed_until is None or ticket.claimed_until <= timezone.now()
    is_theirs = ticket.claimed_by_id == member.user.pk
    return ticket.state == State.SUBMITTED or (ticket.state == State.IN_REVIEW and has_run_out and not is_theirs)


def _bank_words(row: QueueRow) -> tuple[str, str, str]:
    bank = row.bank
    if bank.kind == "exact":
        return "check-circle", "green", _("Exact deposit")
    if bank.kind == "possible":
        return "question-circle", "amber", ngettext("%(count)d possible deposit", "%(count)d possible deposits", bank.count) % {
            "count": bank.count
        }  # fmt: skip
    if bank.kind == "before":
        if bank.statement_until is None:
            return "file-earmark-arrow-up", "quiet", _("No statement yet")
        return "file-earmark-arrow-up", "quiet", _("Statement until %(date)s") % {"date": written(bank.statement_until)}
    return "dash-circle", "quiet", _("No deposit found")


def _responsible(member: Member, ticket: Ticket, looker: str) -> tuple[str, str]:
    """Whose name stands in the row, and what about them."""
    if ticket.state == State.AWAITING_APPROVAL and ticket.prepared_by is not None:
        if ticket.prepared_by_id == member.user.pk:
            return str(member.user), _("Prepared by you")
        return str(ticket.prepared_by), _("Prepared by %(name)s") % {"name": ticket.prepared_by}
    if ticket.claimed_by is not None and ticket.state != State.SUBMITTED:
        name = str(ticket.claimed_by)
        until = ticket.claimed_until
        if ticket.claimed_by_id == member.user.pk:
            if ticket.state == State.IN_REVIEW and until is not None and until > timezone.now():
                there = until.astimezone(member.merchant.zone)
                return name, _("You, until %(time)s") % {"time": f"{there.hour}:{there.minute:02d}"}
            return name, pgettext("responsible", "You")
        return name, name
    if looker:
        return looker, _("%(name)s is looking at it") % {"name": looker}
    return "", ""


def _groups(found: QueuePage, chosen: str) -> list[dict[str, object]]:
    return [
        {
            "title": title,
            "views": [
                {"view": view, "count": found.counts[view.key], "is_here": view.key == chosen, "address": f"?view={view.key}"}
                for view in group
            ],
        }
        for title, group in views().items()
    ]


def _summary(member: Member, found: QueuePage, filters: QueueFilters) -> str:
    """`76 reports, USD 5.834,10`: in the merchant's currency what can be added up in it."""
    counted = ngettext("%(count)d report", "%(count)d reports", found.total) % {"count": found.total}
    sums = queue_sums(member.actor, filters)
    return ", ".join([counted, *(money(amount, currency) for currency, amount in sums.items())])


def median_to_decide(member: Member) -> str:
    """How long, in opening hours, the tickets decided this week took: the middle one. One query."""
    today = today_at(member.merchant)
    monday = dt.datetime.combine(today - dt.timedelta(days=today.weekday()), dt.time(), tzinfo=member.merchant.zone)
    decided = tickets_for(member.actor).filter(state__in=(State.VERIFIED, State.REJECTED), changed_at__gte=monday)
    spans = [
        business_minutes_between(member.merchant, sent, at)
        for sent, verified, rejected in decided.values_list("submitted_at", "verified_at", "rejected_at")[:MOST_MEASURED]
        if (at := verified or rejected) is not None
    ]
    return spell_minutes(int(median(spans))) if spans else ""
