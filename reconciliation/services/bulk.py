"""Accepting proposals: many at once by the rules of one, or one by the act itself. What needs two people is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.memory import without_collector
from reconciliation.choices import AdjustmentChoice, MatchChoice, Outcome
from reconciliation.doubts import reason_for_signature, reason_not_automatic
from reconciliation.models import Match, Proposal
from reconciliation.runs.drawing import Drawn, OneByOne, draw_case, require_open_proposal
from reconciliation.runs.ground import Case, Ground, cases_of, lock_ground, split
from reconciliation.runs.plain import draw_plain, lock_plain, pick_plain, write_plain
from reconciliation.runs.writing import link_parts, mark_accepted, write_all
from reconciliation.selectors.payers import one_payer
from reconciliation.services.settlement import verify_report
from reconciliation.tolerances import difference_of, live_tolerances
from tickets import services as tickets
from tickets.models import State, Ticket

# Tickets locked at once: others wait no longer than it takes to write so many, some two seconds. What a transaction asks before
# it writes its first row (fifty statements, each planned) costs as much as writing a hundred.
AT_ONCE = 5000


@dataclass(frozen=True, kw_only=True)
class Left:
    """A proposal that was not accepted, with the sentence that says why. `number` is its ticket's, the first of several."""

    proposal_id: int
    ticket_id: int
    number: str
    code: str
    sentence: str


@dataclass(kw_only=True)
class BulkOutcome:
    """Keys of what was accepted, of the tickets that are verified now, and what is left as it was."""

    accepted: list[int] = field(default_factory=list)
    verified: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def accept_proposals(*, proposal_ids: Iterable[int], note: str = "", by: Actor) -> BulkOutcome:
    """Match and settle what these proposals say, as `verify_report` would one by one, in a constant number of statements.

    Plain ones (`runs.plain`) go first, for nothing of theirs is another's; the rest after them.

    A person takes up tickets that nobody has taken up. What would need a second signature, is decided already, or lost its
    deposit meanwhile is left (`BulkOutcome.left`) and changes nothing. What belongs to a report that is settled in part is
    decided after the rest, by the act for one ticket. Tickets are locked and written at most `AT_ONCE` at a time, each time in
    one transaction.
    Raises `NotAllowed`, `Refused(period_closed)`; unknown proposals are left out.
    """
    by.require(by.can_decide)
    outcome = BulkOutcome()
    given = list(dict.fromkeys(proposal_ids))
    plain = pick_plain(proposal_ids=given, by=by)
    for start in range(0, len(plain), AT_ONCE):
        with transaction.atomic():
            _accept_plain(plain[start : start + AT_ONCE], outcome, note, by)
    done = set(outcome.accepted)
    for cases in _chunks(cases_of(by.merchant, [pk for pk in given if pk not in done])):
        with transaction.atomic():
            _accept(cases, outcome, note, by)
    return outcome


@without_collector()
def _accept_plain(proposal_ids: Sequence[int], outcome: BulkOutcome, note: str, by: Actor) -> None:
    lock_plain(proposal_ids=proposal_ids, by=by)
    if draw_plain(by=by):
        accepted, verified = write_plain(note=note, by=by)
        outcome.accepted += accepted
        outcome.verified += verified


def _chunks(cases: Sequence[Case]) -> Iterator[list[Case]]:
    chunk: list[Case] = []
    size = 0
    for case in cases:
        if chunk and size + len(case.ticket_ids) > AT_ONCE:
            yield chunk
            chunk, size = [], 0
        chunk.append(case)
        size += len(case.ticket_ids)
    if chunk:
        yield chunk


def _accept(cases: Sequence[Case], outcome: BulkOutcome, note: str, by: Actor) -> None:
    """What can be written at once goes first; the rest after it, proposal by proposal."""
    ground = lock_ground(cases, by)
    drawn: list[Drawn] = []
    accepted: list[int] = []
    transfers: set[int] = set()
    singly: list[Case] = []
    for case in cases:
        if not ground.composed.isdisjoint(case.ticket_ids):
            outcome.left += _left(case, ground.tickets, Refused(reason_not_automatic("composed"), code="composed"))
            continue
        try:
            _require_one_payer(case, ground, by)
            drawn += draw_case(case, ground, by)
            accepted += case.proposal_ids
            transfers.update(part.transfer_id for part in case.parts)
        except OneByOne:
            singly += split(case)
        except Refused as error:
            # Of several proposals about one ticket some may still do; the program decides all of a ticket, or nothing.
            apart = len(case.proposal_ids) > 1 and not by.is_system
            if apart:
                singly += split(case)
            else:
                outcome.left += _left(case, ground.tickets, error)
    write_all(drawn, note=note, by=by)
    mark_accepted(accepted, transfers, by)
    outcome.accepted += accepted
    outcome.verified += [each.ticket.pk for each in drawn]
    for case in singly:
        try:
            with transaction.atomic():
                results = _accept_singly(case, ground, note, by)
                _require_one_signature(results, by)
        except Refused as error:
            outcome.left += _left(case, ground.tickets, error)
            continue
        outcome.accepted += case.proposal_ids
        outcome.verified += [result.ticket.pk for result in results if result.kind == "verified"]


