"""Files of movements that were brought in, as staff look at them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from reconciliation.importing.questions import WAITING, in_order
from reconciliation.models import RejectedLine, StatementImport

PAGE_SIZE = 30
MOST_TOGETHER = 100
ROWS_ON_A_PAGE = 50


def imports_for(actor: Actor) -> QuerySet[StatementImport]:
    """The merchant's imports, the newest first, each with `open_rows`: how many rows nobody has decided. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    made = StatementImport.objects.filter(merchant=actor.merchant)
    made = made.annotate(open_rows=Count("rejected_lines", filter=Q(rejected_lines__outcome="")))
    return made.select_related("account__bank", "created_by").order_by("-pk")


def import_for(actor: Actor, pk: int) -> StatementImport:
    """One import with its people, profile and twin, or 404."""
    found = (
        imports_for(actor)
        .select_related("account__bank", "account__merchant", "profile", "created_by", "committed_by", "released_by", "undone_by")
        .select_related("same_as__created_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def import_pages(actor: Actor, page: int) -> Page[StatementImport]:
    """A page of all imports."""
    return Paginator(imports_for(actor), PAGE_SIZE).get_page(page)


def waiting_imports(actor: Actor) -> list[StatementImport]:
    """The newest files that wait for a person, in the order in which they would come in. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    waiting = StatementImport.objects.filter(merchant=actor.merchant, state__in=WAITING)
    return sorted(waiting.select_related("account__bank").order_by("-pk")[:MOST_TOGETHER], key=in_order)


def open_rows_of(files: Sequence[StatementImport]) -> dict[int, int]:
    """How many rows of each file nobody has decided; none is left out."""
    rows = RejectedLine.objects.filter(statement_import__in=files, outcome="")
    return dict(rows.values_list("statement_import").annotate(Count("pk")))


def rows_to_decide(made: StatementImport, page: int) -> Page[RejectedLine]:
    """A page of the rows of one import that asked for a person: open ones first, then in the file's order."""
    rows = RejectedLine.objects.filter(statement_import=made).select_related("decided_by", "line")
    return Paginator(rows.order_by("outcome", "number", "pk"), ROWS_ON_A_PAGE).get_page(page)


def rejected_for(actor: Actor, import_id: int, pk: int) -> RejectedLine:
    """One row that asks for a person, with its import and the movement that it looks like, or 404."""
    if not actor.is_staff:
        raise NotAllowed
    found = (
        RejectedLine.objects.filter(merchant=actor.merchant, statement_import=import_id, pk=pk)
        .select_related("statement_import__account__bank", "like_line__statement_import", "line", "decided_by")
        .first()
    )
    if found is None:
        raise Http404
    return found
