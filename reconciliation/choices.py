"""What a person decided about a report, as plain values: made by a form, stored while a second signature is awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reconciliation.models import Settlement
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class MatchChoice:
    """This line is that transfer. `amount` in the line's currency; None takes what is free on the line.

    When one line is chosen for several transfers of the report, None takes at most what each declares.
    """

    transfer_id: int
    line_id: int
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class AdjustmentChoice:
    """A named difference. Without `line_id` it adds `amount` (report's currency) to what the customer paid, as a fee that the
    bank kept; with `line_id` it takes `amount` (line's currency) of that line away from the customer, as a rounding.
    """

    kind: str
    amount: Decimal
    note: str
    line_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "amount": str(self.amount), "note": self.note, "line_id": self.line_id}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> AdjustmentChoice:
        return cls(kind=row["kind"], amount=Decimal(row["amount"]), note=row["note"], line_id=row["line_id"])


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a decision. `kind`: `verified`, `partly_settled` (other transfers are undecided), `awaiting_approval`,
    `reversed` or `reversal_requested`. `why_approval` is as `settlement.why_approval` says; `sentences` are for people.
    """

    kind: str
    ticket: Ticket
    settlements: Sequence[Settlement] = ()
    why_approval: Sequence[str] = ()
    sentences: Sequence[str] = field(default=())
