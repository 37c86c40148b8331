"""Proposals made by hand, as a run would store them: for tests of what stands above the runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Merchant
from reconciliation.candidates import evidence_of_pairs
from reconciliation.models import MatchRun, Proposal, ProposalPart, StatementLine
from reports.models import Transfer
from tests.reconciliation.scene import Scene


def make_run(merchant: Merchant, **kw: Any) -> MatchRun:
    kw.setdefault("state", MatchRun.State.DONE)
    return MatchRun.objects.create(
        merchant=merchant, finished_at=timezone.now(), rules_version="test", inputs_digest="0" * 64,
        results_digest="0" * 64, **kw,
    )  # fmt: skip


def make_proposal(transfers: Transfer | list[Transfer], lines: StatementLine | list[StatementLine], **kw: Any) -> Proposal:
    """One transfer and one line, one line for several transfers, or several lines for one. `is_automatic=True`: certain."""
    transfers = transfers if isinstance(transfers, list) else [transfers]
    lines = lines if isinstance(lines, list) else [lines]
    merchant = lines[0].merchant
    pairs = [(transfer, line) for transfer in transfers for line in lines]
    kind = (
        Proposal.Kind.MANY_LINES if len(lines) > 1 else Proposal.Kind.MANY_TRANSFERS if len(transfers) > 1 else Proposal.Kind.ONE
    )
    facts = evidence_of_pairs(merchant, [(transfer.pk, line.pk) for transfer, line in pairs])
    proposal = Proposal.objects.create(
        merchant=merchant, run=kw.pop("run", None) or make_run(merchant), account=lines[0].account,
        customer=transfers[0].report.customer, kind=kind, score=kw.pop("score", 20.0), margin_transfer=9.0, margin_line=9.0,
        facts=[facts.get((transfer.pk, line.pk), []) for transfer, line in pairs], **kw,
    )  # fmt: skip
    for transfer, line in pairs:
        amount = min(Decimal(line.amount), transfer.amount) if len(transfers) > 1 else line.amount
        ProposalPart.objects.create(merchant=merchant, proposal=proposal, transfer=transfer, line=line, amount=amount)
    return proposal


def pair(scene: Scene, amount: str, *, reference: str = "", **kw: Any) -> Proposal:
    """A report that waits and the deposit that is its money (`deposit`: another amount), proposed."""
    order = scene.order(amount, customer=kw.pop("customer", None))
    reference = reference or f"88{Proposal.objects.count():03d}{int(Decimal(amount) * 100):07d}"
    ticket = scene.report(amount, orders=[order], reference=reference)
    line = scene.line(kw.pop("deposit", amount), reference=reference, text=kw.pop("text", "TRF.OB PEREZ ALICIA"))
    return make_proposal(scene.transfers(ticket)[0], line, **kw)
