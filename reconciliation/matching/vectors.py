"""Evidence of many pairs at once. The weights are those of `evidence.weigh`, pair by pair (a test holds the two equal).

Weights are whole tenths of a bit. The facts in words are made only for what is shown or stored.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np

from reconciliation.matching import weights as w
from reconciliation.matching.columns import Bools, BusinessDays, Ints, Lines, Pairs, Transfers, business_days, ints
from reconciliation.matching.evidence import Booked, Declared, weigh
from reconciliation.matching.policy import Policy
from reconciliation.matching.texts import (
    Codes,
    Marks,
    as_printed,
    codes_of,
    digits_of,
    expand,
    marks_of,
    runs_of,
    shared_ends,
    words_of,
)

SHORTEST_RUN = 3
SHORTEST_DOCUMENT = 5


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Per pair: weights by field in tenths, their sum, and what the automatic rule asks for.

    `digits`: how many signs of the references agree, 0 unless the shorter one is wholly the end of the longer one. `conflict`:
    two references that end differently. `doubt`: the transfer names a number, the line shows some number, and they do not agree.
    `printed`: `digits`, but six where five agree and both sides show the same zero before them.
    """

    reference: Ints
    amount: Ints
    date: Ints
    person: Ints
    score: Ints
    digits: Ints
    days: Ints
    exact: Bools
    same_bank: Bools
    same_payer: Bools
    alike: Bools
    conflict: Bools
    doubt: Bools
    printed: Ints


class Texts:
    """Everything textual about the columns, read once: also the strict keys are made of it."""

    def __init__(self, transfers: Transfers, lines: Lines) -> None:
        self.own = codes_of(transfers.reference)
        self.own_document = digits_of(transfers.payer_id)
        self.line_document = digits_of(lines.payer_id)
        self.line = codes_of(lines.reference)
        self.runs = runs_of(lines.text, SHORTEST_RUN)
        self.runs_of_line = np.bincount(self.runs.owner, minlength=len(lines)).astype(np.int64)
        self.first_run = np.cumsum(self.runs_of_line) - self.runs_of_line
        self.own_payer, self.line_payer = marks_of(self.own_document), marks_of(self.line_document)
        self.run_mark = marks_of(self.runs.code)
        self.own_printed, self.line_printed = as_printed(self.own, transfers.zeros), as_printed(self.line, lines.zeros)


def tenths(weight: float) -> int:
    """A weight as a whole number."""
    return round(weight * 10)


def weigh_pairs(transfers: Transfers, lines: Lines, pairs: Pairs, policy: Policy, texts: Texts) -> Evidence:
    """Weights of every pair."""
    t, m = pairs.transfer, pairs.line
    row, number = expand(texts.runs_of_line[m])
    run = texts.first_run[m][row] + number
    reference, digits = _references(texts, t, m, row, run)
    printed = _printed(texts, t, m, row, run, digits)
    days = business_days(transfers, lines, policy.resting_days()).apart(transfers.day[t], lines.day[m])
    exact = transfers.amount[t] == lines.free[m]
    same_bank, other_bank = _banks(transfers, lines, texts, t, m, row, run)
    same_payer = _payers(texts, t, m, row, run)
    alike = _names(transfers, lines, t, m)
    person = _person(same_bank, other_bank, same_payer, alike)
    amount = _amounts(transfers, lines, t, m, exact, tolerated(transfers, lines, pairs, policy))
    date = np.full(len(t), tenths(w.DAYS_OUTSIDE))
    for apart, weight in w.DAYS.items():
        date[days == apart] = tenths(weight)
    return Evidence(
        reference=reference,
        amount=amount,
        date=ints(date),
        person=person,
        score=reference + amount + date + person,
        digits=digits,
        days=days,
        exact=exact,
        same_bank=same_bank,
        same_payer=same_payer,
        alike=alike,
        conflict=reference == tenths(w.REFERENCE_CONFLICT),
        doubt=_doubt(texts, t, m, row, run, digits),
        printed=printed,
    )


