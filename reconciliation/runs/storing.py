"""Writing what a run found: a constant number of statements, the many rows by COPY."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from reconciliation.copying import Money, Said, as_jsonb, copy_columns
from reconciliation.matching import decide
from reconciliation.matching.automatic import reasons as reasons_of
from reconciliation.matching.columns import Ints, ints
from reconciliation.matching.policy import ORDER
from reconciliation.models import MatchRun
from reconciliation.runs.inputs import Inputs
from reports.models import Transfer

# One of fifty automatic ones goes to a person, by lot.
SAMPLE = 50
# Above so many proposals the facts are told when somebody looks (`selectors.runs.facts_of`): nobody looks at all of them.
MOST_WITH_FACTS = 3000
WAITING, COMPOSED = "waiting", "composed"

WAITING_BIT, COMPOSED_BIT = 1 << len(ORDER), 2 << len(ORDER)
KINDS = (decide.ONE, decide.MANY_LINES, decide.MANY_TRANSFERS)

OUT_OF_DATE = """
UPDATE reconciliation_proposal q SET state = 'stale', settled_at = %(now)s
 WHERE q.merchant_id = %(merchant)s AND q.account_id = ANY (%(accounts)s)
   AND (q.state = 'open' OR (q.state = 'sampled' AND EXISTS (
        SELECT 1 FROM reconciliation_proposalpart p
          JOIN reports_transfer t ON t.id = p.transfer_id
          JOIN reports_paymentreport r ON r.id = t.report_id
          JOIN tickets_ticket k ON k.id = r.ticket_id
          JOIN reconciliation_linebalance b ON b.line_id = p.line_id
         WHERE p.proposal_id = q.id
           AND (t.until_revision IS NOT NULL OR k.state NOT IN ('submitted', 'in_review', 'waiting_for_bank', 'needs_information')
                OR b.returned_at IS NOT NULL OR b.amount - b.allocated - b.reserved < p.amount))))
"""

# Only what is asked for: facts are wide, and nobody asks by them.
LEARN = """
ANALYZE reconciliation_proposal (id, merchant_id, run_id, account_id, state),
        reconciliation_proposalpart (id, merchant_id, proposal_id)
"""


def forget_open(merchant_id: int, accounts: Sequence[int]) -> None:
    """What earlier runs proposed for these accounts is out of date. A sample stays until somebody looks, while it can."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_DATE, {"merchant": merchant_id, "accounts": list(accounts), "now": timezone.now()})


def store(run: MatchRun, inputs: Inputs, result: decide.Result, *, draws: bool) -> dict[str, int]:
    """Write the proposals of a run; `draws`: some of the automatic ones are drawn for a person. Gives back counts."""
    groups, ones = _kept(result)
    size, first = len(groups) + len(ones.rank), len(groups)
    if not size:
        return {"proposals": 0, "automatic": 0, "sampled": 0}
    about = ints([*(each.transfers[0] for each in groups), *ones.transfer.tolist()])
    place = _places(inputs.transfers.id, about)
    against = np.concatenate([ints([decide.bits_of(each) for each in groups]), ones.against])
    for bit, asked in ((WAITING_BIT, inputs.waiting), (COMPOSED_BIT, inputs.composed)):
        against[:first] |= ints([0 if asked.isdisjoint(each.transfers) else bit for each in groups])
        against[first:] |= np.isin(ones.transfer, ints(sorted(asked))) * bit
    automatic = against == 0
    sampled = np.zeros(size, dtype=np.bool_)
    if draws:
        sampled[automatic] = [secrets.randbelow(SAMPLE) == 0 for _each in range(int(automatic.sum()))]
    reasons, why_not = np.unique(against, return_inverse=True)
    facts = _facts(result, groups, ones) if size <= MOST_WITH_FACTS else [[]]
    ids = _new_ids(size)

    def both(of_groups: Iterable[Any], of_ones: Any) -> Any:
        return np.concatenate([np.asarray(list(of_groups), dtype=of_ones.dtype), of_ones])

    copy_columns("reconciliation_proposal", {
        "id": ids,
        "merchant_id": np.full(size, run.merchant_id),
        "run_id": np.full(size, run.pk),
        "account_id": inputs.transfers.account[place],
        "customer_id": inputs.transfers.customer[place],
        "kind": Said(both((KINDS.index(each.kind) for each in groups), np.zeros(len(ones.rank), dtype=np.int64)), [
            kind.encode() for kind in KINDS
        ]),
        "state": Said(ints(sampled), [b"open", b"sampled"]),
        "rank": both((each.rank for each in groups), ones.rank).astype(np.int16),
        "is_chosen": both((each.chosen for each in groups), ones.chosen),
        "score": both((each.score for each in groups), ones.score / 10),
        "margin_transfer": both((each.margin_transfer for each in groups), ones.margin_transfer / 10),
        "margin_line": both((each.margin_line for each in groups), ones.margin_line / 10),
        "is_automatic": automatic,
        "is_sample": sampled,
        "why_not": Said(ints(why_not), [as_jsonb(_codes(bits)) for bits in reasons.tolist()]),
        "facts": Said(np.arange(size) if len(facts) > 1 else np.zeros(size, dtype=np.int64), [as_jsonb(each) for each in facts]),
        "was_wrong": np.zeros(size, dtype=np.bool_),
        "note": b"",
    })  # fmt: skip
    _store_parts(run, inputs, ids, groups, ones)
    if size > MOST_WITH_FACTS:
        _learn()
    return {"proposals": size, "automatic": int(automatic.sum()), "sampled": int(sampled.sum())}


