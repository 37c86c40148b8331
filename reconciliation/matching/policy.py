"""What a merchant allows, as data, and the codes that say why something is not automatic."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from reconciliation.matching.columns import Bools, Ints, ints

# Reasons not to settle without a person, in the order in which they are shown.
AMOUNT = "amount"  # the amounts are not equal
UNPROVEN = "unproven"  # neither six digits of the reference nor the payer's document agree
SCORE = "score"  # too little evidence
CHANCE = "chance"  # so many lines of this amount that such an agreement may be chance
AMBIGUOUS_LINE = "margin_transfer"  # another line fits this transfer nearly as well
AMBIGUOUS_TRANSFER = "margin_line"  # another transfer fits this line nearly as well
TAKEN = "taken"  # the line belongs rather to another transfer, or this transfer to another line
FLAGGED = "flagged"  # a duplicate flag is up
LIMIT = "limit"  # above the merchant's limit
CLOSED = "closed"  # the line's day, or today, lies in a closed period
PART = "part"  # part of the line is used already
CROWDED = "crowded"  # more candidates than were looked at
NOT_UNIQUE = "not_unique"  # several sets of the same customer add up
CUSTOMERS = "customers"  # reports of several customers, for whom one payer pays
ORDER = (
    AMOUNT, UNPROVEN, SCORE, CHANCE, AMBIGUOUS_LINE, AMBIGUOUS_TRANSFER, TAKEN, NOT_UNIQUE, FLAGGED, LIMIT, CLOSED, PART, CROWDED,
    CUSTOMERS,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How far a line may lie from the transfer for a named reason. `method` 0 is any. Only as evidence: never automatic.

    `less` and `more` are the greatest differences in units of money, `less_per_mille` and `more_per_mille` of the transfer.
    """

    account: int
    method: int = 0
    less: int = 0
    more: int = 0
    less_per_mille: int = 0
    more_per_mille: int = 0
    reason: str = "bank_fee"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`limit`: greatest automatic amount by account (units of money; an account without one has no limit).

    `resting`: ordinals of days without business. `closed`: closed periods as (first day, last day), both closed.
    """

    decimals: int = 4
    resting: frozenset[int] = frozenset()
    closed: tuple[tuple[int, int], ...] = ()
    limit: dict[int, int] = field(default_factory=dict)
    tolerances: tuple[Tolerance, ...] = ()

    def resting_days(self) -> Ints:
        """`resting` as a column."""
        return ints(sorted(self.resting))

    def is_closed(self, day: Ints) -> Bools:
        """Which days lie in a closed period."""
        found = np.zeros(len(day), dtype=np.bool_)
        for first, last in self.closed:
            found |= (day >= first) & (day <= last)
        return found
