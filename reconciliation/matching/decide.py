"""From columns to proposals: evidence, one assignment for everybody, groups, and what may be settled without a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from reconciliation.matching.columns import Lines, Pairs, Transfers, business_days_apart
from reconciliation.matching.evidence import POSSIBLE, STRONG, Booked, Declared, score, strength, weigh
from reconciliation.matching.policy import (
    AMBIGUOUS_LINE,
    AMBIGUOUS_TRANSFER,
    CLOSED,
    CROWDED,
    FLAGGED,
    LIMIT,
    ORDER,
    PART,
    SCORE,
    TAKEN,
    UNPROVEN,
    Policy,
)

RULES_VERSION = "2026-11.1"
ONE, MANY_LINES, MANY_TRANSFERS = "one", "many_lines", "many_transfers"
MARGIN = 7.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which transfer takes how much (units of money) of which line. Identities, not positions."""

    transfer: int
    line: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One way to settle. `rank` 1 is the best of its transfers, 2 and 3 what else may be meant; `chosen`: in the best assignment.

    A chosen proposal shares no line and no transfer with another chosen one. `score` and margins are bits.
    `margin_transfer`: what is lost when the transfer takes another line; `margin_line`: when the line goes to another transfer.
    `why_not`: codes of `policy` in their order, empty exactly when `automatic`.
    """

    kind: str
    transfers: tuple[int, ...]
    lines: tuple[int, ...]
    parts: tuple[Part, ...]
    rank: int
    chosen: bool
    score: float
    margin_transfer: float
    margin_line: float
    automatic: bool
    why_not: tuple[str, ...]


class Result:
    """Proposals of one run, those of one transfer beside each other, the best first, by the transfers' identities."""

    def __init__(self, proposals: list[Proposal], facts: dict[tuple[int, int], list[dict[str, Any]]]) -> None:
        self.proposals = proposals
        self._facts = facts

    def __iter__(self) -> Iterator[Proposal]:
        return iter(self.proposals)

    def __len__(self) -> int:
        return len(self.proposals)

    def facts_of(self, part: Part) -> list[dict[str, Any]]:
        """Evidence of a part as it is stored with a match: `kind`, `level`, `mark`, `weight`, `data` (without currency)."""
        return self._facts[part.transfer, part.line]


def propose(transfers: Transfers, lines: Lines, pairs: Pairs, policy: Policy) -> Result:
    """Everything that can be said about these transfers and lines, at once.

    The same rows give the same result in whatever order they come. Nothing raises but wrong shapes.
    """
    known = _weighed(transfers, lines, pairs, policy)
    points = {pair: score(facts) for pair, facts in known.items()}
    chosen = _assign(points)
    total = sum(points[pair] for pair in chosen)
    proposals = []
    for transfer in sorted({pair[0] for pair in points}, key=lambda place: int(transfers.id[place])):
        own = [pair for pair in points if pair[0] == transfer and points[pair] >= 0]
        own.sort(key=lambda pair: (pair not in chosen, -points[pair], int(lines.id[pair[1]])))
        for rank, pair in enumerate(own[:3], start=1):
            margin = total - sum(points[each] for each in _assign({key: value for key, value in points.items() if key != pair}))
            if pair not in chosen:
                margin = 0.0
            why = _why_not(transfers, lines, pair, known[pair], points[pair], margin, policy)
            if pair not in chosen:
                why.add(TAKEN)
            if transfer in pairs.crowded:
                why.add(CROWDED)
            proposals.append(
                Proposal(
                    kind=ONE,
                    transfers=(int(transfers.id[transfer]),),
                    lines=(int(lines.id[pair[1]]),),
                    parts=(_part(transfers, lines, pair),),
                    rank=rank,
                    chosen=pair in chosen,
                    score=points[pair],
                    margin_transfer=round(margin, 1),
                    margin_line=round(margin, 1),
                    automatic=not why,
                    why_not=tuple(code for code in ORDER if code in why),
                )
            )
    return Result(proposals, {(int(transfers.id[t]), int(lines.id[m])): [asdict(each) for each in known[t, m]] for t, m in known})


def _part(transfers: Transfers, lines: Lines, pair: tuple[int, int]) -> Part:
    transfer, line = pair
    amount = min(int(transfers.amount[transfer]), int(lines.free[line]))
    return Part(transfer=int(transfers.id[transfer]), line=int(lines.id[line]), amount=amount)


def _why_not(
    transfers: Transfers, lines: Lines, pair: tuple[int, int], facts: list[Any], points: float, margin: float, policy: Policy
) -> set[str]:
    transfer, line = pair
    amount = int(transfers.amount[transfer])
    reasons = {
        UNPROVEN: strength(facts) != "strong",
        SCORE: points < STRONG,
        AMBIGUOUS_LINE: margin < MARGIN,
        AMBIGUOUS_TRANSFER: margin < MARGIN,
        FLAGGED: bool(transfers.flagged[transfer]),
        LIMIT: amount > policy.limit.get(int(transfers.account[transfer]), amount),
        CLOSED: bool(policy.is_closed(lines.day[line : line + 1])[0]),
        PART: int(lines.free[line]) != int(lines.amount[line]),
    }
    return {code for code, holds in reasons.items() if holds}


def _weighed(transfers: Transfers, lines: Lines, pairs: Pairs, policy: Policy) -> dict[tuple[int, int], list[Any]]:
    known = {}
    days = business_days_apart(transfers.day[pairs.transfer], lines.day[pairs.line], policy.resting_days())
    for transfer, line, apart in zip(pairs.transfer.tolist(), pairs.line.tolist(), days.tolist(), strict=True):
        declared = Declared(
            amount=Decimal(int(transfers.amount[transfer])).scaleb(-policy.decimals),
            paid_on=dt.date.fromordinal(int(transfers.day[transfer])),
            reference=transfers.reference[transfer],
            bank_code=transfers.bank_code[transfer],
            payer_id=transfers.payer_id[transfer],
            payer_names=transfers.payer_names[transfer],
        )
        booked = Booked(
            amount=Decimal(int(lines.amount[line])).scaleb(-policy.decimals),
            free=Decimal(int(lines.free[line])).scaleb(-policy.decimals),
            days=apart,
            seen=int(lines.seen[line]),
            reference=lines.reference[line],
            text=lines.text[line],
            bank_code=lines.bank_code[line],
            payer_id=lines.payer_id[line],
            payer_name=lines.payer_name[line],
        )
        known[transfer, line] = weigh(declared, booked)
    return known


def _assign(points: dict[tuple[int, int], float]) -> set[tuple[int, int]]:
    if not points:
        return set()
    rows = sorted({pair[0] for pair in points})
    columns = sorted({pair[1] for pair in points})
    gain = np.zeros((len(rows), len(columns)))
    for (transfer, line), value in points.items():
        if value >= POSSIBLE:
            gain[rows.index(transfer), columns.index(line)] = value
    found = linear_sum_assignment(gain, maximize=True)
    return {(rows[i], columns[j]) for i, j in zip(*found, strict=True) if gain[i, j] > 0}
