"""The search of the header: a ticket by its number at once, else tickets, orders and customers that hold the words."""

from __future__ import annotations

from django.db.models import Q
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from accounts.selectors import customers_for
from accounts.text import folded
from banking.references import normalize_reference
from desk.order_rows import rows_of
from desk.requests import Member, member_of, show
from orders.selectors import OrderFilters, list_orders
from reports.models import Transfer
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
    exact = tickets_for(member.actor).filter(number__iexact=query).first()
    if exact is not None:
        return redirect("desk:ticket", exact.number)
    orders = list_orders(member.actor, OrderFilters(query=query), page_size=SHOWN)
    context = {
        "query": query,
        "tickets": _tickets(member, query),
        "rows": rows_of(member.merchant, orders.object_list),
        "customers": customers_for(member.actor, query)[:SHOWN],
    }
    return show(request, member, "desk/search.html", context)


def _tickets(member: Member, query: str) -> list[Ticket]:
    """By number, customer, or the end of a reference."""
    found = tickets_for(member.actor)
    for word in query.split()[:4]:
        wanted = Q(number__icontains=word) | folded("customer__name", word) | Q(customer__number__iexact=word)
        reference = normalize_reference(word)
        if len(reference) >= 4:
            named = Transfer.objects.filter(merchant=member.merchant, reference__endswith=reference)
            wanted |= Q(pk__in=named.values("report__ticket_id"))
        found = found.filter(wanted)
    return list(found[:SHOWN])
