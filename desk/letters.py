"""E-mails that the system sent: those of one customer, or all that could not be delivered; read them, send them again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.models import Customer
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.requests import Member, key_of, member_of, show, status_of
from letters.reading import parts_of
from letters.resending import send_again
from letters.selectors import failed_letters, firsts, letters_for

PAGE_SIZE = 50


@require_http_methods(FORM_METHODS)
@staff_page()
def show_letters(request: HouseRequest) -> HttpResponseBase:
    """What could not be delivered, or with `?customer=` what a customer was sent. `?letter=` opens one; POST sends it again."""
    member = member_of(request)
    customer = _customer(member, request.GET.get("customer"))
    chosen = key_of(request.POST.get("letter") or request.GET.get("letter"))
    refusal, status = "", 200
    if request.method == "POST":
        if not member.actor.can_write_messages:
            raise NotAllowed
        try:
            address = send_again(letter_id=chosen or 0, by=member.actor)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            messages.success(request, _("It is sent again to %(email)s.") % {"email": address})
            query = f"?{urlencode({'customer': customer.pk})}" if customer else ""
            return redirect(reverse("desk:letters") + query)
    found = firsts(letters_for(member.actor).filter(customer=customer)) if customer else failed_letters(member.actor)
    opened = letters_for(member.actor).select_related("customer").filter(pk=chosen).first() if chosen else None
    context: dict[str, Any] = {
        "customer": customer,
        "page": Paginator(found.select_related("customer", "user"), PAGE_SIZE).get_page(request.GET.get("page")),
        "opened": opened,
        "parts": parts_of(opened) if opened else [],
        "refusal": refusal,
    }
    return show(request, member, "desk/letters.html", context, status=status)


def _customer(member: Member, text: str | None) -> Customer | None:
    if not text:
        return None
    pk = key_of(text)
    if pk is None:
        raise Http404
    return customer_for(member.actor, pk)
