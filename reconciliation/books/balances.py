"""The bank's balance against the books' balance of each account at the end of a day, with what explains the difference.

The bank's balance is what its files say: the opening balance, and every movement of a file (or of the cash desk) until that
day; where a file printed a closing balance, that one counts. The books' balance is the opening balance and what the ledger
had explained by the end of that day: settled deposits, refunds, deposits that the bank took back with the debits that did,
movements that were set aside with a reason. What is between
the two is listed line by line, and the sum of the list is the difference, always.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Merchant
from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from orders.dates import today_at
from reconciliation.books.days import DAYS, SUMS

ZERO = Decimal(0)

# One row a line until the day: what was explained of it by then (`told`), and whether the bank's own files hold it.
# A line set aside is explained whole, and so are a deposit that the bank took back and the debit that did. `told` is signed as
# the line is.
LINES = """
    SELECT l.id, l.account_id, l.booked_on, l.amount, l.source, l.statement_import_id,
           (l.source <> 'manual' OR c.line_id IS NOT NULL) AS is_of_the_bank,
           CASE WHEN g.line_id IS NOT NULL OR p.line_id IS NOT NULL THEN l.amount
                ELSE sign(l.amount) * COALESCE(e.sum, 0) END AS told
      FROM reconciliation_statementline l
      LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = l.id
      LEFT JOIN reconciliation_ignoredline g ON g.line_id = l.id AND g.taken_back_at IS NULL
      LEFT JOIN (
        SELECT unnest(ARRAY[debit_line_id, deposit_line_id]) AS line_id FROM reconciliation_returneddeposit
         WHERE merchant_id = %(merchant)s AND effective_on <= %(day)s AND (undone_on IS NULL OR undone_on > %(day)s)
         GROUP BY 1) p ON p.line_id = l.id
      LEFT JOIN (
        SELECT line_id, sum(amount) AS sum FROM (
          SELECT source_line_id AS line_id, CASE WHEN reverses_id IS NULL THEN source_amount ELSE -source_amount END AS amount
            FROM reconciliation_ledgerentry
           WHERE merchant_id = %(merchant)s AND booked_on <= %(day)s AND source_line_id IS NOT NULL
          UNION ALL
          SELECT target_line_id, CASE WHEN reverses_id IS NULL THEN target_amount ELSE -target_amount END
            FROM reconciliation_ledgerentry
           WHERE merchant_id = %(merchant)s AND booked_on <= %(day)s AND target_line_id IS NOT NULL) ends
        GROUP BY line_id) e ON e.line_id = l.id
     WHERE l.merchant_id = %(merchant)s AND l.booked_on <= %(day)s
"""

TOTALS = f"""
    WITH line AS ({LINES})
    SELECT account_id, {SUMS},
           max(booked_on) FILTER (WHERE source = 'import') AS last_day
      FROM line GROUP BY account_id
"""  # noqa: S608 - made of constants of ours; values are parameters
# The same as things stand now: no entry is booked after today.
TOTALS_NOW = f"""
    SELECT account_id, sum(lines) AS lines, sum(moved) AS moved, sum(told) AS told, sum(free_in) AS free_in,
           sum(count_in) AS count_in, sum(free_out) AS free_out, sum(count_out) AS count_out, sum(by_hand) AS by_hand,
           sum(count_by_hand) AS count_by_hand, max(booked_on) FILTER (WHERE imported > 0) AS last_day
      FROM ({DAYS}) each WHERE booked_on <= %(day)s GROUP BY account_id
