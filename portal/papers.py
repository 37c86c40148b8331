"""Papers that the customer takes away: the bill of an order, its fiscal documents, the receipt of a verified report."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, customer_page
from documents.downloads import as_download
from orders.fiscal_selectors import fiscal_file_for
from orders.selectors import order_for
from portal.requests import visitor_of
from reconciliation.papers import bill_pdf, receipt_pdf
from tickets.selectors import ticket_for


@require_safe
@customer_page("see_orders")
def order_pdf(request: HouseRequest, number: str) -> HttpResponseBase:
    """The bill as PDF, in the reader's language."""
    visitor = visitor_of(request)
    order = order_for(visitor.actor, number)
    return as_download(bill_pdf(visitor.actor, order), name=f"{order.number}.pdf")


@require_safe
@customer_page("see_orders")
def fiscal_document(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A fiscal invoice or credit note as PDF; `?as=xml` is another system's XML."""
    file = fiscal_file_for(visitor_of(request).actor, pk, request.GET.get("as", "pdf"))
    if file is None:
        raise Http404
    return as_download(file.content, name=file.name, content_type=file.content_type)


@require_safe
@customer_page("use_tickets")
def ticket_receipt(request: HouseRequest, number: str) -> HttpResponseBase:
    """That a reported payment was verified, and what it paid."""
    visitor = visitor_of(request)
    ticket = ticket_for(visitor.actor, number)
    return as_download(receipt_pdf(visitor.actor, ticket), name=f"{ticket.number}.pdf")
