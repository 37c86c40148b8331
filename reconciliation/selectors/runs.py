"""Reads about match runs and what they propose. Staff alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Merchant
from reconciliation.candidates import evidence_of_pairs
from reconciliation.models import AutomaticStop, MatchRun, Proposal, ProposalPart


def proposals_for(actor: Actor) -> QuerySet[Proposal]:
    """Every proposal of the merchant, newest first, with account and customer."""
    _require_staff(actor)
    return Proposal.objects.filter(merchant=actor.merchant).select_related("account", "customer").order_by("-pk")


def proposal_for(actor: Actor, pk: int) -> Proposal:
    """One proposal; `Http404` when it is not the merchant's."""
    proposal = proposals_for(actor).filter(pk=pk).first()
    if proposal is None:
        raise Http404
    return proposal


def runs_for(actor: Actor) -> QuerySet[MatchRun]:
    """The merchant's runs, newest first."""
    _require_staff(actor)
    return MatchRun.objects.filter(merchant=actor.merchant).select_related("account", "by", "undone_by").order_by("-pk")


def run_for(actor: Actor, pk: int) -> MatchRun:
    """One run; `Http404` when it is not the merchant's."""
    run = runs_for(actor).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def open_stop_of(merchant: Merchant) -> AutomaticStop | None:
    """What stopped automatic acceptance, with who found it; None while nothing did."""
    return (
        AutomaticStop.objects.select_related("proposal", "stopped_by").filter(merchant=merchant, lifted_at__isnull=True).first()
    )


def is_automatic_on(merchant: Merchant) -> bool:
    """Whether certain matches are settled without a person now."""
    return merchant.auto_accept and open_stop_of(merchant) is None


def facts_of(merchant: Merchant, proposals: Sequence[Proposal]) -> dict[int, list[list[dict[str, Any]]]]:
    """Proposal → facts by part. Large runs do not store them: those are told now, in two queries for all."""
    found = {proposal.pk: proposal.facts for proposal in proposals if proposal.facts}
    lacking = [proposal.pk for proposal in proposals if proposal.pk not in found]
    if not lacking:
        return found
    parts = list(
        ProposalPart.objects.filter(proposal__in=lacking).order_by("pk").values_list("proposal_id", "transfer_id", "line_id")
    )
    told = evidence_of_pairs(merchant, [(transfer, line) for _pk, transfer, line in parts])
    for pk, transfer, line in parts:
        found.setdefault(pk, []).append(told.get((transfer, line), []))
    return found


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotAllowed
