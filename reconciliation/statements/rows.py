"""What every layout gives: rows that were read, and rows that were not with the reason."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


class StatementRejected(ValueError):
    """The file as a whole cannot be read. `code`: `empty`, `too_large`, `encoding`, `header`, `too_many`, `binary`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Row:
    """One movement as the bank wrote it. `amount` is signed (credits positive), never zero; `balance` is printed after it."""

    number: int
    booked_on: dt.date
    amount: Decimal
    reference: str = ""
    text: str = ""
    payer_name: str = ""
    payer_id: str = ""
    origin_bank: str = ""
    balance: Decimal | None = None

    @property
    def identity(self) -> str:
        """Digest of what makes the movement itself. A running balance, where there is one, tells twins apart."""
        parts = (self.booked_on.isoformat(), f"{self.amount:.4f}", self.reference, self.text, self.payer_name, self.payer_id)
        balance = "" if self.balance is None else f"{self.balance:.4f}"
        return hashlib.sha256("\x1f".join(("file", *parts, self.origin_bank, balance)).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row that could not be read: its number in the file, why, in which column, and what stood there."""

    number: int
    code: str
    column: str = ""
    raw: str = ""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A file that was read. Rows and rejected rows together are the rows of the file."""

    rows: Sequence[Row]
    rejected: Sequence[RejectedRow] = field(default=())

    def with_ordinals(self) -> list[tuple[Row, int]]:
        """Each row with its number among equal ones in this file: genuine twins stay two, a second import adds none."""
        seen: Counter[str] = Counter()
        numbered = []
        for row in self.rows:
            identity = row.identity
            numbered.append((row, seen[identity]))
            seen[identity] += 1
        return numbered
