"""What accepting a case would do: the plan of each of its tickets, by the same rules as by hand. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from banking.money import quantize
from orders.dates import today_at
from reconciliation.choices import MatchChoice
from reconciliation.doubts import reason_for_signature
from reconciliation.ledger import Movement
from reconciliation.models import Match, Proposal
from reconciliation.plan import Plan, draw_plan
from reconciliation.runs.ground import Case, Ground, PartRow
from reconciliation.services.matching import amount_of
from reconciliation.services.settlement import deposit_movements, reasons_to_sign
from reconciliation.services.standing import AUTOMATIC
from reports.models import PaymentReport, Transfer
from tickets.models import Ticket
from tickets.services.steps import require_hold, wrong_state


class OneByOne(Exception):
    """The case is decided by the act for one ticket: something of it is settled already, or will stay undecided."""


@dataclass(kw_only=True)
class Drawn:
    """One ticket as it will be settled. `movements` has one list a transfer of the plan, `parts` one part a match."""

    ticket: Ticket
    plan: Plan
    parts: list[PartRow]
    matches: list[Match]
    movements: list[list[Movement]]
    applied: list[dict[str, str]]
    in_favour: Decimal


def draw_case(case: Case, ground: Ground, by: Actor) -> list[Drawn]:
    """The plans of a case, its use of lines and orders counted in `ground`. Raises `OneByOne`, and `Refused` as by hand.

    More codes: `proposal_closed`, `not_automatic`, `line_ignored`, `partly`, `above_auto_limit` and those of
    `settlement.why_approval`, for what needs a second signature is not accepted in bulk.
    """
    for pk in case.proposal_ids:
        require_open_proposal(ground.proposals.get(pk), by)
    for ticket_id in case.ticket_ids:
        ticket = ground.tickets[ticket_id]
        if ticket.state not in AUTOMATIC:
            raise wrong_state(ticket)
        require_hold(ticket, by)
    if not ground.entangled.isdisjoint(case.ticket_ids):
        raise OneByOne
    _refuse_rivals(case)
    taken, paid = dict(ground.taken), [(order, order.balance.paid) for order in _orders_of(case, ground)]
    try:
        return [_draw_ticket(ticket_id, case, ground, by) for ticket_id in case.ticket_ids]
    except (Refused, OneByOne):
        ground.taken = taken
        for order, before in paid:
            order.balance.paid = before
        raise


def _refuse_rivals(case: Case) -> None:
    """Two proposals about one transfer are two opinions: what one says is not added to what the other says."""
    said: dict[int, int] = {}
    for part in case.parts:
        if said.setdefault(part.transfer_id, part.proposal_id) != part.proposal_id:
            raise Refused(_("There are two proposals for this transfer: choose one."), code="rivals")


def require_open_proposal(proposal: Proposal | None, by: Actor) -> None:
    """Refuse what was decided already, and what the program may not accept by itself."""
    if proposal is None or not proposal.is_open:
        raise Stale(_("This proposal was decided already, or is out of date."), code="proposal_closed")
    if by.is_system and not (proposal.is_automatic and proposal.state == Proposal.State.OPEN):
        raise Refused(_("A person decides on this proposal."), code="not_automatic")


def _orders_of(case: Case, ground: Ground) -> list[Any]:
    ids = {order_id for ticket in case.ticket_ids for order_id, _want in ground.wants[ground.reports[ticket].pk]}
    return [ground.orders[order_id] for order_id in ids]


def _draw_ticket(ticket_id: int, case: Case, ground: Ground, by: Actor) -> Drawn:
    report = ground.reports[ticket_id]
    parts = [part for part in case.parts if part.ticket_id == ticket_id]
    transfers = ground.transfers[report.pk]
    matches = _matches(parts, transfers, ground, by)
    plan = draw_plan(
        report=report,
        transfers=transfers,
        matches=matches,
        orders=ground.orders,
        wants=ground.wants[report.pk],
        adjustments=(),
        missing=frozenset(),
    )
    _require_one_signature(plan, transfers, report, ground, by)
    if plan.undecided and by.is_system:
        raise Refused(_("Other transfers of this report are open."), code="partly")
    if plan.undecided:
        raise OneByOne
    credit = ground.credits[report.customer_id, report.currency]
    movements = [deposit_movements(each, report.currency, credit) for each in plan.transfers]
    return Drawn(
        ticket=ground.tickets[ticket_id],
        plan=plan,
        parts=parts,
        matches=matches,
        movements=movements,
        applied=_apply(plan, ground),
        in_favour=quantize(plan.credit, report.currency),
    )


def _matches(parts: Sequence[PartRow], transfers: Sequence[Transfer], ground: Ground, by: Actor) -> list[Match]:
    """As `matching.reserve` makes them, for transfers without any."""
    current = {transfer.pk: transfer for transfer in transfers}
    matches = []
    for part in parts:
        transfer, line = current.get(part.transfer_id), ground.lines.get(part.line_id)
        if transfer is None:
            raise Refused(_("This transfer is not part of the report as it stands now."), code="transfer_unknown")
        if line is None:
            raise Refused(_("This movement does not exist."), code="line_unknown")
        if line.pk in ground.ignored:
            raise Refused(_("This movement was set aside as one that needs no report."), code="line_ignored")
        choice = MatchChoice(transfer_id=transfer.pk, line_id=line.pk, amount=part.amount)
        before = ground.taken.get(line.pk, Decimal(0))
        amount = amount_of(choice, transfer, line, ground.balances[line.pk], before, shared=False)
        ground.taken[line.pk] = before + amount
        facts = ground.facts.get(part.proposal_id, [])
        evidence = facts[part.place] if part.place < len(facts) else []
        matches.append(
            Match(
                merchant=by.merchant, transfer=transfer, line=line, amount=amount, evidence=evidence, part_id=part.pk, by=by.user
            )
        )
    return matches


def _require_one_signature(plan: Plan, transfers: Sequence[Transfer], report: PaymentReport, ground: Ground, by: Actor) -> None:
    whole = sum((transfer.value for transfer in transfers), Decimal(0))
    wrote = by.user is not None and (report.created_by_id == by.user.pk or report.pk in ground.wrote)
    reasons = reasons_to_sign(plan, by.user, whole=whole, wrote=wrote, is_above=ground.is_above_limit)
    if reasons:
        raise Refused(reason_for_signature(reasons[0], by.merchant), code=reasons[0])
    if not by.is_system:
        return
    day = plan.transfers[0].transfer.paid_on if plan.transfers else today_at(by.merchant)
    worth = ground.worth(by.merchant, max(whole, plan.verified), report.currency, day)
    if worth is None or worth > by.merchant.auto_accept_limit:
        raise Refused(_("Above the limit of what is accepted without a person."), code="above_auto_limit")


def _apply(plan: Plan, ground: Ground) -> list[dict[str, str]]:
    """Count the plan in the orders' balances; what the letter says of each, as `settlement._applied` would after it."""
    currency = plan.report.currency
    rows = []
    paid = [(ground.orders[order_id], amount) for order_id, amount in plan.applied.items() if amount > 0]
    for order, amount in sorted(paid, key=lambda each: (each[0].due_on, each[0].pk)):
        order.balance.paid += amount
        rows.append(
            {
                "order": order.number,
                "amount": str(quantize(amount, currency)),
                "currency": currency,
                "left": str(quantize(order.amount_due, currency)),
            }
        )
    return rows
