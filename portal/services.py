"""The customer's services: what they have, ordering, changing and cancelling, by themselves or by asking in a ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused, Stale
from orders.models import Service, ServiceOffer
from orders.service_acts import cancel_service, order_service, service_policy_of
from orders.service_changes import change_service, drop_change
from orders.service_selectors import offers_of, open_orders_of, services_for
from portal.requests import Visitor, visitor_of
from tickets.services import open_conversation

LONGEST_NOTE = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("manage_services")
def show_services(request: HouseRequest) -> HttpResponseBase:
    """The list. POST `act`: order (`offer`), change (`service`, `offer`), drop (`service`), cancel (`service`, `note`)."""
    visitor = visitor_of(request)
    visitor.customer.merchant = visitor.merchant
    services, offers = list(services_for(visitor.actor)), offers_of(visitor.merchant)
    policy = service_policy_of(visitor.merchant)
    refusal, status = "", 200
    if request.method == "POST":
        service = _chosen(services, request.POST.get("service"))
        offer = _chosen(offers, request.POST.get("offer"))
        try:
            answer = _act(request, visitor, service, offer)
        except Refused as refused:
            refusal, status = refused.message, 409 if isinstance(refused, Stale) else 422
        else:
            return answer
    unpaid = open_orders_of(services)
    context: dict[str, Any] = {
        "rows": [(service, unpaid.get(service.pk, [])) for service in services],
        "offers": offers,
        "policy": policy,
        "may_ask": visitor.contact.can_use_tickets,
        "note": request.POST.get("note", "")[:LONGEST_NOTE],
        "refusal": refusal,
    }
    return render(request, "portal/services.html", context, status=status)


def _act(request: HouseRequest, visitor: Visitor, service: Service | None, offer: ServiceOffer | None) -> HttpResponseBase:
    """Do it where the house leaves it to the customer; else open a ticket that asks for it."""
    policy, act = service_policy_of(visitor.merchant), request.POST.get("act", "")
    note = " ".join(request.POST.get("note", "").split())[:LONGEST_NOTE]
    said = {"service": service.name if service else "", "offer": offer.name if offer else ""}
    if act == "order" and offer:
        if policy.may_order:
            _made, order = order_service(customer=visitor.customer, offer_id=offer.pk, by=visitor.actor)
            messages.success(request, _("Ordered. It starts when order %(number)s is paid.") % {"number": order.number})
            return redirect("portal:order", order.number) if visitor.contact.can_see_orders else redirect("portal:services")
        return _ask(request, visitor, _("Please add: %(offer)s") % said, note)
    if act == "change" and service and offer:
        if policy.may_change:
            changed = change_service(service_id=service.pk, offer_id=offer.pk, by=visitor.actor)
            messages.success(request, _said_of(changed))
            return redirect("portal:services")
        return _ask(request, visitor, _("Please change %(service)s to %(offer)s") % said, note)
    if act == "drop" and service:
        drop_change(service_id=service.pk, by=visitor.actor)
        messages.success(request, _("The service stays as it is."))
        return redirect("portal:services")
    if act == "cancel" and service:
        if policy.may_cancel:
            gone = cancel_service(service_id=service.pk, note=note, by=visitor.actor)
            messages.success(
                request, _("Cancelled.") if gone.is_over else _("Cancelled. It stays yours until the day up to which it is paid.")
            )
            return redirect("portal:services")
        return _ask(request, visitor, _("Please cancel %(service)s") % said, note)
    raise Refused(_("Choose one of the list."), code="nothing_chosen")


def _said_of(changed: Service) -> str:
    if changed.next:
        return _("Kept. The change comes with the next order.")
    return _("The service stays as it is.") if changed.renews_on else _("Changed. The new price holds from the next order on.")


def _ask(request: HouseRequest, visitor: Visitor, subject: str, note: str) -> HttpResponseBase:
    conversation = open_conversation(
        merchant=visitor.merchant, customer=visitor.customer, subject=subject[:150], text=note or subject, by=visitor.actor
    )
    messages.success(request, _("We received your request. We answer here and by e-mail."))
    return redirect("portal:conversation", conversation.number)


def _chosen(rows: Any, typed: str | None) -> Any:
    return next((row for row in rows if str(row.pk) == (typed or "")), None)
