"""What a month's proposals are worth, against the truth and against simpler ways of the same evidence."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from reconciliation.matching import weights as w
from reconciliation.matching.columns import Ints, Pairs, Transfers, ints
from reconciliation.matching.decide import Proposal, Result, propose
from reconciliation.matching.keys import pairs_by_keys
from reconciliation.matching.policy import Policy
from reconciliation.matching.vectors import Evidence, Texts, tenths, weigh_pairs
from tests.bench_matching.parameters import Parameters
from tests.bench_matching.world import Month, columns_of, make_month, resting

Named = set[tuple[int, int]]
WAYS = ("first match", "greedy", "global", "global + margin")


@dataclass(kw_only=True)
class Score:
    """Sums over months; pairs are (transfer, line). Money in whole units of currency, currencies added up as they are."""

    seeds: int = 0
    transfers: int = 0
    truth: int = 0
    decidable: int = 0
    complete: int = 0
    automatic: int = 0
    right: int = 0
    right_decidable: int = 0
    decidable_any_day: int = 0
    right_any_day: int = 0
    again: int = 0
    money: float = 0.0
    wrong_money: float = 0.0
    first: int = 0
    first_three: int = 0
    first_three_decidable: int = 0
    abstained: int = 0
    shared: int = 0
    blank: int = 0
    seconds: float = 0.0
    ways: dict[str, list[int]] = field(default_factory=lambda: {way: [0, 0, 0] for way in WAYS})
    wrong: list[tuple[int, Proposal]] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Adds another month."""
        for name, value in vars(other).items():
            if name == "ways":
                for way, numbers in value.items():
                    self.ways[way] = [a + b for a, b in zip(self.ways[way], numbers, strict=True)]
            elif name == "wrong":
                self.wrong += value
            else:
                setattr(self, name, getattr(self, name) + value)


def measure(seed: int, parameters: Parameters) -> Score:
    """One month from its seed."""
    month = make_month(seed, parameters)
    transfers, lines = columns_of(month)
    policy = Policy(resting=resting(parameters))
    start = time.process_time()
    result = propose(transfers, lines, None, policy)
    spent = time.process_time() - start
    pairs = pairs_by_keys(transfers, lines)
    evidence = weigh_pairs(transfers, lines, pairs, policy, Texts(transfers, lines))
    names = list(zip(transfers.id[pairs.transfer].tolist(), lines.id[pairs.line].tolist(), strict=True))
    any_day, decidable = _decidable(month, names, evidence)
    found = Score(
        seeds=1,
        transfers=len(transfers),
        truth=len(month.truth),
        decidable=len(decidable),
        decidable_any_day=len(any_day),
        complete=len(month.truth & set(names)),
        shared=_shared(transfers),
        blank=sum(not reference for reference in transfers.reference),
        seconds=spent,
    )
    _automatic(found, seed, month, decidable, result)
    found.right_any_day = len(any_day & {(part.transfer, part.line) for one in result if one.automatic for part in one.parts})
    _ranks(found, month, decidable, result)
    right = month.truth | month.twice
    for way, chosen in _ways(names, pairs, evidence, result):
        found.ways[way] = [len(chosen), len(chosen & right), len(chosen & decidable)]
    return found


def _automatic(score: Score, seed: int, month: Month, decidable: Named, result: Result) -> None:
    settled: Named = set()
    for proposal in result:
        if not proposal.automatic:
            continue
        for part in proposal.parts:
            pair = (part.transfer, part.line)
            settled.add(pair)
            score.automatic += 1
            score.money += part.amount / 10_000
            if pair in month.truth or pair in month.twice:
                score.right += 1
                score.again += pair in month.twice
            else:
                score.wrong_money += part.amount / 10_000
                score.wrong.append((seed, proposal))
    score.right_decidable = len(settled & decidable)
    score.abstained = len({t for t, _ in month.truth} - {t for t, _ in settled})


def _ranks(score: Score, month: Month, decidable: Named, result: Result) -> None:
    rank: dict[tuple[int, int], int] = {}
    for proposal in result:
        for part in proposal.parts:
            pair = (part.transfer, part.line)
            rank[pair] = min(proposal.rank, rank.get(pair, 9))
    score.first = sum(rank.get(pair, 9) == 1 for pair in month.truth)
    score.first_three = sum(rank.get(pair, 9) <= 3 for pair in month.truth)
    score.first_three_decidable = sum(rank.get(pair, 9) <= 3 for pair in decidable)


