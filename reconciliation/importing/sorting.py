"""What each row of a file is to the account: new, known, a line by hand that the bank confirms, or a question to a person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from banking.models import ReceivingAccount
from reconciliation.adoption import LONGEST_CLOSED, adopt
from reconciliation.closed import closed_until
from reconciliation.importing.days import DayRow, doubtful_rows, role_of
from reconciliation.importing.staging import CONFIRMING, HELD, Staged, counts_by_fate, set_fate
from reconciliation.models import StatementImport

# What earlier files brought: as lines, and as confirmations of lines that were typed, whose own day may be another one.
KNOWN_LINES = """
UPDATE incoming i SET fate = 'known' WHERE EXISTS (
    SELECT 1 FROM reconciliation_statementline l
     WHERE l.account_id = %(account)s AND l.booked_on = i.booked_on AND l.identity = i.identity AND l.ordinal = i.ordinal)
"""
KNOWN_CONFIRMATIONS = """
UPDATE incoming i SET fate = 'known' WHERE EXISTS (
    SELECT 1 FROM reconciliation_lineconfirmation c
     WHERE c.account_id = %(account)s AND c.identity = i.identity AND c.ordinal = i.ordinal)
"""
KNOWN_OF_DAYS = """
SELECT l.booked_on, COALESCE(c.identity, l.identity), count(*), min(l.id) FROM reconciliation_statementline l
  LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = l.id
 WHERE l.account_id = %(account)s AND l.booked_on = ANY(%(days)s) AND (l.source = 'import' OR c.line_id IS NOT NULL)
 GROUP BY 1, 2
"""
# The same movement printed otherwise: same day, amount and reference, from a file, and not among the rows of this one. Two
# running balances that differ tell two movements apart.
PRINTED_OTHERWISE = """
SELECT i.position, min(l.id) FROM incoming i
  JOIN reconciliation_statementline l ON l.account_id = %(account)s AND l.amount = i.amount AND l.booked_on = i.booked_on
   AND l.reference = i.reference AND l.source = 'import'
 WHERE i.fate = 'new' AND i.reference <> '' AND (l.balance_after = i.balance OR l.balance_after IS NULL OR i.balance IS NULL)
   AND NOT EXISTS (SELECT 1 FROM incoming j WHERE j.identity = l.identity AND j.ordinal = l.ordinal)
 GROUP BY i.position
"""
# Rows that lines typed by hand may be: `adoption` decides which.
NEAR_HAND_LINES = """
SELECT i.position FROM incoming i WHERE i.fate = 'new' AND EXISTS (
    SELECT 1 FROM reconciliation_statementline l LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = l.id
     WHERE l.account_id = %(account)s AND l.source = 'manual' AND c.line_id IS NULL AND l.amount = i.amount
       AND l.booked_on BETWEEN i.booked_on - %(days)s AND i.booked_on + %(days)s)
"""

Period = tuple[dt.date | None, dt.date | None]


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """A row that a person decides. `code`: `held` (like a line by hand), `twin`, `printed_otherwise`, `closed`."""

    staged: Staged
    code: str
    like_line_id: int | None = None
    day: dt.date | None = None


@dataclass(kw_only=True)
class Sorted:
    """How the rows of a file fell out. `confirming` holds each row with the line by hand that it is."""

    new: int = 0
    known: int = 0
    confirming: list[tuple[Staged, int]] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)


def sort_incoming(account: ReceivingAccount, rows: Sequence[Staged], *, period: Period, is_same_file: bool) -> Sorted:
    """Give every staged row its fate. Inside a transaction; the caller holds the account where the answer must last.

    `period`: the days that the file covers. `is_same_file`: these very bytes were imported before, so nothing of them can be
    doubtful.
    """
    params = {"account": account.pk, "days": LONGEST_CLOSED.days}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_LINES, params)
        cursor.execute(KNOWN_CONFIRMATIONS, params)
        found = Sorted()
    if not is_same_file:
        _hold(found, _doubtful_twins(account, rows, period))
        with connection.cursor() as cursor:
            cursor.execute(PRINTED_OTHERWISE, params)
            alike = cursor.fetchall()
        _hold(found, [HeldRow(staged=rows[at], code="printed_otherwise", like_line_id=line) for at, line in alike])
    _adopt(account, found, rows, params)
    _hold_closed(account, found, rows)
    counts = counts_by_fate()
    found.new = counts["new"]
    found.known = counts["known"] + counts[CONFIRMING]
    return found


def _hold(found: Sorted, held: list[HeldRow]) -> None:
    found.held += held
    set_fate([each.staged.position for each in held], HELD)


def _doubtful_twins(account: ReceivingAccount, rows: Sequence[Staged], period: Period) -> list[HeldRow]:
    """Rows at the file's two ends that may be known, or twins of what is known. Two queries."""
    if not rows:
        return []
    days = [staged.row.booked_on for staged in rows]
    first, last = min(days), max(days)
    known: dict[dt.date, dict[str, int]] = defaultdict(dict)
    lines: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_OF_DAYS, {"account": account.pk, "days": [first, last]})
        for day, identity, count, line_id in cursor.fetchall():
            known[day][identity] = count
            lines[identity] = line_id
    if not known:
        return []
    files = StatementImport.objects.filter(
        account=account, state=StatementImport.State.DONE, first_day__lte=last, last_day__gte=first
    ).values_list("first_day", "last_day")
    spans = [(since, until) for since, until in files if since and until]
    held = []
    for day in sorted({first, last}):
        of_day = [staged for staged in rows if staged.row.booked_on == day]
        doubtful = doubtful_rows(
            [DayRow(position=staged.position, identity=staged.identity) for staged in of_day],
            known[day],
            role=role_of(day, *period),
            known_roles=[role_of(day, since, until) for since, until in spans if since <= day <= until],
            is_ascending=days[0] <= days[-1],
        )
        held += [
            HeldRow(staged=rows[each.position], code="twin", like_line_id=lines[each.identity], day=day)
            for each in doubtful
            if not rows[each.position].is_certain
        ]
    return held


def _adopt(account: ReceivingAccount, found: Sorted, rows: Sequence[Staged], params: dict[str, int]) -> None:
    """Lines typed by hand that the file brings: certain ones are confirmed, likely ones held."""
    with connection.cursor() as cursor:
        cursor.execute(NEAR_HAND_LINES, params)
        near = [rows[at] for at in sorted(at for (at,) in cursor.fetchall())]
    if not near:
        return
    by_key = {(staged.identity, staged.ordinal): staged for staged in near}
    adopted, likely, _fresh = adopt(account, [(staged.row, staged.ordinal) for staged in near])
    found.confirming = [(by_key[row.identity, ordinal], hand.pk) for (row, ordinal), hand in adopted]
    set_fate([staged.position for staged, _hand in found.confirming], CONFIRMING)
    held = [(by_key[row.identity, ordinal], hand) for (row, ordinal), hand in likely]
    _hold(found, [HeldRow(staged=staged, code="held", like_line_id=hand.pk, day=hand.booked_on) for staged, hand in held])


def _hold_closed(account: ReceivingAccount, found: Sorted, rows: Sequence[Staged]) -> None:
    """New rows of a closed month wait until somebody has opened it again, or decides that they are known."""
    until = closed_until(account.merchant_id)
    if until is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM incoming WHERE fate = 'new' AND booked_on <= %s ORDER BY position", [until])
        waiting = [rows[at] for (at,) in cursor.fetchall()]
    _hold(found, [HeldRow(staged=staged, code="closed", day=until) for staged in waiting])
