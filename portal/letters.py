"""E-mails that the system sent about the customer: the list, one to read, and having it sent once more."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused, Stale
from letters.models import Letter
from letters.reading import parts_of
from letters.resending import send_again
from letters.selectors import firsts, letter_for, letters_for
from portal.requests import visitor_of

PAGE_SIZE = 25
SHOWN_COPIES = 5


@require_safe
@customer_page()
def show_list(request: HouseRequest) -> HttpResponseBase:
    """What was sent to oneself and to the customer's address, newest first."""
    visitor = visitor_of(request)
    found = firsts(letters_for(visitor.actor)).defer("text", "html", "context")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/letters.html", {"page": page, "own_id": visitor.user.pk})


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page()
def show_letter(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One e-mail; POST sends it again, to one's own confirmed address."""
    visitor = visitor_of(request)
    letter = letter_for(visitor.actor, pk)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            address = send_again(letter_id=letter.pk, by=visitor.actor)
        except Refused as refused:
            refusal, status = refused.message, 409 if isinstance(refused, Stale) else 422
        else:
            messages.success(request, _("We send it again to %(email)s.") % {"email": address})
            return redirect("portal:letter", letter.pk)
    copies = Letter.objects.filter(merchant=visitor.merchant, again_of=letter.pk, user=visitor.user).order_by("-pk")
    context = {
        "letter": letter,
        "parts": parts_of(letter),
        "copies": copies[:SHOWN_COPIES],
        "own_email": visitor.user.email,
        "refusal": refusal,
    }
    return render(request, "portal/letter.html", context, status=status)
