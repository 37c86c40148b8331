"""Which statement lines may be the transfers of a report: one query fetches them, `matching.evidence` weighs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.keys import as_array
from accounts.models import Merchant
from reconciliation.matching.evidence import Booked, Declared, Fact, score, strength, weigh
from reconciliation.models import StatementLine
from reconciliation.words import Evidence, tell
from reports.models import Transfer
from tickets.calendar import is_business_day
from tickets.models import Ticket

MOST_SHOWN = 8

# Strict keys, each by its own index: exact amount near the date, end of the reference, payer's document, a fee less.
KEYS = """
    (SELECT l.id FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE l.account_id = t.account_id AND l.amount = t.amount AND l.booked_on BETWEEN t.paid_on - 7 AND t.paid_on + 21
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount
      ORDER BY abs(l.booked_on - t.paid_on), l.id LIMIT 20)
    UNION
    (SELECT l.id FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE l.account_id = t.account_id AND t.reference <> '' AND right(l.reference, 4) = right(t.reference, 4)
        AND l.booked_on BETWEEN t.paid_on - 30 AND t.paid_on + 60 AND l.amount > 0
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount
      ORDER BY abs(l.booked_on - t.paid_on), l.id LIMIT 20)
    UNION
    (SELECT l.id FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE l.account_id = t.account_id AND l.payer_id <> '' AND l.payer_id = COALESCE(NULLIF(t.payer_id, ''), c.tax_id)
        AND l.booked_on BETWEEN t.paid_on - 3 AND t.paid_on + 10 AND l.amount > 0
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount
      ORDER BY abs(l.booked_on - t.paid_on), l.id LIMIT 10)
    UNION
    (SELECT l.id FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE l.account_id = t.account_id AND l.amount BETWEEN t.amount * 0.98 AND t.amount
        AND l.booked_on BETWEEN t.paid_on - 1 AND t.paid_on + 7
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount
      ORDER BY abs(l.booked_on - t.paid_on), l.id LIMIT 10)
    UNION
    (SELECT l.id FROM reconciliation_depositoffer f JOIN reconciliation_statementline l ON l.id = f.line_id
       JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE f.report_id = r.id AND l.account_id = t.account_id
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount)
"""
FACTS = """
SELECT t.id, t.amount, t.paid_on, t.reference, COALESCE(bank.code, ''),
       COALESCE(NULLIF(t.payer_id, ''), NULLIF(v.payer_tax_id, ''), NULLIF(pg.payer_tax_id, ''), c.tax_id), t.sender_name,
       v.payer_name, c.name, t.currency,
       l.id, l.amount, b.amount - b.allocated - b.reserved, l.booked_on, l.reference, l.text, l.origin_bank_code,
       l.payer_id, l.payer_name, {seen},
       (offer.offered_at AT TIME ZONE m.time_zone)::date, offer.report_id IS NOT NULL
  FROM {first}
  JOIN reports_paymentreport r ON r.id = t.report_id
  JOIN accounts_customer c ON c.id = r.customer_id
  LEFT JOIN reports_reportrevision v ON v.report_id = r.id AND v.number = r.revision
  LEFT JOIN reconciliation_payergroupmember pm ON pm.customer_id = r.customer_id AND pm.removed_at IS NULL
  LEFT JOIN reconciliation_payergroup pg ON pg.id = pm.group_id
  LEFT JOIN banking_bank bank ON bank.id = t.origin_bank_id
  {join}
  JOIN reconciliation_statementline l ON l.id = {line}
  JOIN reconciliation_linebalance b ON b.line_id = l.id
  JOIN accounts_merchant m ON m.id = t.merchant_id
  LEFT JOIN LATERAL (
      SELECT f.offered_at, CASE WHEN f.report_id = r.id THEN f.report_id END AS report_id FROM reconciliation_depositoffer f
       WHERE f.line_id = l.id AND f.customer_id = r.customer_id AND (f.report_id = r.id OR f.offered_at <= r.created_at)
       ORDER BY f.report_id = r.id DESC NULLS LAST, f.id DESC LIMIT 1) offer ON true
 WHERE t.merchant_id = %s AND {where}
 ORDER BY t.position, t.id