"""  # noqa: S608 - made of constants of ours; values are parameters

# The lines with a balance of an account's first (last) day that has any, of the one file that its first (last) such line is of.
_LINES_OF_DAY = """
    edge AS MATERIALIZED (
        SELECT e.account_id, e.booked_on, l.statement_import_id
          FROM (SELECT account_id, {pick}(booked_on) AS booked_on FROM days WHERE with_balance > 0 GROUP BY 1) e
         CROSS JOIN LATERAL (
            SELECT statement_import_id FROM reconciliation_statementline x
             WHERE x.account_id = e.account_id AND x.booked_on = e.booked_on
               AND x.source = 'import' AND x.balance_after IS NOT NULL
             ORDER BY x.id {order} LIMIT 1) l),
    day AS (
        SELECT e.account_id, e.booked_on AS day, l.*
          FROM edge e
         CROSS JOIN LATERAL (
            SELECT x.line_number, x.balance_after - x.amount AS before, x.balance_after AS behind
              FROM reconciliation_statementline x
             WHERE x.account_id = e.account_id AND x.booked_on = e.booked_on AND x.source = 'import'
               AND x.statement_import_id = e.statement_import_id AND x.balance_after IS NOT NULL OFFSET 0) l)
"""

# The opening balance: what the first file that names one says there was before its first day, or what stood before the first
# movement that has a balance. Within a day the chain tells the order: the balance before the first is the balance after none.
OPENING = f"""
    WITH days AS MATERIALIZED ({DAYS}), {_LINES_OF_DAY.format(pick="min", order="ASC")},
    said AS (
        SELECT DISTINCT ON (d.account_id) d.account_id, d.day, d.before
          FROM day d
         ORDER BY d.account_id, EXISTS (SELECT 1 FROM day x WHERE x.account_id = d.account_id AND x.behind = d.before),
                  d.line_number),
    file AS (
        SELECT DISTINCT ON (account_id) account_id, first_day AS day, opening AS before
          FROM reconciliation_statementimport
         WHERE merchant_id = %(merchant)s AND state = 'done' AND opening IS NOT NULL AND first_day IS NOT NULL
         ORDER BY account_id, first_day, id),
    any_of AS (SELECT *, 0 AS rank FROM file UNION ALL SELECT *, 1 FROM said)
    SELECT DISTINCT ON (f.account_id) f.account_id, f.day AS booked_on, f.before - COALESCE(
           (SELECT sum(moved) FROM days d WHERE d.account_id = f.account_id AND d.booked_on < f.day), 0) AS opening
      FROM any_of f ORDER BY f.account_id, f.day, f.rank
"""  # noqa: S608 - made of constants of ours; values are parameters

# The last balance that the bank printed by the day: the closing balance of a file, or the end of the chain of its last day.
PRINTED = f"""
    WITH days AS MATERIALIZED (SELECT * FROM ({DAYS}) each WHERE booked_on <= %(day)s),
    {_LINES_OF_DAY.format(pick="max", order="DESC")},
    said AS (
        SELECT DISTINCT ON (d.account_id) d.account_id, d.day, d.behind
          FROM day d
         ORDER BY d.account_id, EXISTS (SELECT 1 FROM day x WHERE x.account_id = d.account_id AND x.before = d.behind),
                  d.line_number DESC),
    file AS (
        SELECT DISTINCT ON (account_id) account_id, last_day AS day, closing AS behind
          FROM reconciliation_statementimport
         WHERE merchant_id = %(merchant)s AND state = 'done' AND closing IS NOT NULL AND last_day <= %(day)s
         ORDER BY account_id, last_day DESC, id DESC),
    any_of AS (SELECT *, 0 AS rank FROM file UNION ALL SELECT *, 1 FROM said)
    SELECT DISTINCT ON (account_id) account_id, day AS booked_on, behind FROM any_of ORDER BY account_id, day DESC, rank