def _require_one_signature(results: Sequence[Outcome], by: Actor) -> None:
    for result in results:
        if result.kind == "awaiting_approval":
            raise Refused(reason_for_signature(result.why_approval[0], by.merchant), code=result.why_approval[0])


def _left(case: Case, locked: dict[int, Ticket], error: Refused) -> list[Left]:
    first = case.ticket_ids[0]
    number = locked[first].number if first in locked else ""
    return [
        Left(proposal_id=pk, ticket_id=first, number=number, code=error.code, sentence=error.message) for pk in case.proposal_ids
    ]


def accept_proposal(*, proposal_id: int, tolerance_id: int | None = None, note: str = "", by: Actor) -> list[Outcome]:
    """Accept one proposal by the acts of a decision by hand; one outcome a ticket, by pk.

    With `tolerance_id` what the deposit lacks or is over becomes the difference that this tolerance names. As by hand it may ask
    for a second signature (`awaiting_approval`) or settle in part. Raises `NotAllowed`, `Http404`,
    `Stale(proposal_closed, wrong_state, tolerance_gone)`, `Refused` as `verify_report`.
    """
    by.require(by.can_decide)
    cases = cases_of(by.merchant, [proposal_id])
    if not cases:
        raise Http404
    with transaction.atomic():
        ground = lock_ground(cases, by)
        case = cases[0]
        adjustments: tuple[AdjustmentChoice, ...] = ()
        if tolerance_id is not None:
            case, adjustments = _name_difference(case, ground, tolerance_id, by)
        return _accept_singly(case, ground, note, by, adjustments)


def _name_difference(case: Case, ground: Ground, tolerance_id: int, by: Actor) -> tuple[Case, tuple[AdjustmentChoice, ...]]:
    """The case with all that is free of its one deposit, and what the tolerance that was shown calls the rest."""
    part = case.parts[0]
    require_open_proposal(ground.proposals.get(part.proposal_id), by)
    report, balance = ground.reports[part.ticket_id], ground.balances.get(part.line_id)
    transfer = next((each for each in ground.transfers[report.pk] if each.pk == part.transfer_id), None)
    if len(case.parts) == 1 and transfer is not None and balance is not None:
        allowed = live_tolerances(by.merchant, [transfer.account_id])
        found = difference_of(transfer, balance.free, report.currency, allowed)
        if found is not None and found.tolerance.pk == tolerance_id:
            whole = replace(case, parts=(replace(part, amount=found.taken),))
            return whole, (found.as_choice(part.line_id),)
    raise Stale(_("This difference is no longer allowed, or is another one by now. Look at it again."), code="tolerance_gone")


def _require_one_payer(case: Case, ground: Ground, by: Actor) -> None:
    """Reports of several customers stand together only while one payer is known to pay for them; the program leaves them."""
    for pk in case.proposal_ids:
        customers = {ground.reports[part.ticket_id].customer_id for part in case.parts if part.proposal_id == pk}
        if len(customers) < 2:
            continue
        if by.is_system:
            raise Refused(reason_not_automatic("customers"), code="customers")
        if one_payer(by.merchant, customers) is None:
            raise Refused(
                _("These customers no longer belong to one payer group. Choose the reports by hand if it is right."),
                code="no_payer_group",
            )


def _accept_singly(
    case: Case, ground: Ground, note: str, by: Actor, adjustments: Sequence[AdjustmentChoice] = ()
) -> list[Outcome]:
    _require_one_payer(case, ground, by)
    # Read again: accepting another proposal a moment ago may have made this one out of date.
    now = Proposal.objects.filter(merchant=by.merchant).in_bulk(case.proposal_ids)
    for pk in case.proposal_ids:
        require_open_proposal(now.get(pk), by)
    if not ground.ignored.isdisjoint(part.line_id for part in case.parts):
        raise Refused(_("This movement was set aside as one that needs no report."), code="line_ignored")
    results = [_decide(ticket_id, case, note, by, adjustments) for ticket_id in case.ticket_ids]
    lines = {(part.transfer_id, part.line_id): part.pk for part in case.parts}
    live = Match.objects.filter(transfer__in=[part.transfer_id for part in case.parts]).exclude(state=Match.State.RELEASED)
    link_parts([(lines[m.transfer_id, m.line_id], m.pk) for m in live if (m.transfer_id, m.line_id) in lines])
    mark_accepted(case.proposal_ids, {part.transfer_id for part in case.parts}, by)
    return results


def _decide(ticket_id: int, case: Case, note: str, by: Actor, adjustments: Sequence[AdjustmentChoice]) -> Outcome:
    """Take the ticket up where a person must, and decide it."""
    if not by.is_system:
        state = Ticket.objects.values_list("state", flat=True).get(pk=ticket_id)
        if state == State.SUBMITTED:
            tickets.claim(ticket_id=ticket_id, by=by)
        elif state == State.WAITING_FOR_BANK:
            tickets.resume(ticket_id=ticket_id, by=by)
    choices = [
        MatchChoice(transfer_id=part.transfer_id, line_id=part.line_id, amount=part.amount)
        for part in case.parts
        if part.ticket_id == ticket_id
    ]
    return verify_report(ticket_id=ticket_id, choices=choices, adjustments=adjustments, note=note, by=by)