"""
OF_TICKET = FACTS.format(
    first="reports_transfer t",
    seen="""(SELECT count(*) FROM reconciliation_statementline o
              WHERE o.account_id = l.account_id AND o.amount = l.amount
                AND o.booked_on BETWEEN l.booked_on - 15 AND l.booked_on + 14)""",
    join=f"CROSS JOIN LATERAL ({KEYS}) k",  # noqa: S608 - constants
    line="k.id",
    where="""r.ticket_id = %s AND t.until_revision IS NULL AND NOT EXISTS (
        SELECT 1 FROM reconciliation_ignoredline i WHERE i.line_id = l.id AND i.taken_back_at IS NULL)""",
)
# The pairs stand first, for so many tables are joined in the order in which they are written. How often an amount was seen is
# counted for all pairs together, day by day: counted for each, a price list would be read anew for each.
COUNTED_PAIRS = """
WITH pair AS MATERIALIZED (
    SELECT w.transfer_id, l.id, l.account_id, l.amount, l.booked_on
      FROM unnest(%s::bigint[], %s::bigint[]) w(transfer_id, line_id) JOIN reconciliation_statementline l ON l.id = w.line_id
), counted AS MATERIALIZED (
    SELECT a.account_id, a.amount, d.booked_on,
           sum(d.lines) OVER (PARTITION BY a.account_id, a.amount ORDER BY d.booked_on
                              RANGE BETWEEN INTERVAL '15 days' PRECEDING AND INTERVAL '14 days' FOLLOWING)::bigint AS seen
      FROM (SELECT account_id, amount, min(booked_on) - 15 AS first, max(booked_on) + 14 AS last FROM pair GROUP BY 1, 2) a
     CROSS JOIN LATERAL (
           SELECT o.booked_on, count(*) AS lines FROM reconciliation_statementline o
            WHERE o.account_id = a.account_id AND o.amount = a.amount AND o.booked_on BETWEEN a.first AND a.last
            GROUP BY o.booked_on) d
)"""
OF_PAIRS = COUNTED_PAIRS + FACTS.format(
    first="pair JOIN counted k USING (account_id, amount, booked_on) JOIN reports_transfer t ON t.id = pair.transfer_id",
    seen="k.seen", join="", line="pair.id", where="true",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A line that may be a transfer. `free` is what of it can be used; `strength` is `strong`, `possible` or `weak`.

    `is_claimed`: it was offered to the customer, who said that it is theirs and sent this report.
    """

    transfer: Transfer
    line: StatementLine
    free: Decimal
    score: float
    strength: str
    evidence: Sequence[Evidence]
    is_claimed: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it brings just what was declared."""
        return self.free == self.transfer.amount


def candidates_for(actor: Actor, ticket: Ticket) -> list[Candidate]:
    """Candidate deposits of every current transfer of a ticket, by transfer, the best first. Staff only; three queries.

    When the two best of a transfer are equally strong, neither is: identical evidence twice means asking.
    """
    if not actor.is_staff or ticket.merchant_id != actor.merchant.pk:
        raise NotAllowed
    rows = _fetch(OF_TICKET, [actor.merchant.pk, ticket.pk])
    transfers = Transfer.objects.select_related("account__bank", "method").in_bulk({row[0] for row in rows})
    lines = StatementLine.objects.select_related("account__bank").in_bulk({row[10] for row in rows})
    found: dict[int, list[Candidate]] = {}
    for row in rows:
        facts = weigh(*_sides(actor.merchant, row))
        told = _offered(row)
        # Who was told of a deposit by us proves little by naming it: it never stands out by itself.
        strong = strength(facts)
        found.setdefault(row[0], []).append(
            Candidate(
                transfer=transfers[row[0]],
                line=lines[row[10]],
                free=row[12],
                score=score(facts),
                strength="possible" if told and strong == "strong" else strong,
                evidence=[tell(each) for each in [*told, *(_stored(fact, row[9]) for fact in facts)]],
                is_claimed=row[21],
            )
        )
    return [candidate for own in found.values() for candidate in _ranked(own)]


def evidence_of_pairs(merchant: Merchant, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """The facts about given (transfer, line) pairs, as they are stored with a match. One query."""
    wanted = list(pairs)
    rows = _fetch(OF_PAIRS, [as_array(pair[0] for pair in wanted), as_array(pair[1] for pair in wanted), merchant.pk])
    return {
        (row[0], row[10]): [*_offered(row), *(_stored(fact, row[9]) for fact in weigh(*_sides(merchant, row)))] for row in rows
    }


def _offered(row: tuple[Any, ...]) -> list[dict[str, Any]]:
    """That we had told the customer of the line before they reported, as a fact without weight."""
    if row[20] is None:
        return []
    level = "claimed" if row[21] else "told"
    return [{"kind": "offer", "level": level, "mark": "unknown", "weight": 0.0, "data": {"on": row[20].isoformat()}}]


def _fetch(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sides(merchant: Merchant, row: tuple[Any, ...]) -> tuple[Declared, Booked]:
    declared = Declared(
        amount=row[1],
        paid_on=row[2],
        reference=row[3],
        bank_code=row[4],
        payer_id=row[5],
        payer_names=tuple(name for name in row[6:9] if name),
    )
    booked = Booked(
        amount=row[11],
        free=row[12],
        days=business_days_apart(merchant, row[2], row[13]),
        seen=row[19],
        reference=row[14],
        text=row[15],
        bank_code=row[16],
        payer_id=row[17],
        payer_name=row[18],
    )
    return declared, booked


def business_days_apart(merchant: Merchant, start: dt.date, end: dt.date) -> int:
    """How many business days after `start` the day `end` is (negative: before). A closed day counts as the next open one."""
    if end < start:
        return -business_days_apart(merchant, end, start)
    days = sum(is_business_day(merchant, start + dt.timedelta(days=step)) for step in range(1, (end - start).days + 1))
    return days or (1 if end > start else 0)


def _stored(fact: Fact, currency: str) -> dict[str, Any]:
    """A fact with the currency of its amounts, so that it can be told years later."""
    data: dict[str, Any] = {**fact.data, "currency": currency} if "difference" in fact.data else dict(fact.data)
    return {"kind": fact.kind, "level": fact.level, "mark": fact.mark, "weight": fact.weight, "data": data}


def _ranked(candidates: list[Candidate]) -> list[Candidate]:
    ranked = sorted(candidates, key=lambda each: (not each.is_claimed, -each.score, each.line.booked_on, each.line.pk))
    if len(ranked) > 1 and ranked[0].score == ranked[1].score:
        ranked = [
            Candidate(**{**each.__dict__, "strength": "possible"})
            if each.strength == "strong" and each.score == ranked[0].score
            else each
            for each in ranked
        ]
    return ranked[:MOST_SHOWN]
