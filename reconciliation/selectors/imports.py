"""Files of movements that were brought in, as staff look at them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from reconciliation.models import StatementImport


def imports_for(actor: Actor) -> QuerySet[StatementImport]:
    """The merchant's imports, the newest first. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    return StatementImport.objects.filter(merchant=actor.merchant).select_related("account__bank", "created_by").order_by("-pk")


def import_for(actor: Actor, pk: int) -> StatementImport:
    """One import, or 404."""
    found = imports_for(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
