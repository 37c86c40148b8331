"""Orders: the list, one order with what was paid on it, its print view, and paying it from the credit balance."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import NotAllowed, Refused
from banking.selectors import accounts_of
from orders.dates import today_at
from orders.fiscal_selectors import documents_of
from orders.models import Order, OrderLine
from orders.selectors import OrderFilters, count_states, list_orders, order_for
from portal.equivalents import equivalent_for, number_marks
from portal.order_rows import rows_of
from portal.report_parts import AccountCard
from portal.requests import Visitor, visitor_of
from portal.shipments import shipment_context
from reconciliation.selectors import credit_of, payments_of
from reconciliation.services import apply_credit
from reports.selectors import orders_in_review
from reports.shipment_selectors import shipment_of_order

FILTERS = {"": "all", "pending": "open", "overdue": "overdue", "paid": "paid", "void": "void"}
QUERY_LENGTH = 100


@require_safe
@customer_page("see_orders")
def show_list(request: HouseRequest) -> HttpResponseBase:
    """All orders, pending first; `?state=pending|overdue|paid|void` and `?q=` narrow the list."""
    visitor = visitor_of(request)
    state = request.GET.get("state", "")
    state = state if state in FILTERS else ""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:QUERY_LENGTH]
    page_text = request.GET.get("page", "1")
    page_number = int(page_text) if page_text.isascii() and page_text.isdigit() and len(page_text) < 6 else 1
    page = list_orders(visitor.actor, OrderFilters(query=query, state=FILTERS[state], page=page_number))
    found = list(page.object_list)
    equivalent = equivalent_for(visitor.merchant, found[0].currency, today_at(visitor.merchant)) if found else None
    rows = rows_of(visitor.merchant, found, today=today_at(visitor.merchant), equivalent=equivalent)
    context = {
        "page": page,
        "rows": rows,
        "counts": count_states(visitor.actor),
        "equivalent": equivalent,
        "marks": number_marks([*(row.order.currency for row in rows), *([equivalent.currency] if equivalent else [])]),
        "any_open": any(row.can_be_reported for row in rows),
        "state": state,
        "query": query,
    }
    return render(request, "portal/orders.html", context)


@require_safe
@customer_page("see_orders")
def show_order(request: HouseRequest, number: str) -> HttpResponseBase:
    """One order: how to pay it at the top, what is charged, what was paid."""
    visitor = visitor_of(request)
    order = order_for(visitor.actor, number)
    context = _order_context(visitor, order)
    if order.is_open:
        context["cards"] = [AccountCard(account=account) for account in accounts_of(visitor.merchant)]
        context["credit"] = _credit_for(visitor, order)
    return render(request, "portal/order.html", context)


@require_safe
@customer_page("see_orders")
def print_order(request: HouseRequest, number: str) -> HttpResponseBase:
    """The order as a sheet of paper."""
    visitor = visitor_of(request)
    return render(request, "portal/order_print.html", _order_context(visitor, order_for(visitor.actor, number)))


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("see_orders")
def use_credit(request: HouseRequest, number: str) -> HttpResponseBase:
    """Pay an order from the credit balance: a page that says how much, then the act."""
    visitor = visitor_of(request)
    if not visitor.contact.can_report:
        raise NotAllowed
    order = order_for(visitor.actor, number)
    refusal = ""
    if request.method == "POST":
        try:
            apply_credit(customer=visitor.customer, order_id=order.pk, by=visitor.actor)
        except Refused as refused:
            refusal = refused.message
            order = order_for(visitor.actor, number)
        else:
            messages.success(request, _("Your credit balance was applied to order %(number)s.") % {"number": order.number})
            return redirect("portal:order", order.number)
    credit = _credit_for(visitor, order)
    used = min(credit, order.amount_due)
    context = {
        "order": order,
        "credit": credit,
        "used": used,
        "order_left": order.amount_due - used,
        "credit_left": credit - used,
        "refusal": refusal or ("" if used else _("There is no credit balance to use for this order.")),
    }
    return render(request, "portal/order_credit.html", context, status=409 if refusal else 200)


def _credit_for(visitor: Visitor, order: Order) -> Decimal:
    """The credit balance in the order's currency."""
    return next((each.balance for each in credit_of(visitor.customer) if each.currency == order.currency), Decimal(0))


def _order_context(visitor: Visitor, order: Order) -> dict[str, object]:
    """What both the order's page and its print view show."""
    today = today_at(visitor.merchant)
    ticket = orders_in_review(visitor.merchant, [order.pk]).get(order.pk)
    equivalent = equivalent_for(visitor.merchant, order.currency, today) if order.is_open else None
    lines = list(order.lines.all())
    return {
        "order": order,
        "lines": lines,
        "taxes": _taxes_of(lines),
        "state": order.display_state(today, in_review=ticket is not None),
        "ticket": ticket,
        "payments": payments_of(visitor.actor, order),
        "equivalent": equivalent,
        "worth": equivalent.of(order.amount_due) if equivalent else None,
        "customer": visitor.customer,
        "documents": documents_of(order),
        **shipment_context(shipment_of_order(visitor.actor, order.pk)),
    }


def _taxes_of(lines: Iterable[OrderLine]) -> list[tuple[str, Decimal, Decimal]]:
    """Taxes as (name, percent, amount), summed by name and rate in the order in which they appear."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        if line.tax:
            key = (line.tax_name, line.tax_rate)
            sums[key] = sums.get(key, Decimal(0)) + line.tax
    return [(name, (rate * 100).normalize(), amount) for (name, rate), amount in sums.items()]
