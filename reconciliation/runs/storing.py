"""Writing what a run found: a constant number of statements, the many rows by COPY."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from reconciliation.copying import copy_rows
from reconciliation.matching import decide
from reconciliation.models import MatchRun, Proposal
from reconciliation.runs.inputs import Inputs
from reports.models import Transfer

# One of fifty automatic ones goes to a person, by lot.
SAMPLE = 50
# Above so many proposals the facts are told when somebody looks (`selectors.runs.facts_of`): nobody looks at all of them.
MOST_WITH_FACTS = 3000
WAITING, COMPOSED = "waiting", "composed"

PROPOSAL_COLUMNS = (
    "id", "merchant_id", "run_id", "account_id", "customer_id", "kind", "state", "rank", "is_chosen", "score", "margin_transfer",
    "margin_line", "is_automatic", "is_sample", "why_not", "facts", "was_wrong", "note",
)  # fmt: skip
PART_COLUMNS = ("merchant_id", "proposal_id", "transfer_id", "line_id", "amount")
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


def forget_open(merchant_id: int, accounts: Sequence[int]) -> None:
    """What earlier runs proposed for these accounts is out of date. A sample stays until somebody looks, while it can."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_DATE, {"merchant": merchant_id, "accounts": list(accounts), "now": timezone.now()})


def store(run: MatchRun, inputs: Inputs, result: decide.Result, *, draws: bool) -> dict[str, int]:
    """Write the proposals of a run; `draws`: some of the automatic ones are drawn for a person. Gives back counts."""
    kept = _kept(result)
    size = len(kept)
    if not size:
        return {"proposals": 0, "automatic": 0, "sampled": 0}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('reconciliation_proposal', 'id')) FROM generate_series(1, %s)", [size]
        )
        ids = [row[0] for row in cursor.fetchall()]
    about = {int(pk): (int(customer), int(account)) for pk, customer, account in zip(
        inputs.transfers.id.tolist(), inputs.transfers.customer.tolist(), inputs.transfers.account.tolist(), strict=True
    )}  # fmt: skip
    free = dict(zip(inputs.lines.id.tolist(), inputs.lines.free.tolist(), strict=True))
    currencies = _currencies(kept) if size <= MOST_WITH_FACTS else None
    rows: list[tuple[Any, ...]] = []
    parts: list[tuple[Any, ...]] = []
    automatic = sampled = 0
    for pk, each in zip(ids, kept, strict=True):
        customer, account = about[each.transfers[0]]
        waits = not inputs.waiting.isdisjoint(each.transfers)
        composed = not inputs.composed.isdisjoint(each.transfers)
        is_automatic = each.automatic and not waits and not composed
        is_sample = draws and is_automatic and secrets.randbelow(SAMPLE) == 0
        automatic, sampled = automatic + is_automatic, sampled + is_sample
        why_not = [*each.why_not, *([WAITING] if waits else []), *([COMPOSED] if composed else [])]
        rows.append(
            (pk, run.merchant_id, run.pk, account, customer, each.kind,
             Proposal.State.SAMPLED if is_sample else Proposal.State.OPEN, each.rank, each.chosen, each.score,
             each.margin_transfer, each.margin_line, is_automatic, is_sample, json.dumps(why_not),
             json.dumps(_facts(result, each, currencies)) if currencies is not None else "[]", False, "")
        )  # fmt: skip
        parts += _parts(run, pk, each, free)
    copy_rows("reconciliation_proposal", PROPOSAL_COLUMNS, rows)
    copy_rows("reconciliation_proposalpart", PART_COLUMNS, parts)
    return {"proposals": len(rows), "automatic": automatic, "sampled": sampled}


def _parts(run: MatchRun, pk: int, each: decide.Proposal, free: dict[int, int]) -> Iterable[tuple[Any, ...]]:
    """A deposit for one transfer is taken whole: another amount than declared is for a person to see, not to be left behind."""
    for part in each.parts:
        units = part.amount if each.kind == decide.MANY_TRANSFERS else free[part.line]
        yield run.merchant_id, pk, part.transfer, part.line, Decimal(units).scaleb(-4)


def _kept(result: decide.Result) -> list[decide.Proposal]:
    """What is worth keeping: beside a certain one nobody asks what else it might have been."""
    certain = {transfer for each in result.proposals if each.automatic for transfer in each.transfers}
    return [each for each in result.proposals if each.parts and (each.automatic or certain.isdisjoint(each.transfers))]


def _currencies(kept: Sequence[decide.Proposal]) -> dict[int, str]:
    wanted = {transfer for each in kept for transfer in each.transfers}
    return dict(Transfer.objects.filter(pk__in=wanted).values_list("pk", "currency"))


def _facts(result: decide.Result, each: decide.Proposal, currencies: dict[int, str]) -> list[list[dict[str, Any]]]:
    """Per part, as `candidates.evidence_of_pairs` tells them: amounts name their currency."""
    found = []
    for part in each.parts:
        facts = result.facts_of(part)
        for fact in facts:
            if "difference" in fact["data"]:
                fact["data"]["currency"] = currencies[part.transfer]
        found.append(facts)
    return found
