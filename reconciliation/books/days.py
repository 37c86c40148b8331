"""What each day of an account adds up to, as things stand now: added up by a job, or by the page where something changed since.

Triggers name each day whose lines changed (`ChangedDay`), in the transaction that changes them. A day that nobody named is read
as the job left it, a named one from its lines; both in one statement, which sees the change and its name together or neither.
So what a page says is what the lines say, always, and a house of a million lines is read by its days.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

# One row a line of the days in `day` (merchant_id, account_id, booked_on). `told` is what is explained of it, signed as the line
# is: all of it where it was set aside or the bank took it back. `waiting` is what no report took and none holds.
NOW = """
    SELECT l.id, l.merchant_id, l.account_id, l.booked_on, l.currency, l.amount, l.source = 'import' AS is_imported,
           l.source = 'import' AND l.balance_after IS NOT NULL AS has_balance,
           (l.source <> 'manual' OR c.line_id IS NOT NULL) AS is_of_the_bank,
           CASE WHEN g.line_id IS NOT NULL OR (b.returned_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM reconciliation_returneddeposit r
                 WHERE r.merchant_id = l.merchant_id AND r.state = 'returned' AND l.id IN (r.debit_line_id, r.deposit_line_id)))
                THEN l.amount ELSE sign(l.amount) * b.allocated END AS told,
           CASE WHEN l.amount > 0 AND g.line_id IS NULL AND b.returned_at IS NULL
                THEN b.amount - b.allocated - b.reserved ELSE 0 END AS waiting
      FROM day d
      JOIN reconciliation_statementline l
        ON l.merchant_id = d.merchant_id AND l.account_id = d.account_id AND l.booked_on = d.booked_on
      JOIN reconciliation_linebalance b ON b.line_id = l.id
      LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = l.id
      LEFT JOIN reconciliation_ignoredline g ON g.line_id = l.id AND g.taken_back_at IS NULL
"""
# What lines add up to; each has amount, told and is_of_the_bank. Counts are `int`: a sum of them is a whole number of Python too.
SUMS = """
    count(*)::int AS lines,
    COALESCE(sum(amount) FILTER (WHERE is_of_the_bank), 0) AS moved,
    COALESCE(sum(told), 0) AS told,
    COALESCE(sum(amount - told) FILTER (WHERE is_of_the_bank AND amount > 0), 0) AS free_in,
    count(*) FILTER (WHERE is_of_the_bank AND amount > 0 AND amount <> told)::int AS count_in,
    COALESCE(sum(amount - told) FILTER (WHERE is_of_the_bank AND amount < 0), 0) AS free_out,
    count(*) FILTER (WHERE is_of_the_bank AND amount < 0 AND amount <> told)::int AS count_out,
    COALESCE(sum(told) FILTER (WHERE NOT is_of_the_bank), 0) AS by_hand,
    count(*) FILTER (WHERE NOT is_of_the_bank AND told <> 0)::int AS count_by_hand"""
COLUMNS = (
    "merchant_id", "account_id", "booked_on", "currency", "lines", "moved", "told", "free_in", "count_in", "free_out",
    "count_out", "by_hand", "count_by_hand", "imported", "with_balance", "arrived", "waiting", "waiting_amount",
)  # fmt: skip
NAMES = ", ".join(COLUMNS)
# `OFFSET 0` keeps each line's words in one place: the planner would work them out anew for every sum.
_ADDED_UP = f"""
    SELECT merchant_id, account_id, booked_on, currency, {SUMS},
           count(*) FILTER (WHERE is_imported)::int AS imported, count(*) FILTER (WHERE has_balance)::int AS with_balance,
           count(*) FILTER (WHERE amount > 0)::int AS arrived,
           count(*) FILTER (WHERE waiting > 0)::int AS waiting, sum(waiting) AS waiting_amount
      FROM ({NOW} OFFSET 0) line GROUP BY merchant_id, account_id, booked_on, currency
"""  # noqa: S608 - made of constants of ours; values are parameters
# A merchant's days, those of all accounts: a row a day, account and currency.
DAYS = f"""
    WITH day AS MATERIALIZED (
        SELECT DISTINCT merchant_id, account_id, booked_on FROM reconciliation_changedday WHERE merchant_id = %(merchant)s)
    SELECT {NAMES} FROM reconciliation_daysum s
     WHERE s.merchant_id = %(merchant)s
       AND NOT EXISTS (SELECT 1 FROM day d WHERE d.account_id = s.account_id AND d.booked_on = s.booked_on)
    UNION ALL
    SELECT {NAMES} FROM ({_ADDED_UP}) fresh
"""  # noqa: S608 - made of constants of ours; values are parameters

_TAKE = """
    WITH taken AS (DELETE FROM reconciliation_changedday RETURNING merchant_id, account_id, booked_on)
    SELECT DISTINCT merchant_id, account_id, booked_on FROM taken
"""
_GIVEN = """
    WITH day AS MATERIALIZED (
        SELECT * FROM unnest(%(merchants)s::bigint[], %(accounts)s::bigint[], %(days)s::date[])
            AS given(merchant_id, account_id, booked_on))
"""
_FORGET = f"""
    {_GIVEN}
    DELETE FROM reconciliation_daysum s USING day d
     WHERE s.merchant_id = d.merchant_id AND s.account_id = d.account_id AND s.booked_on = d.booked_on
"""  # noqa: S608 - made of constants of ours; values are parameters
_WRITE = f"""
    {_GIVEN}
    INSERT INTO reconciliation_daysum ({NAMES}) SELECT {NAMES} FROM ({_ADDED_UP}) fresh
"""  # noqa: S608 - made of constants of ours; values are parameters
# For the proof: days that nobody named, whose sums are not those of their lines.
WRONG_DAYS = f"""
    WITH day AS MATERIALIZED (
        SELECT merchant_id, account_id, booked_on FROM reconciliation_statementline WHERE merchant_id = %(merchant)s
        UNION SELECT merchant_id, account_id, booked_on FROM reconciliation_daysum WHERE merchant_id = %(merchant)s
        EXCEPT SELECT merchant_id, account_id, booked_on FROM reconciliation_changedday WHERE merchant_id = %(merchant)s),
    kept AS (SELECT {NAMES} FROM reconciliation_daysum s JOIN day USING (merchant_id, account_id, booked_on)),
    so AS ({_ADDED_UP})
    SELECT account_id, booked_on
      FROM ((TABLE kept EXCEPT SELECT {NAMES} FROM so) UNION (SELECT {NAMES} FROM so EXCEPT TABLE kept)) wrong
"""  # noqa: S608 - made of constants of ours; values are parameters


def add_up_days() -> int:
    """Add up every day that was named since the last time, of all merchants; how many they were. One transaction.

    One after the other: two would wait for the same names anyway, and might for each other. What changes meanwhile is named
    anew, and the day is read from its lines until the next time.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('concilia.days', 0))")
        named = _take()
        if named:
            _write(named)
    return len(named)


def _take() -> list[tuple[int, int, dt.date]]:
    """The days that were named: merchant, account, day. They are named no more."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        return list(cursor.fetchall())


def _write(days: list[tuple[int, int, dt.date]]) -> None:
    """Their sums, in the place of what was there."""
    merchants, accounts, dates = (list(column) for column in zip(*days, strict=True))
    given = {"merchants": merchants, "accounts": accounts, "days": dates}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, given)
        cursor.execute(_WRITE, given)
