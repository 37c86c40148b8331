"""What a run is given, read in a handful of statements however many rows there are: open transfers, free deposits, the policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from accounts.models import Merchant
from banking.models import ReceivingAccount
from orders.dates import today_at
from reconciliation.closed import closed_until
from reconciliation.matching.columns import Lines, Transfers, ints, seen_in_thirty_days
from reconciliation.matching.policy import Policy
from reconciliation.runs.inputs import Inputs
from reconciliation.tolerances import as_policy, live_tolerances
from reports.rates import dated_rate
from tickets.calendar import is_business_day

DECIMALS = 4
# How far from the first and last day of the transfers deposits may lie: as far as the widest key looks.
BEFORE, AFTER = 30, 60

# Declared transfers that have no money yet. Those of reports that wait for their customer compete for the deposits too.
TRANSFERS = """
WITH own AS (
    SELECT t.id, t.report_id, r.created_at AS reported_at,
           r.ticket_id, r.customer_id, t.account_id, t.method_id, t.amount, t.paid_on, t.reference, t.reference_raw, t.payer_id,
           t.sender_name, t.origin_bank_id, v.payer_tax_id, v.payer_name, c.tax_id, c.name, k.state,
           pg.id AS payer_group_id, pg.payer_tax_id AS group_tax_id
      FROM tickets_ticket k
      JOIN reports_paymentreport r ON r.ticket_id = k.id
      JOIN reports_transfer t ON t.report_id = r.id AND t.until_revision IS NULL
      JOIN accounts_customer c ON c.id = r.customer_id
      LEFT JOIN reports_reportrevision v ON v.report_id = r.id AND v.number = r.revision
      LEFT JOIN reconciliation_payergroupmember pm ON pm.customer_id = r.customer_id AND pm.removed_at IS NULL
      LEFT JOIN reconciliation_payergroup pg ON pg.id = pm.group_id
     WHERE k.merchant_id = %(merchant)s AND k.state IN ('submitted', 'in_review', 'waiting_for_bank', 'needs_information')
       AND t.account_id = ANY (%(accounts)s)
       AND NOT EXISTS (SELECT 1 FROM reconciliation_match m WHERE m.transfer_id = t.id AND m.state <> 'released')
       AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement s
                        WHERE s.transfer_id = t.id AND s.kind = 'deposit'
                          AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement x WHERE x.reverses_id = s.id))
       AND NOT EXISTS (SELECT 1 FROM reconciliation_proposalpart p JOIN reconciliation_proposal q ON q.id = p.proposal_id
                        WHERE p.transfer_id = t.id AND q.state = 'sampled')
), named AS (
    SELECT DISTINCT o.id
      FROM own o
      JOIN reports_transfer t ON t.account_id = o.account_id AND t.reference = o.reference AND t.until_revision IS NULL
                             AND t.report_id <> o.report_id AND t.paid_on BETWEEN o.paid_on - 60 AND o.paid_on + 60
      JOIN reports_paymentreport r ON r.id = t.report_id
      JOIN tickets_ticket k ON k.id = r.ticket_id AND k.state <> 'withdrawn'
     WHERE o.reference <> '' AND (length(o.reference) >= 8 OR t.amount = o.amount)
), shown AS (
    SELECT DISTINCT mine.report_id
      FROM reports_receipt mine
      JOIN files_storedfile f ON f.id = mine.file_id
      JOIN files_storedfile g ON g.merchant_id = f.merchant_id AND g.sha256 = f.sha256 AND g.id <> f.id
      JOIN reports_receipt theirs ON theirs.file_id = g.id AND theirs.report_id <> mine.report_id
     WHERE mine.report_id IN (SELECT report_id FROM own)
), told AS (
    -- The customer had been told of a deposit into this account that is still free: its amount and day prove nothing.
    SELECT DISTINCT o.id
      FROM own o
      JOIN reconciliation_depositoffer f ON f.customer_id = o.customer_id AND f.account_id = o.account_id
                                        AND (f.offered_at <= o.reported_at OR f.report_id = o.report_id)
      LEFT JOIN reconciliation_linebalance b ON b.line_id = f.line_id
     WHERE f.line_id IS NULL OR b.allocated + b.reserved < b.amount
)
SELECT o.id, COALESCE(-o.payer_group_id, o.customer_id), o.account_id, o.method_id, (o.amount * 10000)::bigint,
       o.paid_on - DATE '0001-01-01' + 1, o.reference, COALESCE(b.code, ''),
       COALESCE(NULLIF(o.payer_id, ''), NULLIF(o.payer_tax_id, ''), NULLIF(o.group_tax_id, ''), o.tax_id, ''),
       o.sender_name, COALESCE(o.payer_name, ''), o.name,
       o.id IN (SELECT id FROM named) OR o.report_id IN (SELECT report_id FROM shown) OR o.id IN (SELECT id FROM told),
       o.ticket_id, o.state = 'needs_information',
       EXISTS (SELECT 1 FROM reports_withholding w WHERE w.report_id = o.report_id AND w.until_revision IS NULL)
       OR EXISTS (SELECT 1 FROM reports_transfer x
                   WHERE x.report_id = o.report_id AND x.until_revision IS NULL AND x.surcharge > 0),
       length(o.reference_raw) - length(ltrim(o.reference_raw, '0')), o.customer_id
  FROM own o LEFT JOIN banking_bank b ON b.id = o.origin_bank_id
 ORDER BY o.id
