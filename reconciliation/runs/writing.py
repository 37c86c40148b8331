"""Writing what was drawn for many tickets: a constant number of statements, in the order in which one is written by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from orders.dates import today_at
from orders.services import note_payments
from reconciliation.ledger import Movement, post_many
from reconciliation.models import Match, Proposal, ProposalPart, Settlement
from reconciliation.runs.drawing import Drawn
from reconciliation.services.settlement import sentences_of
from tickets.services import Verdict, verify_many

LINK = """
UPDATE reconciliation_match m SET part_id = d.part_id
  FROM unnest(%s::bigint[], %s::bigint[]) d(part_id, match_id) WHERE m.id = d.match_id
"""


def write_all(drawn: Sequence[Drawn], *, note: str, by: Actor) -> None:
    """Settle these tickets. The caller holds every lock and has drawn them in this order."""
    if not drawn:
        return
    postings = _settle(drawn, note, by)
    post_many(postings=postings, booked_on=today_at(by.merchant))
    paid_on: dict[int, dt.date] = {}
    for each in drawn:
        day = max(match.line.booked_on for match in each.matches)
        paid_on.update(dict.fromkeys(each.plan.applied, day))
    note_payments(paid_on=paid_on, by=by)
    verify_many(verdicts=[_verdict(each, note) for each in drawn], by=by)


def _settle(drawn: Sequence[Drawn], note: str, by: Actor) -> list[tuple[Settlement, list[Movement]]]:
    """One settlement a transfer; its matches reserved, then settled, before any entry takes their lines' money."""
    postings: list[tuple[Settlement, list[Movement]]] = []
    matches: list[Match] = []
    for each in drawn:
        for planned, movements in zip(each.plan.transfers, each.movements, strict=True):
            settlement = Settlement(
                merchant=by.merchant,
                customer=each.plan.report.customer,
                kind=Settlement.Kind.DEPOSIT,
                ticket=each.ticket,
                transfer=planned.transfer,
                prepared_by=by.user,
                note=note,
            )
            postings.append((settlement, movements))
            for match in planned.matches:
                match.settlement = settlement
                matches.append(match)
    Settlement.objects.bulk_create([settlement for settlement, _movements in postings])
    for match in matches:
        # The key came with the INSERT, after the match was given its settlement.
        match.settlement_id = match.settlement.pk if match.settlement else None
    Match.objects.bulk_create(matches)
    Match.objects.filter(pk__in=[match.pk for match in matches]).update(state=Match.State.SETTLED)
    return postings


def link_parts(pairs: Sequence[tuple[int, int]]) -> None:
    """Say of matches which parts of proposals they were: pairs of part and match."""
    with connection.cursor() as cursor:
        cursor.execute(LINK, [[part for part, _match in pairs], [match for _part, match in pairs]])


def _verdict(each: Drawn, note: str) -> Verdict:
    currency = each.plan.report.currency
    return Verdict(
        ticket=each.ticket,
        note="\n".join([*filter(None, [note.strip()]), *sentences_of(each.plan)]),
        applied=each.applied,
        credit={"amount": str(each.in_favour), "currency": currency} if each.in_favour > 0 else None,
    )


def mark_accepted(proposal_ids: Sequence[int], transfer_ids: Collection[int], by: Actor) -> None:
    """These proposals, about these transfers, are accepted; other open ones about them are out of date. Three statements."""
    now = timezone.now()
    Proposal.objects.filter(merchant=by.merchant, pk__in=proposal_ids).update(
        state=Proposal.State.ACCEPTED, settled_by=by.user, settled_at=now
    )
    # Asked first and written by key: as one UPDATE over a subquery the planner walks the whole table for each row.
    parts = ProposalPart.objects.filter(merchant=by.merchant, transfer__in=list(transfer_ids))
    about = set(parts.values_list("proposal_id", flat=True))
    others = Proposal.objects.filter(pk__in=about, state__in=(Proposal.State.OPEN, Proposal.State.SAMPLED))
    others.update(state=Proposal.State.STALE, settled_at=now)
