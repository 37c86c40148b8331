"""One deposit for several reports, several deposits for one: only within one customer (or an explicit group), and within bounds.

A sum proves nothing: a stranger's deposit hits some set of twelve open amounts 38 % of the time by chance. So only deposits that
the reference or the payer's document ties to the customer are tried, and what is automatic is backed part by part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from reconciliation.matching import policy as codes
from reconciliation.matching import weights as w
from reconciliation.matching.automatic import BIT, amount_limit, proven_in_set
from reconciliation.matching.columns import Bools, Ints, Lines, Pairs, Transfers, ints
from reconciliation.matching.policy import Policy
from reconciliation.matching.sums import sets_that_add_up
from reconciliation.matching.vectors import Evidence, Texts, tenths


@dataclass(frozen=True, kw_only=True)
class Group:
    """Positions of its transfers and lines (one side has one), score and margins in tenths, reasons against as bits."""

    transfers: tuple[int, ...]
    lines: tuple[int, ...]
    score: int
    margin_transfer: int
    margin_line: int
    against: int


@dataclass(frozen=True, kw_only=True)
class Field:
    """What the search works on. `open` are pairs both of whose sides have no exact and proven partner."""

    transfers: Transfers
    lines: Lines
    pairs: Pairs
    evidence: Evidence
    policy: Policy
    by_reference: Bools
    by_payer: Bools
    open: Ints
    by_line_order: Ints
    first_of_line: Ints
    first_of_transfer: Ints
    limit: Ints
    crowded: frozenset[int]

    def pairs_of_transfer(self, transfer: int) -> Ints:
        """All its pairs."""
        return np.arange(self.first_of_transfer[transfer], self.first_of_transfer[transfer + 1])

    def pairs_of_line(self, line: int) -> Ints:
        """All its pairs."""
        return self.by_line_order[self.first_of_line[line] : self.first_of_line[line + 1]]


def find_groups(
    transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, policy: Policy, texts: Texts, settled: Bools
) -> list[Group]:
    """Groups, the best first. `settled`: chosen pairs with the exact amount, proven, which no group may break."""
    busy_transfer, busy_line = np.zeros(len(transfers), dtype=np.bool_), np.zeros(len(lines), dtype=np.bool_)
    busy_transfer[pairs.transfer[settled]] = True
    busy_line[pairs.line[settled]] = True
    by_reference = evidence.digits >= w.FOUR
    backed = by_reference | evidence.same_payer
    free = backed & ~busy_transfer[pairs.transfer] & ~busy_line[pairs.line]
    field = Field(
        transfers=transfers,
        lines=lines,
        pairs=pairs,
        evidence=evidence,
        policy=policy,
        by_reference=by_reference,
        by_payer=proven_in_set(transfers, pairs, evidence, texts),
        open=np.flatnonzero(free),
        by_line_order=ints(np.argsort(pairs.line, kind="stable")),
        first_of_line=_firsts(pairs.line, len(lines)),
        first_of_transfer=_firsts(pairs.transfer, len(transfers)),
        limit=amount_limit(transfers, policy),
        crowded=frozenset(pairs.crowded.tolist()),
    )
    found = [group for group in (*_many_transfers(field), *_many_lines(field)) if group]
    return sorted(found, key=lambda group: (-group.score, group.transfers, group.lines))


def _firsts(owner: Ints, owners: int) -> Ints:
    return ints(np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))]))


def _many_transfers(field: Field) -> Iterable[Group | None]:
    """One deposit, several transfers of one customer; or of several for whom one payer pays."""
    t, m = field.pairs.transfer[field.open], field.pairs.line[field.open]
    less = (field.transfers.amount[t] < field.lines.free[m]) & ~field.evidence.conflict[field.open]
    kept = field.open[less]
    shared = kept[field.transfers.group[field.pairs.transfer[kept]] < 0]
    for places in _together(_of_line(field, kept, field.transfers.customer), kept):
        found = _group(field, places, _declared(field, places), _free(field, places))
        yield found and _beside_others(field, found, places, shared)
    for places in _together(_of_line(field, shared, field.transfers.group), shared):
        yield _group(field, places, _declared(field, places), _free(field, places), across=True)


def _of_line(field: Field, places: Ints, owner: Ints) -> Ints:
    return np.stack([field.pairs.line[places], owner[field.pairs.transfer[places]]], axis=1)


def _declared(field: Field, places: Ints) -> list[int]:
    amounts: list[int] = field.transfers.amount[field.pairs.transfer[places]].tolist()
    return amounts


def _free(field: Field, places: Ints) -> int:
    return int(field.lines.free[field.pairs.line[places[0]]])


def _beside_others(field: Field, found: Group, places: Ints, shared: Ints) -> Group:
    """A customer's own set is not the only one when reports of others, for whom the same payer pays, add up as well."""
    group = field.transfers.group[found.transfers[0]]
    if group >= 0:
        return found
    whole = shared[(field.pairs.line[shared] == found.lines[0]) & (field.transfers.group[field.pairs.transfer[shared]] == group)]
    if len(whole) == len(places):
        return found
    if len(whole) <= w.MOST_FOR_SUM and len(sets_that_add_up(_declared(field, whole), _free(field, whole))) < 2:
        return found
    return replace(found, against=found.against | BIT[codes.NOT_UNIQUE])


