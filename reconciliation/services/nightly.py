"""What the night leaves behind: the proof of the books, and the figures of each account's last days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.actors import Actor
from reconciliation.audit import CHECKS, audit_books
from reconciliation.books.balances import balances_of, rows_of
from reconciliation.books.moment import one_moment
from reconciliation.models import AuditRun, DailyClosing

PROVE_JOB = "reconciliation.jobs.prove_books_of"
MOST_FINDINGS = 200
DAYS_RECOUNTED = 7

# Of one day and account: what came and went, what customers said they paid, and what of the day's deposits is settled.
DAY = """
    SELECT a.id AS account_id, l.lines, l.credits, l.debits, l.settled_count, l.settled, t.reported_count, t.reported
      FROM banking_receivingaccount a
      CROSS JOIN LATERAL (
        SELECT count(*) AS lines, COALESCE(sum(x.amount) FILTER (WHERE x.amount > 0), 0) AS credits,
               COALESCE(sum(x.amount) FILTER (WHERE x.amount < 0), 0) AS debits,
               count(*) FILTER (WHERE x.amount > 0 AND b.allocated > 0) AS settled_count,
               COALESCE(sum(b.allocated) FILTER (WHERE x.amount > 0), 0) AS settled
          FROM reconciliation_statementline x JOIN reconciliation_linebalance b ON b.line_id = x.id
         WHERE x.account_id = a.id AND x.booked_on = %(day)s) l
      CROSS JOIN LATERAL (
        SELECT count(*) AS reported_count, COALESCE(sum(r.amount), 0) AS reported
          FROM reports_transfer r JOIN reports_paymentreport p ON p.id = r.report_id JOIN tickets_ticket k ON k.id = p.ticket_id
         WHERE r.account_id = a.id AND r.paid_on = %(day)s AND r.until_revision IS NULL AND k.state <> 'withdrawn') t
     WHERE a.merchant_id = %(merchant)s AND (l.lines > 0 OR t.reported_count > 0)
"""


def prove_books(*, by: Actor) -> AuditRun:
    """Run every check of the audit on one snapshot and keep what it found. By accounting, or by the program."""
    by.require(by.can_decide)
    started = timezone.now()
    with one_moment():
        found = [{"check": each.check, "text": each.text} for each in audit_books(by.merchant)]
    return AuditRun.objects.create(
        merchant=by.merchant,
        started_at=started,
        finished_at=timezone.now(),
        checks=len(CHECKS),
        found=len(found),
        findings=found[:MOST_FINDINGS],
    )


def prove_soon(*, by: Actor) -> None:
    """Have a job prove the merchant's books now. By accounting."""
    by.require(by.can_decide)
    app.configure_task(PROVE_JOB, lock=f"books/{by.merchant.pk}").defer(merchant_id=by.merchant.pk)


def close_days(*, until: dt.date, days: int = DAYS_RECOUNTED, by: Actor) -> list[DailyClosing]:
    """Count the last `days` days until `until` for every account that moved; a day whose figures changed gets a new revision.

    By the program or accounting. A constant number of queries a day.
    """
    by.require(by.can_decide)
    merchant = by.merchant
    first = until - dt.timedelta(days=days - 1)
    with transaction.atomic():
        known = {
            (each.account_id, each.day): each
            for each in DailyClosing.objects.filter(merchant=merchant, day__gte=first, day__lte=until).order_by("revision")
        }
        fresh = []
        for day in (first + dt.timedelta(days=n) for n in range(days)):
            moved = rows_of(DAY, {"merchant": merchant.pk, "day": day})
            balances = {each.account.pk: each for each in balances_of(merchant, day)} if moved else {}
            for row in moved:
                balance = balances[row["account_id"]]
                figures = {**row, "bank_balance": balance.bank, "book_balance": balance.books}
                before = known.get((row["account_id"], day))
                if before is None or _differs(before, figures):
                    revision = before.revision + 1 if before else 1
                    fresh.append(DailyClosing(merchant=merchant, day=day, revision=revision, **figures))
        return DailyClosing.objects.bulk_create(fresh)


def _differs(before: DailyClosing, figures: dict[str, Any]) -> bool:
    return any(Decimal(getattr(before, name)) != Decimal(figures[name]) for name in DailyClosing.FIGURES)
