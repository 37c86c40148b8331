"""Large tables that a job writes, as those who may take tables away see them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from accounts.actors import Actor
from reconciliation.models import ExportFile

MOST_SHOWN = 50


def export_files_for(actor: Actor) -> QuerySet[ExportFile]:
    """All of the merchant's, newest first. For accounting and auditors: else `NotAllowed`."""
    actor.require(actor.can_export)
    return ExportFile.objects.filter(merchant=actor.merchant).select_related("asked_by", "account__bank").order_by("-pk")


def ready_export_for(actor: Actor, pk: int) -> ExportFile:
    """One whose file is there. `Http404` when there is none (any more)."""
    found = export_files_for(actor).filter(pk=pk, state=ExportFile.State.READY).first()
    if found is None:
        raise Http404
    return found