"""  # noqa: S608 - made of constants of ours; values are parameters


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """One account at the end of a day, in its own currency. Sums are signed: what went out is negative.

    `bank` − `free_in` − `free_out` + `by_hand` − `unread` = `books`: the difference, explained.
    """

    account: ReceivingAccount
    day: dt.date
    is_now: bool  # today: counted from what each line carries; of an earlier day from the ledger
    opening: Decimal = ZERO
    opening_on: dt.date | None = None  # the first day that a file printed a balance for; None: counted from nothing
    lines: int = 0
    moved: Decimal = ZERO  # movements of the bank's own files and of the cash desk
    told: Decimal = ZERO  # what the ledger explains of all lines
    free_in: Decimal = ZERO  # deposits not booked yet, reserved and returned ones among them
    count_in: int = 0
    free_out: Decimal = ZERO  # debits that nothing explains
    count_out: int = 0
    by_hand: Decimal = ZERO  # used, though typed and in no file of the bank yet
    count_by_hand: int = 0
    printed: Decimal | None = None  # the bank's own last balance by that day, and its day
    printed_on: dt.date | None = None
    after_printed: Decimal = ZERO  # moved after it (the cash desk, files without balances)
    last_day: dt.date | None = None  # of the bank's files

    @property
    def computed(self) -> Decimal:
        """Opening balance and movements."""
        return self.opening + self.moved

    @property
    def bank(self) -> Decimal:
        """What the bank says it has."""
        return self.computed if self.printed is None else self.printed + self.after_printed

    @property
    def unread(self) -> Decimal:
        """What the bank has more than its lines add up to: rows that could not be read, and gaps between files."""
        return self.bank - self.computed

    @property
    def books(self) -> Decimal:
        return self.opening + self.told

    @property
    def difference(self) -> Decimal:
        return self.bank - self.books

    @property
    def is_explained(self) -> bool:
        """Whether the named parts add up to the difference, as they must."""
        return self.difference == self.free_in + self.free_out - self.by_hand + self.unread


def balances_of(merchant: Merchant, day: dt.date, *, all_of_them: bool = True) -> list[AccountBalance]:
    """Every account at the end of `day`, in four queries however many there are."""
    params = {"merchant": merchant.pk, "day": day}
    is_now = day >= today_at(merchant)
    totals = {row["account_id"]: row for row in rows_of(TOTALS_NOW if is_now else TOTALS, params)}
    openings = {row["account_id"]: row for row in rows_of(OPENING, params)}
    printed = {row["account_id"]: row for row in rows_of(PRINTED, params)}
    after = _moved_after(params, printed)
    accounts = accounts_of(merchant, all_of_them=all_of_them)
    return [_balance(account, day, is_now, totals, openings, printed, after) for account in accounts]


def _balance(
    account: ReceivingAccount,
    day: dt.date,
    is_now: bool,
    totals: Mapping[int, Any],
    openings: Mapping[int, Any],
    printed: Mapping[int, Any],
    after: Mapping[int, Decimal],
) -> AccountBalance:
    found = dict(totals.get(account.pk, {}))
    found.pop("account_id", None)
    first, last = openings.get(account.pk), printed.get(account.pk)
    if first is not None:
        found |= {"opening": first["opening"], "opening_on": first["booked_on"]}
    if last is not None:
        found |= {"printed": last["behind"], "printed_on": last["booked_on"], "after_printed": after.get(account.pk, ZERO)}
    return AccountBalance(account=account, day=day, is_now=is_now, **found)


def _moved_after(params: Mapping[str, Any], printed: Mapping[int, Any]) -> dict[int, Decimal]:
    """What the bank's files moved after the day of the last printed balance."""
    if not printed:
        return {}
    sql = f"""
        SELECT each.account_id, sum(moved) AS moved
          FROM ({DAYS}) each
          JOIN unnest(%(accounts)s::bigint[], %(days)s::date[]) AS p(account_id, day) ON p.account_id = each.account_id
         WHERE booked_on > p.day AND booked_on <= %(day)s
         GROUP BY each.account_id"""  # noqa: S608 - made of constants of ours; values are parameters
    days = [row["booked_on"] for row in printed.values()]
    found = rows_of(sql, {**params, "accounts": list(printed), "days": days})
    return {row["account_id"]: row["moved"] for row in found}


def rows_of(sql: str, params: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The rows of a question, each by column."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
