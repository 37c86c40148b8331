"""What the matching reads: transfers, lines and candidate pairs as columns, row i of every column being one of them.

Money is in whole units of 10^-`Policy.decimals` of the account's currency (the database's numeric(20, 4) times 10,000), days are
`date.toordinal()`. Text is as it is stored: normal references, raw documents, blank for unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Words: TypeAlias = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Transfers:
    """Declared transfers without their money, each once. `group` is the customer, or the customers who share a payer: minus the
    payer group's key, which no customer's key can be. `customer` is whose report it is (the group, where nobody says).

    `flagged`: somebody else's report, or an earlier one, names the same reference or shows the same picture; or the customer
    had been told of a free deposit into that account.
    `payer_names` are all names the payer may have (sender, payer of the report, customer), blank ones left out.
    `zeros`: how many zeros stood before the normal reference as it was typed (none where nobody counted).
    """

    id: Ints
    group: Ints
    account: Ints
    method: Ints
    amount: Ints
    day: Ints
    reference: Words
    bank_code: Words
    payer_id: Words
    payer_names: Sequence[tuple[str, ...]]
    flagged: Bools
    zeros: Ints = field(default_factory=lambda: ints([]))
    customer: Ints = field(default_factory=lambda: ints([]))

    def __post_init__(self) -> None:
        if not len(self.zeros):
            object.__setattr__(self, "zeros", np.zeros(len(self.id), dtype=np.int64))
        if not len(self.customer):
            object.__setattr__(self, "customer", self.group)

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Deposits that can still be used. `amount` as booked, `free` what is left of it.

    `seen`: how many lines of this account and amount were booked from 15 days before to 14 days after it (itself too).
    `zeros`: how many zeros stand before the normal reference as the bank prints it (none where nobody counted).
    """

    id: Ints
    account: Ints
    amount: Ints
    free: Ints
    day: Ints
    seen: Ints
    reference: Words
    text: Words
    bank_code: Words
    payer_id: Words
    payer_name: Words
    zeros: Ints = field(default_factory=lambda: ints([]))

    def __post_init__(self) -> None:
        if not len(self.zeros):
            object.__setattr__(self, "zeros", np.zeros(len(self.id), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Candidates by position: `transfer[i]` and `line[i]` index the columns. Pairs of two accounts are no candidates.

    `crowded`: positions of transfers for which a strict key (reference, document) gave more lines than were kept.
    """

    transfer: Ints
    line: Ints
    crowded: Ints

    def __len__(self) -> int:
        return len(self.transfer)


def ints(values: Any) -> Ints:
    """A column of whole numbers."""
    return np.asarray(values, dtype=np.int64)


def seen_in_thirty_days(account: Ints, amount: Ints, day: Ints, among: Sequence[Ints] = ()) -> Ints:
    """`Lines.seen` of lines, counted `among` all lines of the accounts, used ones too: their accounts, amounts and days, and how
    many lines each stands for. Without it, among the lines themselves.
    """
    accounts, amounts, days, count = among or (account, amount, day, np.ones(len(day), dtype=np.int64))
    if not (len(day) and len(days)):
        return np.zeros(len(day), dtype=np.int64)
    known_accounts, known_amounts = np.unique(accounts), np.unique(amounts)
    first, last = min(int(day.min()), int(days.min())), max(int(day.max()), int(days.max()))

    def place(account: Ints, amount: Ints, day: Ints) -> Ints:
        kind = np.searchsorted(known_accounts, account) * len(known_amounts) + np.searchsorted(known_amounts, amount)
        return ints(kind * (last - first + 64) + (day - first + 32))

    theirs, own = place(accounts, amounts, days), place(account, amount, day)
    order = np.argsort(theirs, kind="stable")
    theirs, total = theirs[order], np.concatenate([ints([0]), np.cumsum(count[order])])
    return ints(total[np.searchsorted(theirs, own + 14, side="right")] - total[np.searchsorted(theirs, own - 15, side="left")])


class BusinessDays:
    """How many business days lie between two days: after the first (negative: before); a closed day counts as the next open one.

    `resting`: ordinals of all days without business (week-ends too) between `first` and `last`.
    """

    def __init__(self, first: int, last: int, resting: Ints) -> None:
        works = np.ones(last - first + 1, dtype=np.int64)
        works[resting[(resting >= first) & (resting <= last)] - first] = 0
        self._first = first
        self._count = ints(np.cumsum(works))
        self._plain: list[int] = self._count.tolist()

    def apart(self, start: Ints, end: Ints) -> Ints:
        """For columns of days."""
        low, high = np.minimum(start, end) - self._first, np.maximum(start, end) - self._first
        days = np.maximum(self._count[high] - self._count[low], (high > low).astype(np.int64))
        return ints(np.where(end < start, -days, days))

    def apart_one(self, start: int, end: int) -> int:
        """For one pair of days."""
        low, high = sorted((start, end))
        days = max(self._plain[high - self._first] - self._plain[low - self._first], int(high > low))
        return -days if end < start else days


def business_days(transfers: Transfers, lines: Lines, resting: Ints) -> BusinessDays:
    """The calendar that covers all days of both sides."""
    days = np.concatenate([transfers.day, lines.day])
    return BusinessDays(int(days.min()), int(days.max()), resting) if len(days) else BusinessDays(0, 0, resting)


def take_transfers(rows: Transfers, order: Ints) -> Transfers:
    """The transfers at these positions, in this order."""
    return Transfers(**{each.name: _take(getattr(rows, each.name), order) for each in fields(rows)})


def take_lines(rows: Lines, order: Ints) -> Lines:
    """The lines at these positions, in this order."""
    return Lines(**{each.name: _take(getattr(rows, each.name), order) for each in fields(rows)})


def digest_of(*columns: Transfers | Lines | Pairs) -> str:
    """SHA-256 over everything in the given order: equal digests and equal rules give equal results."""
    total = hashlib.sha256()
    for rows in columns:
        for each in fields(rows):
            column = getattr(rows, each.name)
            total.update(each.name.encode())
            total.update(column.tobytes() if isinstance(column, np.ndarray) else repr(list(column)).encode())
    return total.hexdigest()


def _take(column: Any, order: Ints) -> Any:
    return column[order] if isinstance(column, np.ndarray) else [column[place] for place in order.tolist()]