def _store_parts(run: MatchRun, inputs: Inputs, ids: Ints, groups: Sequence[decide.Proposal], ones: decide.Table) -> None:
    """A deposit for one transfer is taken whole: another amount than declared is for a person to see, not to be left behind."""
    of_groups = [(pk, part, each.kind) for pk, each in zip(ids.tolist(), groups, strict=False) for part in each.parts]
    transfer = np.concatenate([ints([part.transfer for _pk, part, _kind in of_groups]), ones.transfer])
    line = np.concatenate([ints([part.line for _pk, part, _kind in of_groups]), ones.line])
    units = inputs.lines.free[_places(inputs.lines.id, line)]
    for place, (_pk, part, kind) in enumerate(of_groups):
        if kind == decide.MANY_TRANSFERS:
            units[place] = part.amount
    copy_columns("reconciliation_proposalpart", {
        "merchant_id": np.full(len(line), run.merchant_id),
        "proposal_id": np.concatenate([ints([pk for pk, _part, _kind in of_groups]), ids[len(groups) :]]),
        "transfer_id": transfer,
        "line_id": line,
        "amount": Money(units),
    })  # fmt: skip


def _learn() -> None:
    """Whoever accepts so many asks for them by key a moment later: the planner must know by then that they are there."""
    with connection.cursor() as cursor:
        cursor.execute(LEARN)


def _new_ids(size: int) -> Ints:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval((SELECT pg_get_serial_sequence('reconciliation_proposal', 'id')::regclass)))"
            " FROM generate_series(1, %s)",
            [size],
        )
        return ints(cursor.fetchone()[0])


def _places(ids: Ints, wanted: Ints) -> Ints:
    """Where each of the wanted ones stands."""
    order = np.argsort(ids, kind="stable")
    return ints(order[np.searchsorted(ids, wanted, sorter=order)])


def _codes(bits: int) -> list[str]:
    """Reasons of the rules, then those that only a run knows."""
    known = reasons_of(bits & (WAITING_BIT - 1))
    return [*known, *([WAITING] if bits & WAITING_BIT else []), *([COMPOSED] if bits & COMPOSED_BIT else [])]


def _kept(result: decide.Result) -> tuple[list[decide.Proposal], decide.Table]:
    """What is worth keeping: beside a certain one nobody asks what else it might have been."""
    ones, is_certain = result.ones, result.ones.against == 0
    certain = {transfer for each in result.groups if each.automatic for transfer in each.transfers}
    certain.update(ones.transfer[is_certain].tolist())
    groups = [each for each in result.groups if each.parts and (each.automatic or certain.isdisjoint(each.transfers))]
    kept = is_certain | ~np.isin(ones.transfer, ints(sorted(certain)))
    return groups, decide.Table(**{name: column[kept] for name, column in vars(ones).items()})


def _facts(result: decide.Result, groups: Sequence[decide.Proposal], ones: decide.Table) -> list[list[list[dict[str, Any]]]]:
    """Per proposal and part, as `candidates.evidence_of_pairs` tells them: amounts name their currency."""
    pairs = zip(ones.transfer.tolist(), ones.line.tolist(), strict=True)
    every = [[(part.transfer, part.line) for part in each.parts] for each in groups] + [[pair] for pair in pairs]
    wanted = {transfer for parts in every for transfer, _line in parts}
    currencies = dict(Transfer.objects.filter(pk__in=wanted).values_list("pk", "currency"))
    told = [[result.facts_of(*pair) for pair in parts] for parts in every]
    for parts, facts_of_parts in zip(every, told, strict=True):
        for (transfer, _line), facts in zip(parts, facts_of_parts, strict=True):
            for fact in facts:
                if "difference" in fact["data"]:
                    fact["data"]["currency"] = currencies[transfer]
    return told