def facts_of(
    transfers: Transfers, lines: Lines, transfer: int, line: int, policy: Policy, calendar: BusinessDays
) -> list[dict[str, Any]]:
    """The facts about one pair as they are stored with a match (amounts without currency)."""
    day = int(transfers.day[transfer])
    reason = ""
    if policy.tolerances:
        one = Pairs(transfer=ints([transfer]), line=ints([line]), crowded=ints([]))
        place = int(tolerated(transfers, lines, one, policy)[0])
        reason = policy.tolerances[place - 1].reason if place else ""
    declared = Declared(
        amount=Decimal(int(transfers.amount[transfer])).scaleb(-policy.decimals),
        paid_on=dt.date.fromordinal(day),
        reference=transfers.reference[transfer],
        bank_code=transfers.bank_code[transfer],
        payer_id=transfers.payer_id[transfer],
        payer_names=transfers.payer_names[transfer],
    )
    booked = Booked(
        amount=Decimal(int(lines.amount[line])).scaleb(-policy.decimals),
        free=Decimal(int(lines.free[line])).scaleb(-policy.decimals),
        days=calendar.apart_one(day, int(lines.day[line])),
        seen=int(lines.seen[line]),
        reference=lines.reference[line],
        text=lines.text[line],
        bank_code=lines.bank_code[line],
        payer_id=lines.payer_id[line],
        payer_name=lines.payer_name[line],
        tolerated=reason,
    )
    return [{**vars(fact)} for fact in weigh(declared, booked)]