def _observations(evidence: Evidence) -> Ints:
    """What can be seen of a pair, by field, more being better; no weights in it."""
    reference = np.where(evidence.digits >= w.SIX, 2, np.where(evidence.digits >= w.FOUR, 1, np.where(evidence.doubt, -1, 0)))
    near = (evidence.days >= -1) & (evidence.days <= 4)
    columns = [reference, evidence.exact, evidence.same_payer, evidence.same_bank, near]
    return np.stack([ints(column) for column in columns], axis=1)


def _decidable(month: Month, names: list[tuple[int, int]], evidence: Evidence) -> tuple[Named, Named]:
    """True pairs that follow from what can be seen, whatever the weights: something ties the two (four digits of the reference,
    or the payer's document and no other number), and no other pairing shows the same. Another pairing does, when a line of nobody
    fits the transfer as well, or a transfer without money fits the line as well, or two pairs could be swapped.

    Second: without those that the document alone ties on another day than the declared one. Regular customers pay the same again
    one to three days later, reported or not, and of some payments the money never comes: such a pair shows the same facts.
    """
    seen = dict(zip(names, _observations(evidence).tolist(), strict=True))
    same_day = {names[place] for place in np.flatnonzero(evidence.days == 0).tolist()}
    owners: dict[int, list[int]] = {}
    deposits: dict[int, list[int]] = {}
    for t, m in month.truth:
        owners.setdefault(m, []).append(t)
        deposits.setdefault(t, []).append(m)
    of_transfer: dict[int, list[int]] = {}
    of_line: dict[int, list[int]] = {}
    for t, m in names:
        of_transfer.setdefault(t, []).append(m)
        of_line.setdefault(m, []).append(t)

    def fits(pair: tuple[int, int], other: tuple[int, int]) -> bool:
        # Of a pair that is no candidate nothing can be seen: anything fits as well.
        return pair in seen and (other not in seen or all(a >= b for a, b in zip(seen[pair], seen[other], strict=True)))

    def line_could_be(t: int, m: int, other: int) -> bool:
        owned = owners.get(other, [])
        return fits((t, other), (t, m)) and (not owned or any(fits((owner, m), (owner, other)) for owner in owned))

    def transfer_could_be(t: int, m: int, other: int) -> bool:
        own = deposits.get(other, [])
        return fits((other, m), (t, m)) and (not own or any(fits((t, deposit), (other, deposit)) for deposit in own))

    found = set()
    for t, m in month.truth & seen.keys():
        reference, _, payer, _, _ = seen[t, m]
        tied = reference >= 1 or (payer and reference == 0)
        lines_too = any(line_could_be(t, m, other) for other in of_transfer[t] if other not in deposits[t])
        transfers_too = any(transfer_could_be(t, m, other) for other in of_line[m] if other not in owners[m])
        if tied and not lines_too and not transfers_too:
            found.add((t, m))
    return found, {pair for pair in found if seen[pair][0] >= 1 or pair in same_day}


def _shared(transfers: Transfers) -> int:
    rows = np.stack([transfers.account, transfers.amount, transfers.day], axis=1)
    _, label, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    return int((count[label.ravel()] > 1).sum())


def _ways(names: list[tuple[int, int]], pairs: Pairs, evidence: Evidence, result: Result) -> Iterable[tuple[str, Named]]:
    """Simpler ways, from the same candidates. What each would settle."""
    near = evidence.exact & (evidence.days >= -1) & (evidence.days <= 4)
    yield WAYS[0], _taken(names, pairs, np.flatnonzero(near))
    order = np.lexsort((pairs.line, pairs.transfer, -evidence.score))
    yield WAYS[1], _taken(names, pairs, order[evidence.score[order] >= tenths(w.POSSIBLE)])
    chosen = [part for proposal in result if proposal.chosen for part in proposal.parts]
    yield WAYS[2], {(part.transfer, part.line) for part in chosen}
    yield WAYS[3], {(part.transfer, part.line) for proposal in result if proposal.automatic for part in proposal.parts}


def _taken(names: list[tuple[int, int]], pairs: Pairs, order: Ints) -> Named:
    """One after the other, each transfer and line once."""
    transfers: set[int] = set()
    lines: set[int] = set()
    found = set()
    for place in order.tolist():
        t, m = names[place]
        if t not in transfers and m not in lines:
            transfers.add(t)
            lines.add(m)
            found.add((t, m))
    return found
