"""What a file says as a whole, beside what its rows come to and what was imported before: for the preview, and to hold it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from banking.models import ReceivingAccount
from reconciliation.models import StatementImport
from reconciliation.statements.rows import Problem, Row, Statement


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """An earlier import of the account: its period and the balance it ended with."""

    pk: int
    first_day: dt.date
    last_day: dt.date
    closing: Decimal | None


def period_of(statement: Statement) -> tuple[dt.date | None, dt.date | None]:
    """The days that a file covers: the period that it names and every day of its rows."""
    days = [row.booked_on for row in statement.rows]
    days += [day for day in (statement.first_day, statement.last_day) if day is not None]
    return (min(days), max(days)) if days else (None, None)


def neighbours_of(account: ReceivingAccount, first: dt.date, last: dt.date) -> tuple[Neighbour | None, list[Neighbour]]:
    """The last import that ended before these days, and those that share some of them. Two queries."""
    done = StatementImport.objects.filter(account=account, state=StatementImport.State.DONE, first_day__isnull=False)
    columns = ("pk", "first_day", "last_day", "closing")
    before = done.filter(last_day__lt=first).order_by("-last_day", "-pk").values(*columns).first()
    shared = done.filter(first_day__lte=last, last_day__gte=first).order_by("first_day", "pk").values(*columns)[:50]
    return (Neighbour(**before) if before else None), [Neighbour(**each) for each in shared]


def facts_of(
    statement: Statement, known: int, before: Neighbour | None, shared: Sequence[Neighbour]
) -> tuple[dict[str, Any], list[Problem]]:
    """Facts as they are stored with an import (texts for dates and amounts), and the problems that only the account can tell."""
    credits = [row.amount for row in statement.rows if row.amount > 0]
    debits = [row.amount for row in statement.rows if row.amount < 0]
    facts: dict[str, Any] = {
        "credits": [len(credits), str(sum(credits, Decimal(0)))],
        "debits": [len(debits), str(sum(debits, Decimal(0)))],
        "twins": _twins(statement.rows),
        "sample": _sample(statement.rows),
    }
    first, last = period_of(statement)
    problems = []
    if shared and first and last:
        start, end = max(first, min(each.first_day for each in shared)), min(last, max(each.last_day for each in shared))
        facts["overlap"] = {
            "from": start.isoformat(),
            "to": end.isoformat(),
            "known_from": min(each.first_day for each in shared).isoformat(),
            "known_to": max(each.last_day for each in shared).isoformat(),
            "lines": known,
        }
    elif before and first:
        facts["previous"] = {"from": before.first_day.isoformat(), "to": before.last_day.isoformat(), "id": before.pk}
        said, problem = joined(before, first, statement.opening)
        facts |= said
        problems += [problem] if problem else []
    return facts, problems


def joined(before: Neighbour, first: dt.date, opening: Decimal | None) -> tuple[dict[str, Any], Problem | None]:
    """How a file that begins on `first` with `opening` goes on from the one before it: `follows`, `gap`, or a contradiction."""
    if before.closing is not None and opening is not None:
        if before.closing == opening:
            return {"follows": True}, None
        return {}, Problem(code="continuity", expected=f"{before.closing:f}", found=f"{opening:f}")
    if _working_days_between(before.last_day, first):
        day = dt.timedelta(days=1)
        return {"gap": {"from": (before.last_day + day).isoformat(), "to": (first - day).isoformat()}}, None
    return {}, None


def _twins(rows: Sequence[Row]) -> list[int]:
    """How many sets of rows agree in date, amount and reference, and how many rows these are together."""
    sets = [count for count in Counter((row.booked_on, row.amount, row.reference) for row in rows).values() if count > 1]
    return [len(sets), sum(sets)]


def _sample(rows: Sequence[Row]) -> dict[str, Any]:
    """One row as it was read, from the middle of the file, to show how each column was understood."""
    if not rows:
        return {}
    row = rows[len(rows) // 2]
    shown = ("reference", "text", "payer_name", "payer_id", "origin_bank", "unique_id")
    return {
        "number": row.number,
        "booked_on": row.booked_on.isoformat(),
        "amount": str(row.amount),
        "balance": None if row.balance is None else str(row.balance),
        **{name: getattr(row, name)[:200].replace("\x00", "") for name in shown},
    }


def _working_days_between(last: dt.date, first: dt.date) -> int:
    """Days from Monday to Friday strictly between two days."""
    days = (first - last).days
    return sum((last + dt.timedelta(days=ahead)).weekday() < 5 for ahead in range(1, min(days, 400)))