def _many_lines(field: Field) -> Iterable[Group | None]:
    """Several deposits, one transfer."""
    t, m = field.pairs.transfer[field.open], field.pairs.line[field.open]
    kept = field.open[field.lines.free[m] < field.transfers.amount[t]]
    for places in _together(field.pairs.transfer[kept][:, None], kept):
        transfer = int(field.pairs.transfer[places[0]])
        yield _group(field, places, field.lines.free[field.pairs.line[places]].tolist(), int(field.transfers.amount[transfer]))


def _together(keys: Ints, places: Ints) -> Iterable[Ints]:
    """Places with equal keys, two of them at least and no more than can be tried."""
    if not len(places):
        return
    _, label = np.unique(keys, axis=0, return_inverse=True)
    label = label.ravel()
    order = np.argsort(label, kind="stable")
    edges = np.append(np.flatnonzero(np.diff(label[order], prepend=-1)), len(order)).tolist()
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        if 2 <= end - start <= w.MOST_FOR_SUM:
            yield places[order[start:end]]


def _group(field: Field, places: Ints, amounts: list[int], target: int, *, across: bool = False) -> Group | None:
    """`across`: only a set with transfers of more than one customer."""
    if sum(amounts) < target:
        return None
    found = sets_that_add_up(amounts, target)
    of = field.transfers.customer[field.pairs.transfer[places]]
    sets = [each for each in found if len(set(of[list(each)].tolist())) > 1] if across else found
    if not sets:
        return None
    chosen = places[list(sets[0])]
    evidence, pairs = field.evidence, field.pairs
    lines = tuple(sorted({int(line) for line in pairs.line[chosen]}))
    transfers = tuple(sorted({int(transfer) for transfer in pairs.transfer[chosen]}))
    seen = max(1, int(field.lines.seen[list(lines)].max()))
    exact = round(max(w.AMOUNT_EXACT_LEAST, w.AMOUNT_EXACT - float(np.log2(seen))) * 10)
    score = exact + int((evidence.score[chosen] - evidence.amount[chosen]).min())
    of_lines = np.concatenate([field.pairs_of_line(line) for line in lines])
    of_transfers = np.concatenate([field.pairs_of_transfer(transfer) for transfer in transfers])
    by_line = score - _best_elsewhere(field, of_lines[~np.isin(pairs.transfer[of_lines], transfers)])
    by_transfer = score - _best_elsewhere(field, of_transfers[~np.isin(pairs.line[of_transfers], lines)])
    return Group(
        transfers=transfers,
        lines=lines,
        score=score,
        margin_transfer=min(score, by_transfer),
        margin_line=min(score, by_line),
        against=_against(field, chosen, transfers, lines, len(found) > 1, len(sets[0]) == len(amounts)),
    )


def _best_elsewhere(field: Field, rivals: Ints) -> int:
    scores = field.evidence.score[rivals]
    return int(scores.max()) if len(scores) else 0


def _against(
    field: Field, chosen: Ints, transfers: tuple[int, ...], lines: tuple[int, ...], several: bool, all_of_them: bool
) -> int:
    """Backed part by part: by the reference, one with six digits; or by the document, when there was nothing to choose from."""
    named = field.by_reference[chosen]
    by_reference = bool(named.all()) and bool((field.evidence.digits[chosen] >= w.SIX).any())
    by_payer = all_of_them and bool((field.by_payer[chosen] | named).all()) and bool(field.by_payer[chosen].any())
    total = int(field.transfers.amount[list(transfers)].sum())
    limit = int(field.limit[transfers[0]])
    of_lines = list(lines)
    against = {
        codes.UNPROVEN: not (by_reference or by_payer),
        codes.NOT_UNIQUE: several,
        codes.FLAGGED: bool(field.transfers.flagged[list(transfers)].any()),
        codes.LIMIT: 0 <= limit < total,
        codes.CLOSED: bool(field.policy.is_closed(field.lines.day[of_lines]).any()),
        codes.PART: bool((field.lines.free[of_lines] != field.lines.amount[of_lines]).any()),
        codes.CROWDED: not field.crowded.isdisjoint(transfers),
        codes.SCORE: False,
        codes.CUSTOMERS: len(set(field.transfers.customer[list(transfers)].tolist())) > 1,
    }
    return sum(BIT[code] for code, holds in against.items() if holds)


def margins_against(group: Group) -> int:
    """Bits for a score or a margin that does not suffice."""
    against = {
        codes.SCORE: group.score < tenths(w.STRONG),
        codes.AMBIGUOUS_LINE: group.margin_transfer < tenths(w.MARGIN),
        codes.AMBIGUOUS_TRANSFER: group.margin_line < tenths(w.MARGIN),
    }
    return sum(BIT[code] for code, holds in against.items() if holds)