def tolerated(transfers: Transfers, lines: Lines, pairs: Pairs, policy: Policy) -> Ints:
    """Which tolerance (position + 1, the first that fits, 0 for none) covers the difference of each pair."""
    found = np.zeros(len(pairs), dtype=np.int64)
    amount = transfers.amount[pairs.transfer]
    lacking = amount - lines.free[pairs.line]
    for place, rule in reversed(list(enumerate(policy.tolerances, start=1))):
        here = transfers.account[pairs.transfer] == rule.account
        if rule.method:
            here &= transfers.method[pairs.transfer] == rule.method
        less = np.maximum(rule.less, amount * rule.less_per_mille // 1000)
        more = np.maximum(rule.more, amount * rule.more_per_mille // 1000)
        found[here & (lacking != 0) & (lacking <= less) & (-lacking <= more)] = place
    return found


def _references(texts: Texts, t: Ints, m: Ints, row: Ints, run: Ints) -> tuple[Ints, Ints]:
    """Weight and proving digits: the line's own reference or a run of its text, whichever agrees best."""
    weight, digits = _agreement(texts.own, t, texts.line, m)
    long = texts.runs.raw[run] >= w.FOUR
    of_pair, of_run = row[long], run[long]
    run_weight, run_digits = _agreement(texts.own, t[of_pair], texts.runs.code, of_run)
    good = run_weight > 0
    np.maximum.at(weight, of_pair[good], run_weight[good])
    np.maximum.at(digits, of_pair[good], run_digits[good])
    conflict = (weight == 0) & (texts.own.length[t] >= w.FOUR) & (texts.line.length[m] >= w.FOUR)
    weight[conflict] = tenths(w.REFERENCE_CONFLICT)
    return weight, digits


def _printed(texts: Texts, t: Ints, m: Ints, row: Ints, run: Ints, digits: Ints) -> Ints:
    """`027374` is six digits where both sides have the zero: typed, and printed by the bank in that place."""
    printed, nearly = digits.copy(), digits == w.SIX - 1
    own, five = texts.own_printed, np.flatnonzero(nearly)
    printed[five] = np.maximum(printed[five], np.minimum(w.SIX, shared_ends(own, t[five], texts.line_printed, m[five])))
    of_run = np.flatnonzero(nearly[row] & (texts.runs.raw[run] >= w.SIX) & (texts.runs.code.length[run] >= w.SIX - 1))
    if len(of_run):
        pair, place = row[of_run], run[of_run]
        known, number = np.unique(place, return_inverse=True)
        code = Codes(signs=texts.runs.code.signs[known], length=texts.runs.code.length[known])
        whole = as_printed(code, texts.runs.raw[known] - code.length)
        np.maximum.at(printed, pair, np.minimum(w.SIX, shared_ends(own, t[pair], whole, ints(number))))
    return printed


def _agreement(own: Codes, left: Ints, other: Codes, right: Ints) -> tuple[Ints, Ints]:
    shared = shared_ends(own, left, other, right)
    whole = (shared == np.minimum(own.length[left], other.length[right])) & (shared >= w.FOUR)
    weight = np.zeros(len(left), dtype=np.int64)
    weight[~whole & (shared >= w.SIX)] = tenths(w.REFERENCE_SIX_HEAD_DIFFERS)
    weight[~whole & (shared >= w.LONG)] = tenths(w.REFERENCE_LONG_HEAD_DIFFERS)
    weight[whole] = tenths(w.REFERENCE_FOUR)
    weight[whole & (shared >= w.SIX)] = tenths(w.REFERENCE_SIX)
    weight[whole & (shared >= w.LONG)] = tenths(w.REFERENCE_LONG)
    return weight, ints(np.where(whole, shared, 0))


def _amounts(transfers: Transfers, lines: Lines, t: Ints, m: Ints, exact: Bools, allowed: Ints) -> Ints:
    by_line = np.maximum(w.AMOUNT_EXACT_LEAST, w.AMOUNT_EXACT - np.log2(np.maximum(1, lines.seen)))
    declared = transfers.amount[t]
    lacking = declared - lines.free[m]
    numerator, denominator = w.FEE_SHARE.as_integer_ratio()
    near = (lacking > 0) & (lacking * denominator <= declared * numerator)
    other = np.where(near | (allowed > 0), tenths(w.AMOUNT_WITHIN_FEE), tenths(w.AMOUNT_DIFFERS))
    return ints(np.where(exact, np.rint(by_line[m] * 10).astype(np.int64), other))


def _banks(transfers: Transfers, lines: Lines, texts: Texts, t: Ints, m: Ints, row: Ints, run: Ints) -> tuple[Bools, Bools]:
    """Whether the bank agrees (by column or in the text), and whether the line names another one."""
    numbers = {code: number for number, code in enumerate(dict.fromkeys(chain([""], transfers.bank_code, lines.bank_code)))}
    own, theirs = (ints(list(map(numbers.__getitem__, side.bank_code))) for side in (transfers, lines))
    same = (own[t] > 0) & (own[t] == theirs[m])
    plain = np.array([code.isascii() and code.isdigit() and len(code) >= SHORTEST_RUN for code in numbers], dtype=np.bool_)
    # A run of the text is a bank's code when it is as long as printed and has its digits.
    codes = digits_of(list(numbers))
    code_marks = marks_of(codes) + np.fromiter((len(code) for code in numbers), dtype=np.uint64, count=len(numbers))
    run_marks = texts.run_mark + texts.runs.raw.astype(np.uint64)
    found = plain[own[t[row]]] & (run_marks[run] == code_marks[own[t[row]]])
    same[row[found]] = True
    for place in np.flatnonzero(~same & (own[t] > 0) & ~plain[own[t]]).tolist():
        pattern = rf"(?<![0-9]){re.escape(transfers.bank_code[t[place]])}(?![0-9])"
        same[place] = bool(re.search(pattern, lines.text[m[place]]))
    return same, np.asarray(~same & (own[t] > 0) & (theirs[m] > 0), dtype=np.bool_)


def _payers(texts: Texts, t: Ints, m: Ints, row: Ints, run: Ints) -> Bools:
    own, line, found = texts.own_payer, texts.line_payer, texts.run_mark
    known = texts.own_document.length[t] >= SHORTEST_DOCUMENT
    same: Bools = np.asarray(known & (own[t] == line[m]), dtype=np.bool_)
    hit = known[row] & (texts.runs.raw[run] >= SHORTEST_DOCUMENT) & (own[t[row]] == found[run])
    same[row[hit]] = True
    return same


def _doubt(texts: Texts, t: Ints, m: Ints, row: Ints, run: Ints, digits: Ints) -> Bools:
    """Numbers on both sides, and none agrees: a number in the text that is not the payer's document may be the reference."""
    own, found = texts.own_payer, texts.run_mark
    number = texts.line.length[m] > 0
    long = (texts.runs.raw[run] >= SHORTEST_DOCUMENT) & (found[run] != own[t[row]])
    number[row[long]] = True
    return np.asarray(number & (texts.own.length[t] > 0) & (digits == 0), dtype=np.bool_)


def _names(transfers: Transfers, lines: Lines, t: Ints, m: Ints) -> Bools:
    """Whether one name of the payer shares two words with the line."""
    every = list(chain.from_iterable(transfers.payer_names))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(every))}
    count = np.fromiter(map(len, transfers.payer_names), dtype=np.int64, count=len(transfers))
    flat = ints([numbers[name] for name in every])
    alike = np.zeros(len(t), dtype=np.bool_)
    name_row, name_mark = words_of(list(numbers))
    line_row, line_mark = words_of([f"{name} {text}" for name, text in zip(lines.payer_name, lines.text, strict=True)])
    if not (len(name_mark) and len(line_mark)):
        return alike
    first = np.cumsum(count) - count
    bits_of_name = _bits(name_row, name_mark, len(numbers))
    pair, number = expand(count[t])
    name = flat[first[t][pair] + number]
    bits_of_line = _bits(line_row, line_mark, len(lines))
    words = np.bincount(name_row, minlength=len(numbers)).astype(np.int64)
    # Two words of a name that share their bit count once.
    needed = np.where(np.bitwise_count(bits_of_name) == words, 2, 1)
    maybe = np.bitwise_count(bits_of_name[name] & bits_of_line[m[pair]]) >= needed[name]
    pair, name = pair[maybe], name[maybe]
    which, number = expand(words[name])
    mark = name_mark[(np.cumsum(words) - words)[name][which] + number]
    shared = _is_word_of(m[pair][which], mark, line_row, line_mark)
    hits = np.bincount(which[shared], minlength=len(pair))
    alike[pair[hits >= 2]] = True
    return alike


def _is_word_of(line: Ints, mark: Marks, line_row: Ints, line_mark: Marks) -> Bools:
    stride = np.uint64(0x9E3779B97F4A7C15)
    known = np.sort(line_mark + line_row.astype(np.uint64) * stride)
    wanted = mark + line.astype(np.uint64) * stride
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.asarray(known[place] == wanted, dtype=np.bool_)


def _bits(row: Ints, mark: Marks, rows: int) -> Marks:
    """A bit for each word of a row: rows without a common bit have no common word."""
    bits = np.zeros(rows, dtype=np.uint64)
    start = np.flatnonzero(np.diff(row, prepend=-1))
    bits[row[start]] = np.bitwise_or.reduceat(np.uint64(1) << (mark >> np.uint64(58)), start)
    return bits


def _person(same_bank: Bools, other_bank: Bools, same_payer: Bools, alike: Bools) -> Ints:
    """Bank, document and name in this order; what speaks for the pair is capped together."""
    agrees = same_bank * tenths(w.BANK_AGREES) + same_payer * tenths(w.PAYER_ID) + alike * tenths(w.PAYER_NAME)
    return ints(np.minimum(agrees, tenths(w.PERSON_CAP)) + other_bank * tenths(w.BANK_DIFFERS))
