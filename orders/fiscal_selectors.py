"""Reads of fiscal documents: whoever sees an order sees its documents."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.text import folded
from files.storage import storage_errors
from letters.attachments import Attached
from orders.models import FiscalDocument, FiscalFile, Order
from orders.papers import files_of
from orders.selectors import orders_for

PAGE_SIZE = 50


def fiscal_documents_for(actor: Actor | None) -> QuerySet[FiscalDocument]:
    """Documents of orders that `actor` may see, newest first."""
    documents = FiscalDocument.objects.filter(order__in=orders_for(actor))
    return documents.select_related("order__customer", "cancels", "merchant").order_by("-pk")


def documents_of(order: Order) -> list[FiscalDocument]:
    """An order's invoices and credit notes, oldest first, with their files. Two queries."""
    return list(order.fiscal_documents.select_related("cancels", "credit_note").prefetch_related("files").order_by("pk"))


def list_documents(actor: Actor, *, query: str = "", page: int = 1) -> Page[FiscalDocument]:
    """One page of the merchant's documents, found by number, order or customer."""
    documents = fiscal_documents_for(actor)
    for word in query.split()[:6]:
        own = Q(number__icontains=word) | Q(order__number__icontains=word)
        documents = documents.filter(own | folded("buyer_name", word))
    return Paginator(documents, PAGE_SIZE).get_page(page)


def fiscal_file_for(actor: Actor | None, pk: int, kind: str) -> Attached | None:
    """A document's PDF or XML; None when there is none, when it is another's, or when the storage has lost it."""
    document = fiscal_documents_for(actor).filter(pk=pk).first()
    if document is None or kind not in FiscalFile.Kind.values:
        return None
    try:
        return next(iter(files_of(document, kind)), None)
    except storage_errors():
        return None
