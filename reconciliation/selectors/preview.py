"""What verifying would do now, worked out without a lock and without writing: shown before anybody presses the button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import User
from reconciliation.candidates import evidence_of_pairs
from reconciliation.choices import AdjustmentChoice, MatchChoice
from reconciliation.models import Match, StatementLine
from reconciliation.plan import Plan, draw_plan, settled_transfers, wants_of
from reconciliation.services.settlement import why_approval
from reconciliation.words import Evidence, tell
from reports.models import Transfer
from reports.view import ReportView


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`plan` is None while nothing can be settled; `problem` then says why, unless simply nothing is chosen.

    `why_approval` is as in `Outcome`, for the one who looks or who prepared it. `settled` holds transfers that are decided.
    """

    plan: Plan | None
    why_approval: Sequence[str] = ()
    problem: str = ""
    settled: frozenset[int] = field(default=frozenset())

    @property
    def money(self) -> dict[str, Decimal]:
        """What the deposits bring, by currency."""
        sums: dict[str, Decimal] = {}
        for each in self.plan.transfers if self.plan else ():
            sums[each.transfer.currency] = sums.get(each.transfer.currency, Decimal(0)) + each.money
        return sums


def preview_of(
    actor: Actor,
    view: ReportView,
    choices: Sequence[MatchChoice] = (),
    *,
    adjustments: Sequence[AdjustmentChoice] = (),
    missing: Sequence[int] = (),
    prepared_by: User | None = None,
) -> Preview:
    """As `verify_report` would plan it for a report in its present revision: what is reserved already, and `choices`. Staff only.

    `prepared_by` is who decided it while it waits for its second signature. At most nine queries, whatever is chosen.
    """
    if not actor.is_staff or view.ticket.merchant_id != actor.merchant.pk:
        raise NotAllowed
    settled = frozenset(settled_transfers(view.report))
    transfers = [transfer for transfer in view.transfers if transfer.pk not in settled]
    matches = list(
        Match.objects.filter(transfer__in=transfers, state=Match.State.RESERVED)
        .select_related("line__balance", "line__confirmation")
        .order_by("pk")
    )
    matches += _planned(actor, {transfer.pk: transfer for transfer in transfers}, choices)
    if not matches and not missing:
        return Preview(plan=None, settled=settled)
    report = view.report
    report.merchant = actor.merchant
    try:
        plan = draw_plan(
            report=report,
            transfers=transfers,
            matches=matches,
            orders={each.order_id: each.order for each in view.allocations},
            wants=wants_of(report),
            adjustments=adjustments,
            missing=frozenset(missing),
            vouchers=view.withholdings,
        )
    except Refused as refused:
        return Preview(plan=None, problem=refused.message, settled=settled)
    return Preview(plan=plan, why_approval=why_approval(plan, prepared_by or actor.user), settled=settled)


def lines_with_evidence(
    actor: Actor, pairs: Sequence[tuple[Transfer, int]]
) -> dict[tuple[int, int], tuple[StatementLine, list[Evidence]]]:
    """Movements (by key) that a person picked for transfers, with what speaks for and against each. Two queries.

    Only credits of the transfer's own account; what is none is left out.
    """
    if not pairs:
        return {}
    lines = StatementLine.objects.filter(merchant=actor.merchant, pk__in=[pk for _transfer, pk in pairs], amount__gt=0)
    found = lines.select_related("balance").in_bulk()
    wanted = [(transfer, pk) for transfer, pk in pairs if pk in found and found[pk].account_id == transfer.account_id]
    facts = evidence_of_pairs(actor.merchant, [(transfer.pk, pk) for transfer, pk in wanted])
    return {(transfer.pk, pk): (found[pk], [tell(fact) for fact in facts.get((transfer.pk, pk), [])]) for transfer, pk in wanted}


def _planned(actor: Actor, transfers: dict[int, Transfer], choices: Sequence[MatchChoice]) -> list[Match]:
    """Unsaved matches for what is chosen, each with the money that it would take; a line without any is left out."""
    lines = StatementLine.objects.select_related("balance", "confirmation").filter(
        merchant=actor.merchant, pk__in=[choice.line_id for choice in choices], amount__gt=0, balance__returned_at__isnull=True
    )
    by_key = {line.pk: line for line in lines}
    left = {pk: line.balance.free for pk, line in by_key.items()}
    planned = []
    for choice in choices:
        transfer, line = transfers.get(choice.transfer_id), by_key.get(choice.line_id)
        if transfer is None or line is None or line.account_id != transfer.account_id:
            continue
        shared = sum(each.line_id == line.pk for each in choices) > 1
        wanted = choice.amount if choice.amount is not None else min(left[line.pk], transfer.amount) if shared else left[line.pk]
        taken = min(wanted, left[line.pk])
        if taken <= 0:
            continue
        left[line.pk] -= taken
        planned.append(Match(merchant=actor.merchant, transfer=transfer, line=line, amount=taken))
    return planned
