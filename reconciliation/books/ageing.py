"""How old what is not reconciled is, on both sides; what came in by day; how long decisions take. One question each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import Merchant
from orders.dates import today_at
from reconciliation.books.balances import rows_of
from reconciliation.books.days import DAYS
from tickets.models import LIVE_STATES

# Days of age: from, to (None: without end).
BUCKETS: tuple[tuple[int, int | None], ...] = ((0, 2), (3, 7), (8, 30), (31, None))
# Hours from a report to its decision, likewise.
STEPS: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 4), (4, 24), (24, 72), (72, None))

# Deposits that no report took whole: not returned, not set aside. What is reserved for a report has found it.
DEPOSITS = f"""
    SELECT %(today)s::date - booked_on AS age, currency, waiting AS count, waiting_amount AS amount FROM ({DAYS}) each
     WHERE waiting > 0 AND (%(account)s::bigint IS NULL OR account_id = %(account)s)
"""  # noqa: S608 - made of constants of ours; values are parameters
# Payments of live reports that no deposit stands for. Their age is that of the report. `OFFSET 0`: live ones are few, looked up
# one by one; the planner would rather read every report that ever was.
REPORTED = """
    SELECT %(today)s::date - (k.submitted_at AT TIME ZONE %(zone)s)::date AS age, t.currency, 1 AS count, t.amount
      FROM tickets_ticket k
     CROSS JOIN LATERAL (
        SELECT x.id, x.currency, x.amount FROM reports_paymentreport r
          JOIN reports_transfer x ON x.report_id = r.id AND x.until_revision IS NULL
         WHERE r.ticket_id = k.id AND (%(account)s::bigint IS NULL OR x.account_id = %(account)s) OFFSET 0) t
     WHERE k.merchant_id = %(merchant)s AND k.state = ANY(%(live)s)
       AND NOT EXISTS (SELECT 1 FROM reconciliation_match m WHERE m.transfer_id = t.id AND m.state <> 'released')
       AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement s LEFT JOIN reconciliation_settlement x ON x.reverses_id = s.id
                        WHERE s.transfer_id = t.id AND s.kind = 'deposit' AND x.id IS NULL)
"""
GROUPED = """
    SELECT CASE {cases} END AS bucket, currency, sum(count) AS count, sum(amount) AS amount
      FROM ({rows}) each GROUP BY 1, 2
"""


@dataclass(kw_only=True)
class Bucket:
    """What is so many days old. `amounts` by currency."""

    first: int
    last: int | None
    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_old(self) -> bool:
        return self.last is None


@dataclass(frozen=True, kw_only=True)
class Ageing:
    """Both sides of what is open, by age."""

    today: dt.date
    deposits: tuple[Bucket, ...]
    reports: tuple[Bucket, ...]

    @property
    def deposits_count(self) -> int:
        return sum(bucket.count for bucket in self.deposits)

    @property
    def reports_count(self) -> int:
        return sum(bucket.count for bucket in self.reports)


def ageing_of(merchant: Merchant, account_id: int | None = None) -> Ageing:
    """Deposits without a report and reported payments without a deposit, of one account or all. Two queries."""
    today = today_at(merchant)
    params = {
        "merchant": merchant.pk,
        "today": today,
        "account": account_id,
        "zone": merchant.time_zone,
        "live": [str(state) for state in LIVE_STATES],
    }
    return Ageing(today=today, deposits=_buckets(DEPOSITS, params), reports=_buckets(REPORTED, params))


def _buckets(rows: str, params: Mapping[str, Any]) -> tuple[Bucket, ...]:
    cases = " ".join(f"WHEN age <= {last} THEN {n}" for n, (_first, last) in enumerate(BUCKETS) if last is not None)
    sql = GROUPED.format(cases=f"{cases} ELSE {len(BUCKETS) - 1}", rows=rows)
    buckets = tuple(Bucket(first=first, last=last) for first, last in BUCKETS)
    for row in rows_of(sql, params):
        bucket = buckets[row["bucket"]]
        bucket.count += row["count"]
        bucket.amounts[row["currency"]] = row["amount"]
    return buckets


@dataclass(frozen=True, kw_only=True)
class DepositDay:
    """Deposits booked on one day, and how many of them found their report by now."""

    day: dt.date
    arrived: int
    matched: int

    @property
    def open(self) -> int:
        return self.arrived - self.matched


def deposits_by_day(merchant: Merchant, account_id: int | None = None, *, days: int = 30) -> Sequence[DepositDay]:
    """The last `days` days, each, the oldest first. A deposit that is used whole, returned or set aside counts as matched."""
    sql = f"""
        SELECT d::date AS day, COALESCE(sum(arrived), 0) AS arrived, COALESCE(sum(arrived - waiting), 0) AS matched
          FROM generate_series(%(first)s::date, %(today)s::date, '1 day') d
          LEFT JOIN ({DAYS}) each
            ON each.booked_on = d::date AND (%(account)s::bigint IS NULL OR each.account_id = %(account)s)
         GROUP BY d ORDER BY d"""  # noqa: S608 - made of constants of ours; values are parameters
    today = today_at(merchant)
    params = {"merchant": merchant.pk, "today": today, "first": today - dt.timedelta(days=days - 1), "account": account_id}
    return [DepositDay(**row) for row in rows_of(sql, params)]


@dataclass(frozen=True, kw_only=True)
class DecisionTimes:
    """How long reports decided in the last days waited, by the clock, nights and holidays included."""

    days: int
    counts: tuple[tuple[int, int | None, int], ...]  # hours from, hours to, how many
    total: int
    median: dt.timedelta | None
    slowest_tenth: dt.timedelta | None


def decision_times(merchant: Merchant, account_id: int | None = None, *, days: int = 30) -> DecisionTimes:
    """From a report to its verification or rejection, for those decided in the last `days` days. One query."""
    cases = ", ".join(
        f"count(*) FILTER (WHERE took >= {first} * 3600" + (f" AND took < {last} * 3600)" if last is not None else ")")
        for first, last in STEPS
    )
    sql = f"""
        SELECT count(*) AS total, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS slowest, ARRAY[{cases}] AS counts
          FROM (SELECT extract(epoch FROM COALESCE(k.verified_at, k.rejected_at) - k.submitted_at) AS took
                  FROM tickets_ticket k
                 WHERE k.merchant_id = %(merchant)s AND k.state IN ('verified', 'rejected', 'reversed')
                   AND COALESCE(k.verified_at, k.rejected_at) >= %(since)s
                   AND (%(account)s::bigint IS NULL OR EXISTS (
                        SELECT 1 FROM reports_paymentreport r JOIN reports_transfer t ON t.report_id = r.id
                         WHERE r.ticket_id = k.id AND t.until_revision IS NULL AND t.account_id = %(account)s))) each"""  # noqa: S608 - cases are ours
    since = today_at(merchant) - dt.timedelta(days=days)
    (row,) = rows_of(sql, {"merchant": merchant.pk, "since": since, "account": account_id})
    return DecisionTimes(
        days=days,
        counts=tuple((first, last, count) for (first, last), count in zip(STEPS, row["counts"], strict=True)),
        total=row["total"],
        median=_span(row["median"]),
        slowest_tenth=_span(row["slowest"]),
    )


def _span(seconds: float | None) -> dt.timedelta | None:
    return None if seconds is None else dt.timedelta(seconds=max(0, round(seconds)))
