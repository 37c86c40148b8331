"""The lines between the bank's balance and the books': each with how much of it is unexplained, and what became of it since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reconciliation.books.balances import LINES, AccountBalance, rows_of
from reconciliation.books.days import DAYS, NOW
from reconciliation.models import RejectedLine, StatementImport
from reconciliation.words import rejection_of_row

PAGE_SIZE = 50


class Part(TextChoices):
    """The named parts of a difference."""

    DEPOSITS = "deposits", gettext_lazy("Deposits not booked yet")
    DEBITS = "debits", gettext_lazy("Debits that nothing explains")
    BY_HAND = "by_hand", gettext_lazy("Used, but not in a file of the bank yet")
    UNREAD = "unread", gettext_lazy("Rows that could not be read, and gaps")


WHERE = {
    Part.DEPOSITS: "is_of_the_bank AND amount > 0 AND amount <> told",
    Part.DEBITS: "is_of_the_bank AND amount < 0 AND amount <> told",
    Part.BY_HAND: "NOT is_of_the_bank AND told <> 0",
}
COUNTED = {Part.DEPOSITS: "count_in", Part.DEBITS: "count_out", Part.BY_HAND: "count_by_hand"}

# Of an earlier day every line is asked for what was told of it by then.
THEN = f"""
    WITH line AS ({LINES}), skipped AS (SELECT 0 AS lines)
"""
# As things stand now the days say where the page begins and ends, and the lines of these days alone are read.
NOW_BY_DAYS = f"""
    WITH counted AS (
        SELECT merchant_id, account_id, booked_on, {{count}} AS lines, sum({{count}}) OVER (ORDER BY booked_on) AS until
          FROM ({DAYS}) each WHERE account_id = %(account)s AND booked_on <= %(day)s AND {{count}} > 0),
    day AS (SELECT * FROM counted WHERE until > %(skip)s AND until - lines < %(skip)s + {PAGE_SIZE}),
    skipped AS (SELECT COALESCE(min(until - lines), 0) AS lines FROM day),
    line AS ({NOW})
"""  # noqa: S608 - made of constants of ours; values are parameters


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the explanation. `open` is signed as the difference: what the bank has more than the books."""

    line_id: int
    booked_on: dt.date
    amount: Decimal
    open: Decimal
    reference: str
    text: str
    payer: str
    settled_on: dt.date | None  # booked after the day that was asked about
    ticket: str
    customer: str


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that the bank's file holds and nobody could read: no line, a named difference."""

    import_id: int
    file_name: str
    sentence: str
    raw: str


def items_of(balance: AccountBalance, part: Part, page: int = 1) -> Sequence[Item]:
    """Lines of one part, the oldest first, PAGE_SIZE a page. One query; none for what could not be read."""
    if part not in WHERE:
        return []
    lines = NOW_BY_DAYS.format(count=COUNTED[part]) if balance.is_now else THEN
    sql = f"""{lines}
        SELECT line.id AS line_id, line.booked_on, line.amount,
               CASE WHEN line.is_of_the_bank THEN line.amount - line.told ELSE -line.told END AS open,
               l.reference_raw AS reference, l.text, l.payer_name AS payer, since.settled_on,
               COALESCE(k.number, '') AS ticket, COALESCE(c.name, '') AS customer
          FROM (SELECT * FROM line WHERE account_id = %(account)s AND {WHERE[part]}
                 ORDER BY booked_on, id LIMIT {PAGE_SIZE} OFFSET %(skip)s - (SELECT lines FROM skipped)) line
          JOIN reconciliation_statementline l ON l.id = line.id
          LEFT JOIN LATERAL (
            SELECT max(e.booked_on) FILTER (WHERE e.booked_on > %(day)s) AS settled_on, max(s.ticket_id) AS ticket_id
              FROM reconciliation_ledgerentry e JOIN reconciliation_settlement s ON s.id = e.settlement_id
             WHERE line.id IN (e.source_line_id, e.target_line_id) AND e.reverses_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM reconciliation_ledgerentry x WHERE x.reverses_id = e.id)) since ON true
          LEFT JOIN tickets_ticket k ON k.id = since.ticket_id
          LEFT JOIN accounts_customer c ON c.id = k.customer_id
         ORDER BY line.booked_on, line.id"""  # noqa: S608 - made of constants of ours; values are parameters
    params: dict[str, Any] = {"merchant": balance.account.merchant_id, "day": balance.day, "account": balance.account.pk}
    return [Item(**row) for row in rows_of(sql, {**params, "skip": (max(page, 1) - 1) * PAGE_SIZE})]


def rejected_of(balance: AccountBalance, most: int = PAGE_SIZE) -> Sequence[Rejected]:
    """Rows of this account's files that are no line yet and that nobody decided, the newest files first. One query."""
    rows = (
        RejectedLine.objects.filter(
            statement_import__account=balance.account, statement_import__state=StatementImport.State.DONE, outcome=""
        )
        .select_related("statement_import")
        .order_by("-statement_import_id", "number")
    )
    return [
        Rejected(import_id=row.statement_import_id, file_name=row.statement_import.file_name, sentence=_why(row), raw=row.raw)
        for row in rows[:most]
    ]


def _why(row: RejectedLine) -> str:
    stored = {"line": row.number, "code": row.code, "column": row.column, "date": row.values.get("booked_on", "")}
    try:
        return rejection_of_row(stored)
    except (KeyError, ValueError):
        return _("Row %(line)d could not be read.") % {"line": row.number}
