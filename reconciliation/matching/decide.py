"""From columns to proposals: evidence, one assignment for everybody, groups, and what may be settled without a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from reconciliation.matching import policy as codes
from reconciliation.matching import weights as w
from reconciliation.matching.assignment import assign
from reconciliation.matching.automatic import BIT, could_be_swapped, reasons, why_not
from reconciliation.matching.columns import Bools, Ints, Lines, Pairs, Transfers, business_days, ints, take_lines, take_transfers
from reconciliation.matching.groups import Group, find_groups, margins_against
from reconciliation.matching.keys import pairs_by_keys
from reconciliation.matching.policy import Policy
from reconciliation.matching.vectors import Evidence, Texts, facts_of, tenths, weigh_pairs

RULES_VERSION = "2026-11.4"
ONE, MANY_LINES, MANY_TRANSFERS = "one", "many_lines", "many_transfers"
RANKS = 3


class Part(NamedTuple):
    """Which transfer takes how much (units of money) of which line. Identities, not positions."""

    transfer: int
    line: int
    amount: int


class Proposal(NamedTuple):
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


@dataclass(frozen=True, kw_only=True)
class Table:
    """Proposals of one transfer and one line as columns, for storing many: identities, money, tenths of bits, bits of reasons."""

    transfer: Ints
    line: Ints
    amount: Ints
    rank: Ints
    chosen: Bools
    score: Ints
    margin_transfer: Ints
    margin_line: Ints
    against: Ints


class Result:
    """What one run found. `ones` are pairs as columns, `groups` everything else; `proposals` all of it, made when asked for."""

    def __init__(
        self, *, transfers: Transfers, lines: Lines, policy: Policy, ones: Table, groups: list[Proposal], pairs: int
    ) -> None:
        self.ones = ones
        self.groups = groups
        self.pairs = pairs
        self._transfers, self._lines, self._policy = transfers, lines, policy
        self._calendar = business_days(transfers, lines, policy.resting_days())

    def __iter__(self) -> Iterator[Proposal]:
        return iter(self.proposals)

    def __len__(self) -> int:
        return len(self.ones.rank) + len(self.groups)

    @cached_property
    def proposals(self) -> list[Proposal]:
        """Groups first, then by transfer, the best first."""
        return [*self.groups, *(self._one(*row) for row in zip(*_columns(self.ones), strict=True))]

    @cached_property
    def _places(self) -> tuple[dict[int, int], dict[int, int]]:
        """Positions by identity, of transfers and of lines."""
        mine, theirs = self._transfers.id.tolist(), self._lines.id.tolist()
        return dict(zip(mine, range(len(mine)), strict=True)), dict(zip(theirs, range(len(theirs)), strict=True))

    def facts_of(self, transfer: int, line: int) -> list[dict[str, Any]]:
        """Evidence of a pair as it is stored with a match: `kind`, `level`, `mark`, `weight`, `data` (without currency)."""
        mine, theirs = self._places
        return facts_of(self._transfers, self._lines, mine[transfer], theirs[line], self._policy, self._calendar)

    def counts(self) -> dict[str, int]:
        """Numbers of the run, for its record: pairs looked at, chosen, automatic, and how often each reason stood against."""
        first = Counter(self.ones.against[self.ones.chosen].tolist())
        first.update(bits_of(group) for group in self.groups if group.chosen)
        against: Counter[str] = Counter()
        for bits, count in first.items():
            against.update(dict.fromkeys(reasons(bits), count))
        return {
            "transfers": len(self._transfers),
            "lines": len(self._lines),
            "pairs": self.pairs,
            "chosen": first.total(),
            "automatic": first[0],
            **{f"why_not_{code}": count for code, count in sorted(against.items())},
        }

    @staticmethod
    def _one(
        transfer: int, line: int, amount: int, rank: int, chosen: bool, score: int, by_transfer: int, by_line: int, against: int
    ) -> Proposal:
        return Proposal(
            kind=ONE,
            transfers=(transfer,),
            lines=(line,),
            parts=(Part(transfer=transfer, line=line, amount=amount),),
            rank=rank,
            chosen=chosen,
            score=score / 10,
            margin_transfer=by_transfer / 10,
            margin_line=by_line / 10,
            automatic=not against,
            why_not=reasons(against),
        )


def propose(transfers: Transfers, lines: Lines, pairs: Pairs | None, policy: Policy) -> Result:
    """Everything that can be said about these transfers and lines, at once. Without pairs, the strict keys make them.

    The same rows give the same result in whatever order they come. Nothing raises but wrong shapes.
    """
    transfers, lines, pairs = _in_order(transfers, lines, pairs)
    texts = Texts(transfers, lines)
    pairs = pairs_by_keys(transfers, lines, texts) if pairs is None else pairs
    evidence = weigh_pairs(transfers, lines, pairs, policy, texts)
    against = why_not(transfers, lines, pairs, evidence, policy, texts)
    chosen, by_transfer, by_line, large = _assigned(pairs, evidence)
    unproven = against & (BIT[codes.AMOUNT] | BIT[codes.UNPROVEN] | BIT[codes.SCORE])
    settled = chosen & (unproven == 0)
    by_other, by_another = could_be_swapped(transfers, lines, pairs, evidence, texts, chosen, settled)
    against[by_other] |= BIT[codes.AMBIGUOUS_TRANSFER]
    against[by_another] |= BIT[codes.AMBIGUOUS_LINE]
    candidates = find_groups(transfers, lines, pairs, evidence, policy, texts, settled)
    groups, chosen = _grouped(transfers, lines, pairs, evidence, chosen, candidates)
    against[~chosen] |= BIT[codes.TAKEN]
    against[large] |= BIT[codes.CROWDED]
    against[chosen & (by_transfer < tenths(w.MARGIN))] |= BIT[codes.AMBIGUOUS_LINE]
    against[chosen & (by_line < tenths(w.MARGIN))] |= BIT[codes.AMBIGUOUS_TRANSFER]
    kept, rank = _ranked(pairs, evidence.score, chosen, groups)
    t, m = pairs.transfer[kept], pairs.line[kept]
    ones = Table(
        transfer=transfers.id[t],
        line=lines.id[m],
        amount=np.minimum(transfers.amount[t], lines.free[m]),
        rank=rank,
        chosen=chosen[kept],
        score=evidence.score[kept],
        margin_transfer=by_transfer[kept],
        margin_line=by_line[kept],
        against=against[kept],
    )
    stored = [_as_proposal(transfers, lines, group, taken) for group, taken in groups]
    return Result(transfers=transfers, lines=lines, policy=policy, ones=ones, groups=stored, pairs=len(pairs))


def _in_order(transfers: Transfers, lines: Lines, pairs: Pairs | None) -> tuple[Transfers, Lines, Pairs | None]:
    """Everything by its identity, so that the order of the input does not matter; pairs once."""
    order_t, order_l = np.argsort(transfers.id, kind="stable"), np.argsort(lines.id, kind="stable")
    if not (np.all(np.diff(order_t) > 0) and np.all(np.diff(order_l) > 0)):
        transfers, lines = take_transfers(transfers, ints(order_t)), take_lines(lines, ints(order_l))
    if pairs is None:
        return transfers, lines, None
    place_t, place_l = np.argsort(order_t, kind="stable"), np.argsort(order_l, kind="stable")
    mine, theirs, crowded = place_t[pairs.transfer], place_l[pairs.line], place_t[pairs.crowded]
    code = mine * max(1, len(lines)) + theirs
    if not np.all(np.diff(code) > 0):
        code = np.unique(code)
    return (
        transfers,
        lines,
        Pairs(transfer=ints(code // max(1, len(lines))), line=ints(code % max(1, len(lines))), crowded=ints(np.unique(crowded))),
    )


def _assigned(pairs: Pairs, evidence: Evidence) -> tuple[Bools, Ints, Ints, Bools]:
    """Chosen pairs and margins. A pair below `POSSIBLE` is no better than none; what stands above it is the gain."""
    size = len(pairs)
    gain = evidence.score - tenths(w.POSSIBLE)
    possible = np.flatnonzero(gain > 0)
    found = assign(pairs.transfer[possible], pairs.line[possible], gain[possible])
    chosen, large = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    by_transfer, by_line = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    chosen[possible], large[possible] = found.chosen, found.too_large
    by_transfer[possible], by_line[possible] = found.margin_transfer, found.margin_line
    return chosen, by_transfer, by_line, large


def _grouped(
    transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, chosen: Bools, candidates: list[Group]
) -> tuple[list[tuple[Group, bool]], Bools]:
    """Groups, and whether each is chosen: the best first, where it explains more than the pairs that it replaces."""
    chosen = chosen.copy()
    pair_of_transfer, pair_of_line = np.full(len(transfers), -1), np.full(len(lines), -1)
    pair_of_transfer[pairs.transfer[chosen]] = pair_of_line[pairs.line[chosen]] = np.flatnonzero(chosen)
    used_transfer: set[int] = set()
    used_line: set[int] = set()
    found = []
    for group in candidates:
        sides = (*pair_of_transfer[list(group.transfers)].tolist(), *pair_of_line[list(group.lines)].tolist())
        touched = [place for place in sides if place >= 0 and chosen[place]]
        free = used_transfer.isdisjoint(group.transfers) and used_line.isdisjoint(group.lines)
        taken = free and bool((evidence.score[touched] < group.score).all())
        if taken:
            chosen[touched] = False
            used_transfer.update(group.transfers)
            used_line.update(group.lines)
        found.append((group, taken))
    return found, chosen


def _ranked(pairs: Pairs, score: Ints, chosen: Bools, groups: list[tuple[Group, bool]]) -> tuple[Ints, Ints]:
    """The first three of each transfer (after its group, if it has one), and their ranks."""
    shown = np.flatnonzero((score >= tenths(w.LEAST_SHOWN)) | chosen)
    # One number to sort by: transfer, chosen first, the higher score first; equal ones stay in the order of their lines.
    place = ((pairs.transfer[shown] << 1) | ~chosen[shown]) * (1 << 14) + ((1 << 13) - score[shown])
    order = shown[np.argsort(place, kind="stable")]
    transfer = pairs.transfer[order]
    first = np.flatnonzero(np.diff(transfer, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order)))) + 1
    grouped = np.zeros(int(transfer.max(initial=0)) + 1, dtype=np.int64)
    grouped[[place for group, taken in groups if taken for place in group.transfers if place < len(grouped)]] = 1
    rank += grouped[transfer]
    kept = rank <= RANKS
    return ints(order[kept]), ints(rank[kept])


def _as_proposal(transfers: Transfers, lines: Lines, group: Group, taken: bool) -> Proposal:
    against = group.against | margins_against(group) | (0 if taken else BIT[codes.TAKEN])
    one_line = len(group.lines) == 1
    sides = [(transfer, line) for transfer in group.transfers for line in group.lines]
    return Proposal(
        kind=MANY_TRANSFERS if one_line else MANY_LINES,
        transfers=tuple(int(transfers.id[place]) for place in group.transfers),
        lines=tuple(int(lines.id[place]) for place in group.lines),
        parts=tuple(
            Part(
                transfer=int(transfers.id[transfer]),
                line=int(lines.id[line]),
                amount=int(transfers.amount[transfer] if one_line else lines.free[line]),
            )
            for transfer, line in sides
        ),
        rank=1 if taken else 2,
        chosen=taken,
        score=group.score / 10,
        margin_transfer=group.margin_transfer / 10,
        margin_line=group.margin_line / 10,
        automatic=not against,
        why_not=reasons(against),
    )


def bits_of(proposal: Proposal) -> int:
    """Its reasons as bits."""
    return sum(BIT[code] for code in proposal.why_not)


def _columns(table: Table) -> list[list[Any]]:
    return [column.tolist() for column in vars(table).values()]
