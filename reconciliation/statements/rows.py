"""What every layout gives: rows that were read, rows that were not with the reason, and what the file says of itself."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

# Why a file as a whole is no statement. `words` of the room above says each in a sentence.
REFUSALS = (
    "empty", "too_large", "too_many", "encoding", "binary", "header", "heading", "heading_twice", "html", "format", "no_rows",
    "several_accounts", "other_account", "other_currency", "truncated", "bomb", "doctype", "timeout",
)  # fmt: skip
# Why one row is not a movement. The good rows beside it are read all the same.
ROW_REFUSALS = (
    "columns", "date", "date_unlikely", "amount", "too_fine", "zero", "too_large", "sign", "balance", "too_long", "encoding",
    "quotes", "currency", "repeated_header", "truncated", "pending", "format",
)  # fmt: skip


class StatementRejected(ValueError):
    """The file as a whole cannot be read. `code` is one of `REFUSALS`, `line` where it was seen (0: nowhere in particular).

    `detail` is what stood there, or what was missed: words of the file, never a sentence.
    """

    def __init__(self, code: str, detail: str = "", line: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:200]
        self.line = line


class Row(NamedTuple):
    """One movement as the bank wrote it. `amount` is signed (credits positive), never zero; `balance` is printed after it.

    `number` is the line in the file. `unique_id` is the bank's own, where it gives one that is never used twice.
    """

    number: int
    booked_on: dt.date
    amount: Decimal
    reference: str = ""
    text: str = ""
    payer_name: str = ""
    payer_id: str = ""
    origin_bank: str = ""
    balance: Decimal | None = None
    unique_id: str = ""

    @property
    def identity(self) -> str:
        """Digest of what makes the movement itself, the same in every file that holds it.

        The bank's unique id decides where there is one; date and amount stand beside it, since banks have been seen to use an
        id again. Else all that was printed, and a running balance, where there is one, tells twins apart.
        """
        day, amount = self.booked_on.isoformat(), f"{self.amount:.4f}"
        if self.unique_id:
            said = f"id\x1f{self.unique_id}\x1f{day}\x1f{amount}"
        else:
            balance = "" if self.balance is None else f"{self.balance:.4f}"
            said = (
                f"file\x1f{day}\x1f{amount}\x1f{self.reference}\x1f{self.text}\x1f{self.payer_name}\x1f{self.payer_id}"
                f"\x1f{self.origin_bank}\x1f{balance}"
            )
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """A row that could not be read: its number in the file, why (`ROW_REFUSALS`), in which column, and what stood there."""

    number: int
    code: str
    column: str = ""
    raw: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """The file contradicts itself, and a person has to look before its lines count. It never keeps a line from being read.

    `code`: `totals` (opening + movements ≠ closing), `chain` (the running balance, or the next page's opening, does not follow
    at `line`), `count`, `sum_debits`, `sum_credits` (the trailer says otherwise). `expected` is what the file says, `found` what
    its rows come to: plain numbers with a point.
    """

    code: str
    expected: str = ""
    found: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A file that was read. Rows and rejected rows together are the rows of the file, balance rows aside.

    `opening` and `closing` are what the file prints, or what a running balance comes to. `first_day` and `last_day` are the
    period that the file names, else that of its rows. `account` and `currency` are as printed, blank when they are not.
    """

    rows: Sequence[Row]
    rejected: Sequence[RejectedRow] = field(default=())
    opening: Decimal | None = None
    closing: Decimal | None = None
    account: str = ""
    currency: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    problems: Sequence[Problem] = field(default=())

    def with_ordinals(self) -> list[tuple[Row, str, int]]:
        """Each row, its identity, its number among equal ones in this file: genuine twins stay two, a second import adds none."""
        seen: dict[str, int] = {}
        numbered = []
        for row in self.rows:
            identity = row.identity
            ordinal = seen.get(identity, 0)
            seen[identity] = ordinal + 1
            numbered.append((row, identity, ordinal))
        return numbered
