"""The search of the header: a ticket by its number at once, else tickets, orders and customers that hold the words."""

from __future__ import annotations

from django.db.models import Q
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from accounts.selectors import list_customers
from accounts.text import MOST_WORDS, found_by, spellings
from banking.references import normalize_reference
from desk.order_rows import rows_of
from desk.requests import Member, member_of, show
from orders.selectors import OrderFilters, find_orders
from reports.selectors import tickets_paid_with
from tickets.models import Ticket
from tickets.selectors import tickets_for

SHOWN = 15
LONGEST = 100


@require_safe
@staff_page()
def find(request: HouseRequest) -> HttpResponseBase:
    """What `?q=` finds, decided tickets too."""
    member = member_of(request)
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    if not query:
        return show(request, member, "desk/search.html", {"query": ""})
    exact = tickets_for(member.actor).filter(number__in=spellings(query)).first()
    if exact is not None:
        return redirect("desk:ticket", exact.number)
    context = {
        "query": query,
        "tickets": _tickets(member, query),
        "rows": rows_of(member.merchant, find_orders(member.actor, OrderFilters(query=query))[:SHOWN]),
        "customers": list_customers(member.actor, query)[:SHOWN],
    }
    return show(request, member, "desk/search.html", context)


def _tickets(member: Member, query: str) -> list[Ticket]:
    """By number, customer, or the end of a reference."""
    found = tickets_for(member.actor)
    for word in query.split()[:MOST_WORDS]:
        wanted = found_by(member.merchant, word)
        reference = normalize_reference(word)
        if len(reference) >= 4:
            wanted |= Q(search__merchant=member.merchant, search__pk__in=tickets_paid_with(member.merchant, reference))
        found = found.filter(wanted)
    return list(found[:SHOWN])
