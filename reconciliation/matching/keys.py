"""Strict keys: which pairs are looked at. In memory, for columns that are loaded; the same can be said in SQL:

1. reference: same account, line within -30 … +60 calendar days, and the last six signs of the normal references agree, or one of
   them has four or five signs and is the end of the other. A line's references are its own and the runs of digits in its text
   (runs of four and five digits only against a declared reference that is as short). At most 50 lines a transfer.
2. amount: same account, free amount = declared amount, -3 … +7 calendar days (-1 … +4 business days and a long week-end). At most
   12 lines a transfer, the nearest days first.
3. payer: same account, the document's digits are those of the line's payer or a run of its text, -3 … +10 days. At most 50.

Debits and lines without anything left are no candidates. Only keys 1 and 3 can prove anything; a transfer for which one of them
was cut short is `crowded` and never automatic.
"""

from __future__ import annotations

import numpy as np

from reconciliation.matching import weights as w
from reconciliation.matching.columns import Ints, Lines, Pairs, Transfers, ints
from reconciliation.matching.texts import WIDTH, Codes, Marks, expand, marks_of
from reconciliation.matching.vectors import SHORTEST_DOCUMENT, Texts

DAY_BITS = 22  # day ordinals need 22 bits; the upper 41 of a mark tell keys apart well enough, for accounts are checked after


def pairs_by_keys(transfers: Transfers, lines: Lines, texts: Texts | None = None) -> Pairs:
    """Candidate pairs, sorted by transfer and line, each once."""
    if not (len(transfers) and len(lines)):
        return Pairs(transfer=ints([]), line=ints([]), crowded=ints([]))
    texts = texts or Texts(transfers, lines)
    by_reference, full = _by_reference(transfers, lines, texts)
    by_payer, full_payer = _by_payer(transfers, lines, texts)
    by_amount, _ = _by_amount(transfers, lines)
    code = np.sort(np.concatenate([by_reference, by_amount, by_payer]))
    code = code[np.diff(code, prepend=-1) > 0]
    transfer, line = code // len(lines), code % len(lines)
    same = (transfers.account[transfer] == lines.account[line]) & (lines.free[line] > 0)
    return Pairs(transfer=transfer[same], line=line[same], crowded=ints(np.unique(np.concatenate([full, full_payer]))))


def _by_amount(transfers: Transfers, lines: Lines) -> tuple[Ints, Ints]:
    own, theirs = np.arange(len(transfers)), np.arange(len(lines))
    left = _mark(transfers.account, transfers.amount.astype(np.uint64))
    right = _mark(lines.account, lines.free.astype(np.uint64))
    return _joined(transfers, lines, (own, left), (theirs, right), w.DAYS_BY_AMOUNT, w.MOST_BY_AMOUNT)


def _by_payer(transfers: Transfers, lines: Lines, texts: Texts) -> tuple[Ints, Ints]:
    own = np.flatnonzero(texts.own_document.length >= SHORTEST_DOCUMENT)
    column = np.flatnonzero(texts.line_document.length >= SHORTEST_DOCUMENT)
    run = np.flatnonzero((texts.runs.raw >= SHORTEST_DOCUMENT) & (texts.runs.code.length >= SHORTEST_DOCUMENT))
    left = _mark(transfers.account[own], texts.own_payer[own])
    theirs = np.concatenate([column, texts.runs.owner[run]])
    marks = np.concatenate([texts.line_payer[column], texts.run_mark[run]])
    right = _mark(lines.account[theirs], marks)
    return _joined(transfers, lines, (own, left), (theirs, right), w.DAYS_BY_PAYER, w.MOST_BY_PAYER)


def _by_reference(transfers: Transfers, lines: Lines, texts: Texts) -> tuple[Ints, Ints]:
    """Last six signs of both; all of a short one against as many last signs of the other."""
    found, full = [ints([])], [ints([])]
    own, line, run = texts.own, texts.line, texts.runs.code
    for kept, shortest, longest, least, most, in_text in (
        (w.SIX, w.SIX, WIDTH, w.SIX, WIDTH, True),
        (w.FOUR, w.FOUR, w.FOUR, w.FOUR, WIDTH, True),
        (w.FOUR + 1, w.FOUR + 1, w.FOUR + 1, w.FOUR + 1, WIDTH, True),
        (w.FOUR, w.FOUR + 1, WIDTH, w.FOUR, w.FOUR, False),
        (w.FOUR + 1, w.SIX, WIDTH, w.FOUR + 1, w.FOUR + 1, False),
    ):
        mine, column = _of_length(own, shortest, longest), _of_length(line, least, most)
        in_runs = _of_length(run, least, most) if in_text else ints([])
        theirs = np.concatenate([column, texts.runs.owner[in_runs]])
        if not (len(mine) and len(theirs)):
            continue
        left = _mark(transfers.account[mine], marks_of(own, kept)[mine])
        marks = np.concatenate([marks_of(line, kept)[column], marks_of(run, kept)[in_runs]])
        right = _mark(lines.account[theirs], marks)
        pairs, cut = _joined(transfers, lines, (mine, left), (theirs, right), w.DAYS_BY_REFERENCE, w.MOST_BY_REFERENCE)
        found.append(pairs)
        full.append(cut)
    return ints(np.concatenate(found)), ints(np.concatenate(full))


def _of_length(codes: Codes, shortest: int, longest: int) -> Ints:
    return ints(np.flatnonzero((codes.length >= shortest) & (codes.length <= longest)))


def _mark(account: Ints, marks: Marks) -> Ints:
    """One number for account and key, its lower bits free for the day."""
    mixed = (marks + account.astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    return ints((mixed >> np.uint64(DAY_BITS + 1)).astype(np.int64) << DAY_BITS)


def _joined(
    transfers: Transfers, lines: Lines, left: tuple[Ints, Ints], right: tuple[Ints, Ints], days: tuple[int, int], most: int
) -> tuple[Ints, Ints]:
    """Pairs (as transfer x lines + line) with equal keys and days in the window; transfers that had more than `most`."""
    (own, mark), (theirs, their_mark) = left, right
    place = their_mark + lines.day[theirs]
    order = np.argsort(place, kind="stable")
    place, theirs = place[order], theirs[order]
    at = mark + transfers.day[own]
    first = ints(np.searchsorted(place, at + days[0], side="left"))
    count = ints(np.searchsorted(place, at + days[1], side="right")) - first
    over = np.flatnonzero(count > most)
    if len(over):
        # A quarter before the declared day, the rest from it on: that is how deposits are booked.
        nearest = np.searchsorted(place, at[over], side="left") - most // 4
        first[over] = np.clip(nearest, first[over], first[over] + count[over] - most)
        count[over] = most
    row, number = expand(count)
    return ints(own[row] * len(lines) + theirs[first[row] + number]), ints(own[over])
