"""Orders as staff see them: find, look, make, void, and pay with the customer's credit."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.compare import plain_number
from desk.fiscal import fiscal_of
from desk.order_rows import OrderRow, rows_of
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from orders.dates import today_at
from orders.forms import OrderFilterForm, OrderForm, VoidForm
from orders.models import Order
from orders.selectors import OrderFilters, count_states, list_orders, order_for
from orders.services import issue_order, void_order
from reconciliation.selectors import credit_of, payments_of
from reconciliation.services import apply_credit
from reports.selectors import orders_in_review
from tickets.models import Ticket


@require_safe
@staff_page()
def show_orders(request: HouseRequest) -> HttpResponseBase:
    """Orders of all customers, those that are owed first."""
    member = member_of(request)
    form = OrderFilterForm(request.GET)
    is_good = form.is_valid()
    filters = form.filters() if is_good else OrderFilters()
    page = list_orders(member.actor, filters)
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "rows": rows_of(member.merchant, page.object_list),
        "counts": count_states(member.actor),
    }
    return show(request, member, "desk/orders.html", context, status=200 if is_good else BAD_INPUT)


@require_safe
@staff_page()
def show_order(request: HouseRequest, number: str) -> HttpResponseBase:
    """One order: what is charged, what was paid, which report covers it."""
    member = member_of(request)
    return _order_page(request, member, order_for(member.actor, number))


def _order_page(request: HouseRequest, member: Member, order: Order, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
    ticket: Ticket | None = orders_in_review(member.merchant, [order.pk]).get(order.pk)
    credit = sum((each.balance for each in credit_of(order.customer) if each.currency == order.currency), Decimal(0))
    row = OrderRow(order=order, state=order.display_state(today_at(member.merchant), in_review=ticket is not None), ticket=ticket)
    context = {
        "order": order,
        "row": row,
        "lines": [(line, plain_number(line.quantity)) for line in order.lines.all()],
        "payments": payments_of(member.actor, order),
        "credit": credit,
        "usable": min(credit, order.amount_due),
        "can_void": member.actor.can_decide and order.voided_at is None and order.balance.paid == 0,
        "can_use_credit": member.actor.can_decide and credit > 0 and order.is_open,
        "refusal": refusal,
        **fiscal_of(member, order),
    }
    return show(request, member, "desk/order.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("register")
def new_order(request: HouseRequest) -> HttpResponseBase:
    """Make an order by hand; `?customer=<key>` fixes for whom."""
    member = member_of(request)
    key = key_of(request.GET.get("customer"))
    customer = customer_for(member.actor, key) if key is not None else None
    form = OrderForm(request.POST if request.method == "POST" else None, actor=member.actor, customer=customer)
    refusal, status = "", 200
    if form.is_bound:
        if "add_line" in request.POST or "remove_line" in request.POST:
            form.skip_checks()
        elif not form.is_valid():
            status = BAD_INPUT
        else:
            try:
                order = issue_order(merchant=member.merchant, by=member.actor, **form.arguments())
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _told_new(member, order))
                return redirect("desk:order", order.number)
    return show(request, member, "desk/order_new.html", {"form": form, "customer": customer, "refusal": refusal}, status=status)


def _told_new(member: Member, order: Order) -> str:
    """That it is made; and that the customer has something in their favour, where the order's page offers to use it."""
    said = _("Order %(number)s is made.") % {"number": order.number}
    has_credit = any(each.currency == order.currency for each in credit_of(order.customer))
    if has_credit and member.actor.can_decide:
        said = f"{said} {_('The customer has something in their favour: you can use it on this order below.')}"
    return said


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def void(request: HouseRequest, number: str) -> HttpResponseBase:
    """Declare that an order is owed no more, with a reason that the customer sees."""
    member = member_of(request)
    order = order_for(member.actor, number)
    form = VoidForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                void_order(order_id=order.pk, reason=form.cleaned_data["reason"], by=member.actor)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("Order %(number)s is void; it stays visible.") % {"number": order.number})
                return redirect("desk:order", number)
    ticket = orders_in_review(member.merchant, [order.pk]).get(order.pk)
    context = {"order": order, "form": form, "ticket": ticket, "refusal": refusal}
    return show(request, member, "desk/order_void.html", context, status=status)


@require_POST
@staff_page("decide")
def use_credit(request: HouseRequest, number: str) -> HttpResponseBase:
    """Pay as much of an order as the customer's credit allows."""
    member = member_of(request)
    order = order_for(member.actor, number)
    try:
        apply_credit(customer=order.customer, order_id=order.pk, by=member.actor)
    except Refused as refused:
        return _order_page(request, member, order_for(member.actor, number), refusal=refused.message, status=status_of(refused))
    messages.success(request, _("The credit is used on order %(number)s.") % {"number": number})
    return redirect("desk:order", number)
