"""What may be settled without a person: every reason against it, for all pairs at once, as bits of `policy.ORDER`."""

from __future__ import annotations

from functools import cache

import numpy as np

from reconciliation.matching import policy as codes
from reconciliation.matching import weights as w
from reconciliation.matching.columns import Bools, Ints, Lines, Pairs, Transfers
from reconciliation.matching.policy import ORDER, Policy
from reconciliation.matching.vectors import Evidence, Texts, tenths

BIT = {code: 1 << place for place, code in enumerate(ORDER)}


@cache
def reasons(bits: int) -> tuple[str, ...]:
    """The codes of these bits, in their order."""
    return tuple(code for code in ORDER if bits & BIT[code])


def proven_by_reference(evidence: Evidence) -> Bools:
    """At least six digits agree, and the shorter reference is wholly the end of the longer one."""
    return np.asarray(evidence.digits >= w.SIX, dtype=np.bool_)


def proven_by_payer(
    transfers: Transfers, pairs: Pairs, evidence: Evidence, texts: Texts, days: tuple[int, int] = w.PAYER_ALONE_DAYS
) -> Bools:
    """The payer's document agrees, it is no other customer's too, no number contradicts, the day is near, and that payer made few
    deposits in those days.
    """
    deposits = np.bincount(pairs.transfer[evidence.same_payer], minlength=len(transfers))
    first, last = days
    near = (evidence.days >= first) & (evidence.days <= last)
    alone = (deposits <= w.COMMON_PAYER) & ~_shared_payers(transfers, texts)
    return np.asarray(evidence.same_payer & ~evidence.doubt & near & alone[pairs.transfer], dtype=np.bool_)


def _shared_payers(transfers: Transfers, texts: Texts) -> Bools:
    """Which transfers have a payer whose document another customer (outside the group) declares as well."""
    _, payer = np.unique(texts.own_payer, return_inverse=True)
    order = np.lexsort((transfers.group, payer))
    mine, group = payer[order], transfers.group[order]
    other = np.zeros(len(order), dtype=np.int64)
    other[1:] = (mine[1:] == mine[:-1]) & (group[1:] != group[:-1])
    return np.asarray(np.bincount(mine, weights=other)[payer] > 0, dtype=np.bool_)


def why_not(transfers: Transfers, lines: Lines, pairs: Pairs, evidence: Evidence, policy: Policy, texts: Texts) -> Ints:
    """All reasons but those of the assignment (margins, taken)."""
    t, m = pairs.transfer, pairs.line
    by_reference = proven_by_reference(evidence)
    by_payer = proven_by_payer(transfers, pairs, evidence, texts)
    amount = transfers.amount[t]
    limit = amount_limit(transfers, policy)
    crowded = np.zeros(len(transfers), dtype=np.bool_)
    crowded[pairs.crowded] = True
    against = {
        codes.AMOUNT: ~evidence.exact,
        codes.UNPROVEN: ~(by_reference | by_payer),
        codes.SCORE: evidence.score < tenths(w.STRONG),
        codes.CHANCE: by_reference & ~by_payer & _chance(lines, pairs, evidence, len(transfers)),
        codes.FLAGGED: transfers.flagged[t] | _named_twice(pairs, evidence, by_reference, len(lines)),
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
    expected = np.maximum(1, lines.seen)[pairs.line] * np.power(10.0, -np.minimum(evidence.digits, 12))
    expected = np.where(evidence.same_bank, expected * w.CHANCE_OF_BANK, expected)
    expected = np.where(evidence.same_payer, expected * w.CHANCE_OF_PAYER, expected)
    agree = evidence.digits >= w.SIX
    of_transfer = np.bincount(pairs.transfer[agree], minlength=transfers)[pairs.transfer]
    of_line = np.bincount(pairs.line[agree], minlength=len(lines))[pairs.line]
    common = (of_transfer > w.COMMON_REFERENCE) | (of_line > w.COMMON_REFERENCE)
    return np.asarray((expected > w.CHANCE) | common, dtype=np.bool_)


def _named_twice(pairs: Pairs, evidence: Evidence, by_reference: Bools, lines: int) -> Bools:
    """Another transfer names the same line by its reference and amount: one payment reported twice, or another's receipt."""
    named = evidence.exact & by_reference
    count = np.bincount(pairs.line[named], minlength=lines)
    return np.asarray(named & (count[pairs.line] > 1), dtype=np.bool_)