"""
LINES = """
SELECT l.id, l.account_id, (l.amount * 10000)::bigint, ((b.amount - b.allocated - b.reserved) * 10000)::bigint,
       l.booked_on - DATE '0001-01-01' + 1, l.reference, l.text, l.origin_bank_code, l.payer_id, l.payer_name,
       length(l.reference_raw) - length(ltrim(l.reference_raw, '0'))
  FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
 WHERE l.account_id = ANY (%(accounts)s) AND l.amount > 0 AND l.booked_on BETWEEN %(first)s + 15 AND %(last)s - 15
   AND b.allocated + b.reserved < b.amount AND b.returned_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM reconciliation_ignoredline i WHERE i.line_id = l.id AND i.taken_back_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM reconciliation_proposalpart p JOIN reconciliation_proposal q ON q.id = p.proposal_id
                    WHERE p.line_id = l.id AND q.state = 'sampled')
 ORDER BY l.id
"""
# How common each amount is: all lines count, also those whose money is used. An index alone can answer it.
AMOUNTS = """
SELECT l.account_id, (l.amount * 10000)::bigint, l.booked_on - DATE '0001-01-01' + 1, count(*)
  FROM reconciliation_statementline l
 WHERE l.account_id = ANY (%(accounts)s) AND l.amount > 0 AND l.booked_on BETWEEN %(first)s AND %(last)s
 GROUP BY l.account_id, l.amount, l.booked_on
"""
DISMISSED = """
SELECT p.transfer_id, p.line_id FROM reconciliation_proposalpart p JOIN reconciliation_proposal q ON q.id = p.proposal_id
 WHERE q.merchant_id = %(merchant)s AND q.state = 'dismissed' AND q.kind = 'one' AND q.account_id = ANY (%(accounts)s)
 ORDER BY 1, 2
"""


def load_inputs(merchant: Merchant, accounts: Sequence[ReceivingAccount]) -> Inputs:
    """Everything that the matching is told about these accounts. The caller holds the run's lock."""
    asked = {"merchant": merchant.pk, "accounts": [account.pk for account in accounts]}
    declared = _columns(TRANSFERS, 18, asked)
    transfers = _transfers(declared)
    first, last = _window(transfers)
    wide = {**asked, "first": first, "last": last}
    waiting, composed = (np.asarray(declared[place], dtype=np.bool_) for place in (14, 15))
    return Inputs(
        transfers=transfers,
        lines=_lines(_columns(LINES, 11, wide), _columns(AMOUNTS, 4, wide)) if len(transfers) else _lines([[]] * 11, [[]] * 4),
        dismissed=list(zip(*_columns(DISMISSED, 2, asked), strict=True)),
        policy=policy_of(merchant, accounts, first, last),
        waiting=frozenset(transfers.id[waiting].tolist()),
        composed=frozenset(transfers.id[composed].tolist()),
    )


