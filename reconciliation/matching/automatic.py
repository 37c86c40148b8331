"""What may be settled without a person: every reason against it, for all pairs at once, as bits of `policy.ORDER`."""

from __future__ import annotations

from functools import cache

import numpy as np

from reconciliation.matching import policy as codes
from reconciliation.matching import weights as w
from reconciliation.matching.columns import Bools, Ints, Lines, Pairs, Transfers, ints
from reconciliation.matching.policy import ORDER, Policy
from reconciliation.matching.texts import expand
from reconciliation.matching.vectors import Evidence, Texts, tenths

BIT = {code: 1 << place for place, code in enumerate(ORDER)}


@cache
def reasons(bits: int) -> tuple[str, ...]:
    """The codes of these bits, in their order."""
    return tuple(code for code in ORDER if bits & BIT[code])


def proven_by_reference(evidence: Evidence) -> Bools:
    """At least six digits agree (a zero that both sides show is one), and the shorter one is wholly the end of the longer one."""
    return np.asarray(evidence.printed >= w.SIX, dtype=np.bool_)


def proven_by_payer(transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, texts: Texts) -> Bools:
    """The payer's document agrees, and so do four or five digits; or nothing else could be meant: no number contradicts, the bank
    booked on the declared day, the document is no other customer's too, and neither side has a second payment of that payer in
    those days.

    A document says who, not which: whoever pays the same again, or pays again because the first attempt failed, shows the same.
    """
    t, m = pairs.transfer, pairs.line
    alone = _alone(transfers, texts)[t] & ~_shared_payers(transfers, texts)[t]
    near = np.abs(lines.day[m] - transfers.day[t]) <= w.PAYER_DAYS
    deposits = np.bincount(t[evidence.same_payer & near], minlength=len(transfers))[t]
    only = alone & (deposits == 1) & ~evidence.doubt & (evidence.days == 0)
    return np.asarray(evidence.same_payer & ((evidence.digits >= w.FOUR) | only), dtype=np.bool_)


def proven_in_set(transfers: Transfers, pairs: Pairs, evidence: Evidence, texts: Texts) -> Bools:
    """The document, for one part of a sum that must agree as well: no number contradicts, the day is near, few deposits."""
    deposits = np.bincount(pairs.transfer[evidence.same_payer], minlength=len(transfers))
    first, last = w.PAYER_IN_SET_DAYS
    near = (evidence.days >= first) & (evidence.days <= last)
    alone = (deposits <= w.COMMON_PAYER) & ~_shared_payers(transfers, texts)
    return np.asarray(evidence.same_payer & ~evidence.doubt & near & alone[pairs.transfer], dtype=np.bool_)


def _alone(transfers: Transfers, texts: Texts) -> Bools:
    """Which transfers are the only ones of their customer, and of their payer, on the account in those days."""
    alone = np.ones(len(transfers), dtype=np.bool_)
    for owner in (transfers.group, texts.own_payer):
        order = np.lexsort((transfers.day, owner, transfers.account))
        account, whose, day = transfers.account[order], owner[order], transfers.day[order]
        close = (account[1:] == account[:-1]) & (whose[1:] == whose[:-1]) & (np.diff(day) <= w.PAYER_DAYS)
        alone[order[1:][close]] = alone[order[:-1][close]] = False
    return alone


def _shared_payers(transfers: Transfers, texts: Texts) -> Bools:
    """Which transfers have a payer whose document another customer (outside the group) declares as well, or who is known to pay
    for several: the document then says who paid, not for whom.
    """
    _, payer = np.unique(texts.own_payer, return_inverse=True)
    order = np.lexsort((transfers.group, payer))
    mine, group = payer[order], transfers.group[order]
    other = np.zeros(len(order), dtype=np.int64)
    other[1:] = (mine[1:] == mine[:-1]) & (group[1:] != group[:-1])
    return np.asarray((np.bincount(mine, weights=other)[payer] > 0) | (transfers.group < 0), dtype=np.bool_)


def why_not(transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, policy: Policy, texts: Texts) -> Ints:
    """All reasons but those of the assignment (margins, taken)."""
    t, m = pairs.transfer, pairs.line
    by_reference = proven_by_reference(evidence)
    by_payer = proven_by_payer(transfers, lines, pairs, evidence, texts)
    amount = transfers.amount[t]
    limit = amount_limit(transfers, policy)
    crowded = np.zeros(len(transfers), dtype=np.bool_)
    crowded[pairs.crowded] = True
    against = {
        codes.AMOUNT: ~evidence.exact,
        codes.UNPROVEN: ~(by_reference | by_payer),
        codes.SCORE: evidence.score < tenths(w.STRONG),
        codes.CHANCE: by_reference & ~by_payer & _chance(lines, pairs, evidence, len(transfers)),
        codes.FLAGGED: transfers.flagged[t] | _named_twice(transfers.group, pairs, evidence, by_reference, len(lines)),
        codes.LIMIT: (limit[t] >= 0) & (amount > limit[t]),
        codes.CLOSED: policy.is_closed(lines.day)[m],
        codes.PART: (lines.free != lines.amount)[m],
        codes.CROWDED: crowded[t],
    }
    total = np.zeros(len(t), dtype=np.int64)
    for code, holds in against.items():
        total[holds] |= BIT[code]
    return total


