"""Lines that go again with their import: what was proposed or set aside about them goes too."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from reconciliation.models import DepositOffer, IgnoredLine, Proposal, ProposalPart


def forget_lines(line_ids: Sequence[int]) -> None:
    """Make proposals about these lines out of date and take their parts away. The caller deletes the lines, which carry no money.

    A line whose proposal became a match is refused by the database: it carried money once.
    """
    parts = ProposalPart.objects.filter(line__in=line_ids, match__isnull=True)
    open_states = (Proposal.State.OPEN, Proposal.State.SAMPLED)
    Proposal.objects.filter(pk__in=parts.values("proposal_id"), state__in=open_states).update(
        state=Proposal.State.STALE, settled_at=timezone.now()
    )
    parts.delete()
    IgnoredLine.objects.filter(line__in=line_ids).delete()
    _keep_offers(line_ids)


def _keep_offers(line_ids: Sequence[int]) -> None:
    """What customers were told of these lines stays on record, without the line."""
    told = DepositOffer.objects.filter(line__in=line_ids)
    live = told.filter(state__in=(DepositOffer.State.OFFERED, DepositOffer.State.CLAIMED))
    live.update(state=DepositOffer.State.WITHDRAWN, why=DepositOffer.Why.UNDONE, ended_at=timezone.now(), line=None)
    told.update(line=None)
