"""What may be settled without a person: every reason against it, for all pairs at once, as bits of `policy.ORDER`."""

from __future__ import annotations

from functools import cache

import numpy as np

from reconciliation.matching import policy as codes
from reconciliation.matching import weights as w
from reconciliation.matching.columns import Bools, BusinessDays, Ints, Lines, Pairs, Transfers, business_days, ints
from reconciliation.matching.keys import DAY_BITS
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


def proven_by_payer(transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, policy: Policy, texts: Texts) -> Bools:
    """The payer's document agrees, and so do four or five digits; or nothing else could be meant: no number contradicts, the bank
    booked on the declared day, the document is no other customer's too, and neither side has a second payment of that payer in
    those days, a week-end being one of them: what is paid on a Saturday is booked with Monday's.

    A document says who, not which: whoever pays the same again, or pays again because the first attempt failed, shows the same.
    """
    t, m = pairs.transfer, pairs.line
    days = business_days(transfers, lines, policy.resting_days())
    alone = _alone(transfers, days, texts)[t] & ~_shared_payers(transfers, texts)[t]
    near = np.abs(days.apart(transfers.day[t], lines.day[m])) <= w.PAYER_DAYS
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


def _alone(transfers: Transfers, days: BusinessDays, texts: Texts) -> Bools:
    """Which transfers are the only ones of their customer, and of their payer, on the account in those days."""
    alone = np.ones(len(transfers), dtype=np.bool_)
    for owner in (transfers.group, texts.own_payer):
        order = np.lexsort((transfers.day, owner, transfers.account))
        account, whose, day = transfers.account[order], owner[order], transfers.day[order]
        close = (account[1:] == account[:-1]) & (whose[1:] == whose[:-1]) & (days.apart(day[:-1], day[1:]) <= w.PAYER_DAYS)
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
    by_payer = proven_by_payer(transfers, lines, pairs, evidence, policy, texts)
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

    First: pairs whose line may be another equal report's for which nothing is proven. Numbers are mistyped, so only a long one
    that agrees wholly stands against that, and then only a report of the same day that nothing contradicts asks. Second: pairs
    whose transfer names another line of the amount just as well, and pairs tied by the document alone where a line of the amount
    is free that says nothing of its payer. `settled`: chosen and proven.
    """
    t, m = pairs.transfer, pairs.line
    by_transfer, by_line = np.zeros(len(t), dtype=np.bool_), np.zeros(len(t), dtype=np.bool_)
    proven, used = np.zeros(len(transfers), dtype=np.bool_), np.zeros(len(lines), dtype=np.bool_)
    proven[t[settled]] = True
    used[m[chosen & evidence.exact & (settled | (evidence.digits >= w.FOUR))]] = True
    mine, by_document = np.flatnonzero(settled), evidence.digits < w.FOUR
    whole = (evidence.digits >= w.LONG) & (evidence.digits == texts.own.length[t]) & (evidence.digits == texts.line.length[m])
    payment = _equal_payments(transfers)
    unsure = mine[~whole[mine]]
    by_transfer[unsure] = _another_equal(transfers, payment, ~proven, t[unsure], lines.day[m[unsure]], by_document[unsure])
    fits = evidence.exact & ~evidence.doubt
    one, other = _beside(mine, np.flatnonzero(fits & ~proven[t]), m, len(lines))
    same = (payment[t[one]] == payment[t[other]]) & (transfers.day[t[one]] == transfers.day[t[other]])
    by_transfer[one[same]] = True
    named = np.flatnonzero(evidence.exact & (evidence.digits >= w.SIX))
    one, other = _beside(mine, named, t, len(transfers))
    by_line[one[(one != other) & (evidence.digits[other] >= evidence.digits[one])]] = True
    strange = np.fromiter(map(bool, lines.payer_name), dtype=np.bool_, count=len(lines))[m] & ~evidence.alike
    near = (evidence.days >= -1) & (evidence.days <= max(w.DAYS)) & (evidence.person >= 0) & ~strange
    silent = fits & near & ~used[m] & (texts.line_document.length[m] == 0) & ~evidence.same_payer
    one, _ = _beside(np.flatnonzero(settled & by_document), np.flatnonzero(silent), t, len(transfers))
    by_line[one] = True
    return by_transfer, by_line


def _equal_payments(transfers: Transfers) -> Ints:
    """A number for each customer, account and amount, counted from 0."""
    order = np.lexsort((transfers.amount, transfers.account, transfers.group))
    new = np.zeros(len(order), dtype=np.int64)
    for column in (transfers.amount, transfers.account, transfers.group):
        new[1:] |= column[order[1:]] != column[order[:-1]]
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(new)
    return number


def _another_equal(transfers: Transfers, payment: Ints, unproven: Bools, own: Ints, booked: Ints, any_day: Bools) -> Bools:
    """Whether an unproven transfer equal to `own` was declared so that what was booked on that day may be its deposit.

    Who is known by the document alone may be meant by any equal one: declared days are mistyped as well.
    """
    known = np.sort(((payment << DAY_BITS) + transfers.day)[unproven])
    start = payment[own] << DAY_BITS
    since = np.where(any_day, start, start + booked - w.DAYS_OF_EQUAL[1])
    until = np.where(any_day, start + (1 << DAY_BITS) - 1, start + booked - w.DAYS_OF_EQUAL[0])
    return np.asarray(np.searchsorted(known, until, side="right") > np.searchsorted(known, since), dtype=np.bool_)


def _beside(mine: Ints, others: Ints, key: Ints, keys: int) -> tuple[Ints, Ints]:
    """Every one of `mine` with every one of `others` of the same key."""
    order = others[np.argsort(key[others], kind="stable")]
    count = np.bincount(key[order], minlength=keys)
    first = np.cumsum(count) - count
    row, number = expand(ints(count[key[mine]]))
    return mine[row], ints(order[first[key[mine]][row] + number])