def amount_limit(transfers: Transfers, policy: Policy) -> Ints:
    """The merchant's limit for each transfer, -1 for none."""
    limit = np.full(len(transfers), -1, dtype=np.int64)
    for account, most in policy.limit.items():
        limit[transfers.account == account] = most
    return limit


def _chance(lines: Lines, pairs: Pairs, evidence: Evidence, transfers: int) -> Bools:
    """Whether such an agreement may be chance: few digits beside many lines of the amount, or a reference that many share."""
    expected = np.maximum(1, lines.seen)[pairs.line] * np.power(10.0, -np.minimum(evidence.printed, 12))
    expected = np.where(evidence.same_bank, expected * w.CHANCE_OF_BANK, expected)
    expected = np.where(evidence.same_payer, expected * w.CHANCE_OF_PAYER, expected)
    agree = evidence.digits >= w.SIX
    of_transfer = np.bincount(pairs.transfer[agree], minlength=transfers)[pairs.transfer]
    of_line = np.bincount(pairs.line[agree], minlength=len(lines))[pairs.line]
    common = (of_transfer > w.COMMON_REFERENCE) | (of_line > w.COMMON_REFERENCE)
    return np.asarray((expected > w.CHANCE) | common, dtype=np.bool_)


def _named_twice(group: Ints, pairs: Pairs, evidence: Evidence, by_reference: Bools, lines: int) -> Bools:
    """Another transfer names the same line by its reference and amount, or the same customer's by its reference and
    another amount (which is mistyped now and then): one payment reported twice, or another's receipt.
    """
    named = by_reference & evidence.exact
    count = np.bincount(pairs.line[named], minlength=lines)
    other = np.flatnonzero(by_reference & ~evidence.exact)
    group = ints(np.unique(group, return_inverse=True)[1]).ravel()  # counted from 0: payer groups are below it
    wide = int(group.max(initial=0)) + 1
    known = pairs.line[other] * wide + group[pairs.transfer[other]]
    by_own = np.isin(pairs.line * wide + group[pairs.transfer], known)
    return np.asarray(named & ((count[pairs.line] > 1) | by_own), dtype=np.bool_)


def could_be_swapped(
    transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, texts: Texts, chosen: Bools, settled: Bools
) -> tuple[Bools, Bools]:
    """Equal payments of one customer that may have changed places, though the evidence for each is good: the best assignment
    without money for the one loses nothing that can be seen by giving it the other's.

    First: pairs whose line may be another transfer's of the same customer, amount and day, for which nothing is proven and which
    nothing on this line contradicts. Second: pairs whose transfer names another line of the amount just as well, and pairs tied
    by the document alone where a line of the amount is free that says nothing of its payer. `settled`: chosen and proven.
    """
    t, m = pairs.transfer, pairs.line
    by_transfer, by_line = np.zeros(len(t), dtype=np.bool_), np.zeros(len(t), dtype=np.bool_)
    placed, used = np.zeros(len(transfers), dtype=np.bool_), np.zeros(len(lines), dtype=np.bool_)
    proven = placed.copy()
    placed[t[chosen & evidence.exact]] = proven[t[settled]] = True
    used[m[chosen & evidence.exact & (settled | (evidence.digits >= w.FOUR))]] = True
    fits, mine = evidence.exact & ~evidence.doubt, np.flatnonzero(settled)
    whole = (evidence.digits == texts.own.length[t]) & (evidence.digits == texts.line.length[m])
    one, other = _beside(mine, np.flatnonzero(evidence.exact & ~proven[t]), m, len(lines))
    same = (transfers.group[t[one]] == transfers.group[t[other]]) & (transfers.day[t[one]] == transfers.day[t[other]])
    fitting = ~evidence.doubt[other]
    # Six digits are not the whole number: the payments may differ in the rest, and the other's number may be mistyped.
    hidden = ~whole[one] & (evidence.digits[one] < w.LONG) & ~placed[t[other]]
    by_transfer[one[same & (fitting | hidden)]] = True
    named = np.flatnonzero(evidence.exact & (evidence.digits >= w.SIX))
    one, other = _beside(mine, named, t, len(transfers))
    by_line[one[(one != other) & (evidence.digits[other] >= evidence.digits[one])]] = True
    strange = np.fromiter(map(bool, lines.payer_name), dtype=np.bool_, count=len(lines))[m] & ~evidence.alike
    near = (evidence.days >= -1) & (evidence.days <= max(w.DAYS)) & (evidence.person >= 0) & ~strange
    silent = fits & near & ~used[m] & (texts.line_document.length[m] == 0) & ~evidence.same_payer
    one, _ = _beside(np.flatnonzero(settled & (evidence.digits < w.FOUR)), np.flatnonzero(silent), t, len(transfers))
    by_line[one] = True
    return by_transfer, by_line


def _beside(mine: Ints, others: Ints, key: Ints, keys: int) -> tuple[Ints, Ints]:
    """Every one of `mine` with every one of `others` of the same key."""
    order = others[np.argsort(key[others], kind="stable")]
    count = np.bincount(key[order], minlength=keys)
    first = np.cumsum(count) - count
    row, number = expand(ints(count[key[mine]]))
    return mine[row], ints(order[first[key[mine]][row] + number])
