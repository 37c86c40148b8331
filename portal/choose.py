"""For whom one acts: the chooser of somebody with several customers or merchants, and choosing."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.views.decorators.http import require_POST, require_safe

from accounts.access import HouseRequest, member_page
from accounts.contacts import choose_customer
from accounts.models import User
from accounts.selectors import SESSION_CUSTOMER, contacts_of, doors_of, houses_worked_in
from portal.adapters import AccountAdapter, house_of
from portal.requests import signed_in_page


@signed_in_page
@require_safe
def show(request: HttpRequest, user: User) -> HttpResponseBase:
    """Every customer for whom the person acts, at every merchant, and the houses whose staff they are. It is theirs anywhere."""
    actor = getattr(request, "actor", None)
    current = actor.contact.pk if actor and actor.contact else None
    context = {
        "doors": sorted(doors_of(user), key=lambda door: door.pk != current),
        "houses": houses_worked_in(user),
        "current": current,
        "base": get_script_prefix().removesuffix(f"{house_of(request).slug}/"),
    }
    return render(request, "portal/choose.html", context)


@require_POST
@member_page
def switch_customer(request: HouseRequest) -> HttpResponseBase:
    """Act for another of one's own customers from now on. Anybody else's is 404."""
    actor = replace(request.actor, role=None)
    wanted = request.POST.get("customer", "")
    contact = None
    if actor.user is not None and wanted.isascii() and wanted.isdigit():
        contact = contacts_of(actor.user, request.merchant).filter(customer_id=int(wanted[:18])).first()
    if contact is None:
        raise Http404
    choose_customer(contact=contact)
    request.session[SESSION_CUSTOMER.format(merchant_id=request.merchant.pk)] = contact.customer_id
    target = request.POST.get("next", "")
    return redirect(target if AccountAdapter().is_safe_url(target) else get_script_prefix())
