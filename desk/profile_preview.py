"""What a sample file becomes with a profile, told for the page: its rows as they stand, and each as it would be brought in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.models import ReceivingAccount
from desk.samples import Sample, content_of
from reconciliation.import_words import problem_in_words, rejection_of_file, rejection_of_row
from reconciliation.profile_words import COLUMN_NAMES
from reconciliation.statements import border
from reconciliation.statements.preview import PreviewRow
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Row, Statement

MOST_ROWS = 20
MOST_RAW = 8
MOST_CELLS = 40
ROLES = {
    "skipped": gettext_lazy("skipped"),
    "header": gettext_lazy("names of the columns"),
    "footer": gettext_lazy("end, skipped"),
    "balance": gettext_lazy("balance"),
    "ignored": gettext_lazy("no movement"),
}


@dataclass(frozen=True, kw_only=True)
class LookRow:
    """One row: the movement it becomes (`made`), or why it becomes none (`reason`), or what else it is (`role`)."""

    number: int
    made: Row | None = None
    reason: str = ""
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A file under a profile. With a `refusal` nothing else is known but, where the file has cells, how it stands (`raw`).

    `heads` are above its cells: numbers as a profile counts them, or what a row of fixed width is cut into.
    """

    refusal: str = ""
    rows: Sequence[LookRow] = field(default=())
    raw: Sequence[tuple[int, list[str]]] = field(default=())
    heads: Sequence[object] = field(default=())
    read: int = 0
    rejected: int = 0
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    credits: Decimal = Decimal(0)
    debits: Decimal = Decimal(0)
    opening: Decimal | None = None
    closing: Decimal | None = None
    problems: Sequence[str] = field(default=())

    @property
    def has_balance(self) -> bool:
        return any(row.made is not None and row.made.balance is not None for row in self.rows)


def look_at(sample: Sample, profile: Profile, account: ReceivingAccount) -> Look:
    """Read the sample in the limited child and tell what came of it. A file that cannot be read is a look too."""
    content = content_of(sample)
    if content is None:
        return Look(refusal=_("The file to try is no longer kept. Choose it again."))
    found = border.preview(content, profile, currency=account.currency, account_number=account.number, most=MOST_ROWS)
    raw = [(row.number, list(row.cells[:MOST_CELLS])) for row in found.rows[:MOST_RAW]]
    if found.refusal is not None:
        refusal = rejection_of_file(found.refusal.code, found.refusal.detail, found.refusal.line)
        return Look(refusal=refusal, raw=raw, heads=_numbers(raw))
    rows = [_row(each) for each in found.rows]
    heads = [COLUMN_NAMES[name] for name in profile.columns] if profile.format == "fixed" else _numbers(raw)
    return Look(rows=rows, raw=raw, heads=heads, **(_of_statement(found.statement, account) if found.statement else {}))


def _numbers(raw: Sequence[tuple[int, list[str]]]) -> range:
    return range(1, max((len(cells) for _number, cells in raw), default=0) + 1)


def _of_statement(statement: Statement, account: ReceivingAccount) -> dict[str, Any]:
    amounts = [row.amount for row in statement.rows]
    days = [row.booked_on for row in statement.rows]
    return {
        "read": len(statement.rows),
        "rejected": len(statement.rejected),
        "first_day": statement.first_day or min(days, default=None),
        "last_day": statement.last_day or max(days, default=None),
        "credits": sum((amount for amount in amounts if amount > 0), Decimal(0)),
        "debits": -sum((amount for amount in amounts if amount < 0), Decimal(0)),
        "opening": statement.opening,
        "closing": statement.closing,
        "problems": [
            problem_in_words(
                {"code": each.code, "expected": each.expected, "found": each.found, "line": each.line}, account.currency
            )
            for each in statement.problems
        ],
    }


def _row(seen: PreviewRow) -> LookRow:
    if seen.row is not None:
        return LookRow(number=seen.number, made=seen.row)
    if seen.role == "rejected":
        said = rejection_of_row({"line": seen.number, "code": seen.code, "column": seen.column})
        return LookRow(number=seen.number, reason=said)
    return LookRow(number=seen.number, role=str(ROLES.get(seen.role, seen.role)))