def policy_of(merchant: Merchant, accounts: Sequence[ReceivingAccount], first: dt.date, last: dt.date) -> Policy:
    """What one person may decide: limits in each account's currency (nothing where there is no rate), closed books, holidays,
    and the differences that an administrator allowed.

    Certain is what needs no second signature; up to which value the program settles it alone, `drawing` asks.
    """
    limit = merchant.approval_limit
    today = today_at(merchant)
    limits = {}
    rates: dict[str, Decimal | None] = {merchant.currency: Decimal(1)}
    for account in accounts:
        if account.currency not in rates:
            rate = dated_rate(merchant, merchant.currency, account.currency, today)
            rates[account.currency] = rate.rate if rate is not None else None
        factor = rates[account.currency]
        limits[account.pk] = 0 if factor is None else int(limit * factor * 10**DECIMALS)
    closed = closed_until(merchant.pk)
    span = (last - first).days + 1
    days = [first + dt.timedelta(days=step) for step in range(span)]
    return Policy(
        decimals=DECIMALS,
        resting=frozenset(day.toordinal() for day in days if not is_business_day(merchant, day)),
        closed=() if closed is None else ((1, closed.toordinal()),),
        limit=limits,
        tolerances=tuple(as_policy(each, DECIMALS) for each in live_tolerances(merchant, limits)),
    )


def _columns(sql: str, width: int, params: dict[str, Any]) -> Sequence[list[Any]]:
    """What a statement gives, each of its columns as one array: a row of Python for each of a million would cost more."""
    names = ", ".join(f"c{place}" for place in range(width))
    arrays = ", ".join(f"array_agg(c{place})" for place in range(width))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {arrays} FROM ({sql}) found ({names})", params)  # noqa: S608 - statements of this module
        return [column or [] for column in cursor.fetchone()]


def _window(transfers: Transfers) -> tuple[dt.date, dt.date]:
    """The days whose lines are counted: fifteen more on either side than those that are candidates."""
    if not len(transfers):
        return dt.date(2000, 1, 1), dt.date(2000, 1, 1)
    first, last = int(transfers.day.min()) - BEFORE - 15, int(transfers.day.max()) + AFTER + 15
    return dt.date.fromordinal(max(1, first)), dt.date.fromordinal(last)


def _transfers(columns: Sequence[list[Any]]) -> Transfers:
    return Transfers(
        id=ints(columns[0]),
        group=ints(columns[1]),
        account=ints(columns[2]),
        method=ints(columns[3]),
        amount=ints(columns[4]),
        day=ints(columns[5]),
        reference=columns[6],
        bank_code=columns[7],
        payer_id=columns[8],
        payer_names=[tuple(filter(None, names)) for names in zip(*columns[9:12], strict=True)],
        flagged=ints(columns[12]).astype(bool),
        zeros=ints(columns[16]),
        customer=ints(columns[17]),
    )


def _lines(columns: Sequence[list[Any]], amounts: Sequence[list[Any]]) -> Lines:
    account, amount, day = ints(columns[1]), ints(columns[2]), ints(columns[4])
    return Lines(
        id=ints(columns[0]),
        account=account,
        amount=amount,
        free=ints(columns[3]),
        day=day,
        seen=seen_in_thirty_days(account, amount, day, [ints(each) for each in amounts]),
        reference=columns[5],
        text=columns[6],
        bank_code=columns[7],
        payer_id=columns[8],
        payer_name=columns[9],
        zeros=ints(columns[10]),
    )
