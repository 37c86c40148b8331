"""The customer's first screen: what I owe, what I can report, where my tickets stand. Strangers see the public page."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, customer_page
from accounts.models import Contact
from orders.dates import today_at
from orders.selectors import orders_for
from portal import public
from portal.equivalents import equivalent_for, number_marks
from portal.order_rows import rows_of
from portal.requests import Visitor, visitor_of
from portal.ticket_rows import rows_of as ticket_rows_of
from portal.ticket_rows import with_reports
from reconciliation.selectors import credit_of
from reconciliation.selectors.offers import open_offers_for
from reports.selectors import debt_of
from tickets.models import LIVE_STATES, State
from tickets.selectors import tickets_for

PENDING_SHOWN = 50
TICKETS_SHOWN = 4


@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """The public page for strangers, the desk for staff who are nobody's contact, else the customer's home."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return public.about(request)
    if actor.contact is None:
        return redirect("desk:queue")
    return _show_home(request)


@customer_page()
def _show_home(request: HouseRequest) -> HttpResponseBase:
    visitor = visitor_of(request)
    context: dict[str, object] = {
        "customer": visitor.customer,
        "deposits": open_offers_for(visitor.actor),
        "several_customers": Contact.objects.filter(merchant=visitor.merchant, user=visitor.user).count() > 1,
    }
    if visitor.contact.can_see_orders:
        context |= _what_is_owed(visitor)
    if visitor.contact.can_use_tickets:
        context["tickets"] = _newest_tickets(visitor)
    return render(request, "portal/home.html", context)


def _what_is_owed(visitor: Visitor) -> dict[str, object]:
    """Debt, credit and the pending orders: those that nobody reported first, then those in review."""
    today = today_at(visitor.merchant)
    debt = debt_of(visitor.customer)
    pending = orders_for(visitor.actor).with_balance().open().pending_first()
    shown = list(pending[: PENDING_SHOWN + 1])
    more = pending.count() - PENDING_SHOWN if len(shown) > PENDING_SHOWN else 0
    equivalent = equivalent_for(visitor.merchant, debt.currency, today)
    rows = rows_of(visitor.merchant, shown[:PENDING_SHOWN], today=today, equivalent=equivalent)
    return {
        "debt": debt,
        "owed_worth": equivalent.of(debt.owed) if equivalent else None,
        "credits": [credit for credit in credit_of(visitor.customer) if credit.balance > 0],
        "rows": sorted(rows, key=lambda row: row.state == "in_review"),
        "more": more,
        "equivalent": equivalent,
        "marks": number_marks(
            [debt.currency, *(row.order.currency for row in rows), *([equivalent.currency] if equivalent else [])]
        ),
    }


def _newest_tickets(visitor: Visitor) -> list[object]:
    """What waits for the customer first, then what is under way, then what was decided."""
    urgency = Case(
        When(state=State.NEEDS_INFORMATION, then=Value(0)),
        When(state__in=LIVE_STATES, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    tickets = with_reports(tickets_for(visitor.actor)).order_by(urgency, "-changed_at", "-pk")[:TICKETS_SHOWN]
    return list(ticket_rows_of(tickets))
