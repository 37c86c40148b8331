"""Papers for staff: bills and receipts in the customer's language, fiscal documents as they are."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from desk.requests import member_of
from documents.downloads import as_download
from orders.fiscal_selectors import fiscal_file_for
from orders.selectors import order_for
from reconciliation.papers import bill_pdf, receipt_pdf
from tickets.selectors import ticket_for


@require_safe
@staff_page()
def order_pdf(request: HouseRequest, number: str) -> HttpResponseBase:
    """The bill as the customer gets it."""
    member = member_of(request)
    order = order_for(member.actor, number)
    with translation.override(order.customer.language):
        return as_download(bill_pdf(member.actor, order), name=f"{order.number}.pdf")


@require_safe
@staff_page()
def fiscal_document(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A fiscal invoice or credit note as PDF; `?as=xml` is another system's XML."""
    file = fiscal_file_for(member_of(request).actor, pk, request.GET.get("as", "pdf"))
    if file is None:
        raise Http404
    return as_download(file.content, name=file.name, content_type=file.content_type)


@require_safe
@staff_page()
def ticket_receipt(request: HouseRequest, number: str) -> HttpResponseBase:
    """The receipt of a verified report as the customer gets it."""
    member = member_of(request)
    ticket = ticket_for(member.actor, number)
    with translation.override(ticket.customer.language):
        return as_download(receipt_pdf(member.actor, ticket), name=f"{ticket.number}.pdf")
