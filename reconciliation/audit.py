"""The proof of the books: set-based questions whose answer must be empty, and that name the rows when it is not.

Every check gives rows (what, which): `what` is a short text in English for whoever runs the command, `which` names the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from accounts.models import Merchant
from reconciliation.books.days import WRONG_DAYS

# A mirrored row counts against; written `@sign` in the questions below.
SIGN = "(CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END)"

CHECKS: dict[str, str] = {
    "line_allocated": """
        SELECT 'line ' || l.id || ': ' || COALESCE(b.allocated::text, 'no balance') || ' allocated, entries say '
               || COALESCE(s.sum, 0)
          FROM reconciliation_statementline l
          LEFT JOIN reconciliation_linebalance b ON b.line_id = l.id
          LEFT JOIN (
            SELECT line_id, sum(amount) AS sum FROM (
              SELECT source_line_id AS line_id, source_amount * @sign AS amount FROM reconciliation_ledgerentry e
              UNION ALL SELECT target_line_id, target_amount * @sign FROM reconciliation_ledgerentry e) ends
            GROUP BY line_id) s ON s.line_id = l.id
         WHERE l.merchant_id = %(merchant)s
           AND (b.allocated IS DISTINCT FROM COALESCE(s.sum, 0) OR b.amount <> abs(l.amount))""",
    "line_reserved": """
        SELECT 'line ' || b.line_id || ': ' || b.reserved || ' reserved, matches say ' || COALESCE(m.sum, 0)
          FROM reconciliation_linebalance b
          LEFT JOIN (SELECT line_id, sum(amount) AS sum FROM reconciliation_match WHERE state = 'reserved' GROUP BY line_id) m
                 ON m.line_id = b.line_id
         WHERE b.merchant_id = %(merchant)s AND b.reserved <> COALESCE(m.sum, 0)""",
    "line_returned": """
        SELECT 'line ' || b.line_id || ' was returned by the bank and still carries ' || b.allocated + b.reserved
          FROM reconciliation_linebalance b
         WHERE b.merchant_id = %(merchant)s AND b.returned_at IS NOT NULL AND b.allocated + b.reserved > 0
           AND NOT EXISTS (SELECT 1 FROM reconciliation_returneddeposit r
                             JOIN reconciliation_reversalrequest q ON q.returns_id = r.id AND q.decided_at IS NULL
                            WHERE r.deposit_line_id = b.line_id AND r.state = 'waiting')""",
    # A debit and the deposit that it takes back add up to nothing, are marked, and carry nothing once the return is in force.
    "return_pair": """
        SELECT 'return ' || r.id || ' of line ' || c.id || ' (' || c.amount || ') by line ' || d.id || ' (' || d.amount || ') is '
               || r.state || ', they carry ' || cb.allocated + cb.reserved || ' and ' || db.allocated
          FROM reconciliation_returneddeposit r
          JOIN reconciliation_statementline c ON c.id = r.deposit_line_id JOIN reconciliation_linebalance cb ON cb.line_id = c.id
          JOIN reconciliation_statementline d ON d.id = r.debit_line_id JOIN reconciliation_linebalance db ON db.line_id = d.id
         WHERE r.merchant_id = %(merchant)s AND r.state <> 'undone' AND (
               c.amount <= 0 OR c.amount + d.amount <> 0 OR (c.account_id, c.currency) <> (d.account_id, d.currency)
            OR cb.returned_at IS NULL OR db.returned_at IS NULL OR db.allocated + db.reserved > 0 OR cb.reserved > 0
            OR (r.state = 'returned' AND cb.allocated > 0)
            OR (r.state = 'waiting') <> EXISTS (SELECT 1 FROM reconciliation_reversalrequest q
                                                  WHERE q.returns_id = r.id AND q.decided_at IS NULL))""",
    "debit_refunds": """
        SELECT 'line ' || l.id || ' of ' || l.amount || ' paid ' || e.sum || ' of refunds'
          FROM reconciliation_statementline l
          JOIN (SELECT target_line_id, sum(target_amount * @sign) AS sum FROM reconciliation_ledgerentry e
                 WHERE target_line_id IS NOT NULL GROUP BY target_line_id) e ON e.target_line_id = l.id
         WHERE l.merchant_id = %(merchant)s AND (l.amount >= 0 OR e.sum < 0 OR e.sum > -l.amount)""",
    # What says that it was paid has its one entry, from that customer's credit to that debit; nothing else pays out.
    "refund_has_its_entry": """
        SELECT 'settlement ' || s.id || ' of refund ' || COALESCE(r.id::text, 'none') || ' (' || COALESCE(r.state, '-')
               || '): entries of ' || COALESCE(e.sum, 0) || ' for ' || COALESCE(e.paid, 0)
          FROM reconciliation_settlement s
          LEFT JOIN reconciliation_settlement x ON x.reverses_id = s.id
          LEFT JOIN reconciliation_refund r ON r.settlement_id = s.id
          LEFT JOIN LATERAL (SELECT count(*) AS count, sum(n.source_amount) AS sum, sum(n.target_amount) AS paid,
                                    min(n.target_line_id) AS line_id, min(n.source_currency || n.target_currency) AS pair,
                                    min(n.rate) AS rate,
                                    bool_and(n.source_credit_id IS NOT NULL) AS is_credit
                               FROM reconciliation_ledgerentry n WHERE n.settlement_id = s.id) e ON true
         WHERE s.merchant_id = %(merchant)s AND s.kind = 'refund' AND (
               r.id IS NULL OR r.customer_id <> s.customer_id OR e.count <> 1 OR NOT e.is_credit OR e.sum <> r.amount
            OR (e.paid, e.pair, e.rate) IS DISTINCT FROM (r.paid_amount, r.currency || r.paid_currency, r.rate)
            OR LEAST(abs(r.amount * r.rate - r.paid_amount), abs(r.paid_amount / r.rate - r.amount)) > 0.5
            OR e.line_id IS DISTINCT FROM r.debit_line_id OR (r.state = 'reversed') <> (x.id IS NOT NULL))""",
    "line_twice": """
        SELECT 'line ' || h.id || ' by hand and line ' || f.id || ' of a file are the same deposit'
          FROM reconciliation_statementline h
          JOIN reconciliation_statementline f ON f.account_id = h.account_id AND f.amount = h.amount AND f.booked_on = h.booked_on
           AND f.reference = h.reference AND (h.reference <> '' OR f.text = h.text) AND f.source = 'import'
          JOIN reconciliation_linebalance hb ON hb.line_id = h.id AND hb.returned_at IS NULL
          JOIN reconciliation_linebalance fb ON fb.line_id = f.id AND fb.returned_at IS NULL
          LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = h.id
         WHERE h.merchant_id = %(merchant)s AND h.source = 'manual' AND c.line_id IS NULL""",
    # Twins of one file (equal identities) are the bank's word for two deposits. References come round again after some days.
    "deposit_paid_twice": """
        WITH paid AS (
            SELECT DISTINCT l.id, l.account_id, l.amount, l.reference, l.booked_on, m.settlement_id,
                   COALESCE(c.identity, l.identity) AS identity
              FROM reconciliation_match m JOIN reconciliation_statementline l ON l.id = m.line_id
              LEFT JOIN reconciliation_lineconfirmation c ON c.line_id = l.id
             WHERE m.merchant_id = %(merchant)s AND m.state = 'settled' AND l.reference <> '')
        SELECT 'settlements ' || a.settlement_id || ' and ' || b.settlement_id || ': lines ' || a.id || ' and ' || b.id
               || ' look like one deposit'
          FROM paid a JOIN paid b ON b.account_id = a.account_id AND b.amount = a.amount AND b.reference = a.reference
           AND b.id > a.id AND b.identity <> a.identity AND abs(b.booked_on - a.booked_on) <= 10""",
    "order_paid": """
        SELECT 'order ' || o.number || ': ' || COALESCE(b.paid::text, 'no balance') || ' paid, entries say ' || COALESCE(s.sum, 0)
          FROM orders_order o
          LEFT JOIN orders_orderbalance b ON b.order_id = o.id
          LEFT JOIN (SELECT target_order_id, sum(target_amount * @sign) AS sum FROM reconciliation_ledgerentry e
                      WHERE target_order_id IS NOT NULL GROUP BY target_order_id) s ON s.target_order_id = o.id
         WHERE o.merchant_id = %(merchant)s
           AND (b.paid IS DISTINCT FROM COALESCE(s.sum, 0) OR b.total <> o.total OR (b.paid > 0 AND o.voided_at IS NOT NULL))""",
    "order_paid_date": """
        SELECT 'order ' || o.number || ': paid date ' || COALESCE(o.paid_on::text, 'none') || ', ' || b.paid || ' of ' || b.total
          FROM orders_order o JOIN orders_orderbalance b ON b.order_id = o.id
         WHERE o.merchant_id = %(merchant)s AND (o.paid_on IS NOT NULL) <> (b.paid >= b.total)""",
    "credit": """
        SELECT 'credit ' || c.id || ' of customer ' || c.customer_id || ': ' || c.balance || ', entries say '
               || COALESCE(s.sum, 0)
          FROM reconciliation_creditbalance c
          LEFT JOIN (
            SELECT credit_id, sum(amount) AS sum FROM (
              SELECT target_credit_id AS credit_id, target_amount * @sign AS amount FROM reconciliation_ledgerentry e
              UNION ALL SELECT source_credit_id, -source_amount * @sign FROM reconciliation_ledgerentry e) ends
            GROUP BY credit_id) s ON s.credit_id = c.id
         WHERE c.merchant_id = %(merchant)s AND c.balance <> COALESCE(s.sum, 0)""",
    "entry_ends": """
        SELECT 'entry ' || e.id || ' does not fit its ends'
          FROM reconciliation_ledgerentry e
          JOIN reconciliation_settlement s ON s.id = e.settlement_id
          LEFT JOIN reconciliation_statementline sl ON sl.id = e.source_line_id
          LEFT JOIN reconciliation_statementline tl ON tl.id = e.target_line_id
          LEFT JOIN reconciliation_creditbalance sc ON sc.id = e.source_credit_id
          LEFT JOIN reconciliation_creditbalance tc ON tc.id = e.target_credit_id
          LEFT JOIN reconciliation_adjustment sa ON sa.id = e.source_adjustment_id
          LEFT JOIN reconciliation_adjustment ta ON ta.id = e.target_adjustment_id
          LEFT JOIN orders_order o ON o.id = e.target_order_id
         WHERE e.merchant_id = %(merchant)s AND (
               e.source_currency <> COALESCE(sl.currency, sc.currency, sa.currency)
            OR e.target_currency <> COALESCE(tl.currency, tc.currency, ta.currency, o.currency)
            OR s.customer_id <> e.customer_id
            OR e.customer_id <> ANY (ARRAY[
                 COALESCE(sc.customer_id, e.customer_id), COALESCE(tc.customer_id, e.customer_id),
                 COALESCE(sa.customer_id, e.customer_id), COALESCE(ta.customer_id, e.customer_id),
                 COALESCE(o.customer_id, e.customer_id)])
            OR e.merchant_id <> ANY (ARRAY[
                 s.merchant_id, COALESCE(sl.merchant_id, e.merchant_id), COALESCE(tl.merchant_id, e.merchant_id),
                 COALESCE(sc.merchant_id, e.merchant_id), COALESCE(tc.merchant_id, e.merchant_id),
                 COALESCE(sa.merchant_id, e.merchant_id), COALESCE(ta.merchant_id, e.merchant_id),
                 COALESCE(o.merchant_id, e.merchant_id)]))""",
    "entry_mirrors": """
        SELECT 'entry ' || e.id || ' does not mirror entry ' || o.id
          FROM reconciliation_ledgerentry e JOIN reconciliation_ledgerentry o ON o.id = e.reverses_id
         WHERE e.merchant_id = %(merchant)s AND (
               o.reverses_id IS NOT NULL
            OR (e.merchant_id, e.customer_id, e.source_line_id, e.source_credit_id, e.source_adjustment_id, e.target_order_id,
                e.target_credit_id, e.target_adjustment_id, e.target_line_id, e.source_amount, e.source_currency,
                e.target_amount, e.target_currency)
               IS DISTINCT FROM
               (o.merchant_id, o.customer_id, o.source_line_id, o.source_credit_id, o.source_adjustment_id, o.target_order_id,
                o.target_credit_id, o.target_adjustment_id, o.target_line_id, o.source_amount, o.source_currency,
                o.target_amount, o.target_currency))""",
    "settlement_reversed_whole": """
        SELECT 'settlement ' || r.reverses_id || ' is reversed in part by settlement ' || r.id
          FROM reconciliation_settlement r
          JOIN reconciliation_ledgerentry o ON o.settlement_id = r.reverses_id
          LEFT JOIN reconciliation_ledgerentry e ON e.reverses_id = o.id AND e.settlement_id = r.id
         WHERE r.merchant_id = %(merchant)s AND e.id IS NULL
         GROUP BY r.id""",
    "settlement_matches": """
        SELECT 'settlement ' || s.id || ': line ' || COALESCE(m.line_id, e.line_id) || ' matched ' || COALESCE(m.sum, 0)
               || ', entries took ' || COALESCE(e.sum, 0)
          FROM (SELECT settlement_id, line_id, sum(amount) AS sum FROM reconciliation_match
                 WHERE settlement_id IS NOT NULL GROUP BY settlement_id, line_id) m
          FULL JOIN (SELECT settlement_id, source_line_id AS line_id, sum(source_amount) AS sum FROM reconciliation_ledgerentry
                      WHERE reverses_id IS NULL AND source_line_id IS NOT NULL GROUP BY settlement_id, source_line_id) e
                 ON e.settlement_id = m.settlement_id AND e.line_id = m.line_id
          JOIN reconciliation_settlement s ON s.id = COALESCE(m.settlement_id, e.settlement_id)
         WHERE s.merchant_id = %(merchant)s AND m.sum IS DISTINCT FROM e.sum""",
    "settlement_adjustments": """
        SELECT 'adjustment ' || a.id || ' of ' || a.amount || ', entries carry ' || COALESCE(e.sum, 0)
          FROM reconciliation_adjustment a
          LEFT JOIN (SELECT COALESCE(source_adjustment_id, target_adjustment_id) AS id,
                            sum(CASE WHEN source_adjustment_id IS NULL THEN target_amount ELSE source_amount END) AS sum
                       FROM reconciliation_ledgerentry WHERE reverses_id IS NULL GROUP BY 1) e ON e.id = a.id
         WHERE a.merchant_id = %(merchant)s AND a.amount <> COALESCE(e.sum, 0)""",
    "match_settlement": """
        SELECT 'match ' || m.id || ' is ' || m.state || ', its settlement ' || s.id || ' is '
               || CASE WHEN r.id IS NULL THEN 'in force' ELSE 'reversed' END
          FROM reconciliation_match m JOIN reconciliation_settlement s ON s.id = m.settlement_id
          LEFT JOIN reconciliation_settlement r ON r.reverses_id = s.id
         WHERE m.merchant_id = %(merchant)s
           AND ((m.state = 'settled') <> (r.id IS NULL) OR m.transfer_id IS DISTINCT FROM s.transfer_id)""",
    "verified_has_money": """
        SELECT 'ticket ' || k.number || ' is verified, its transfer ' || t.id || ' is not settled'
          FROM tickets_ticket k JOIN reports_paymentreport r ON r.ticket_id = k.id
          JOIN reports_transfer t ON t.report_id = r.id AND t.until_revision IS NULL
         WHERE k.merchant_id = %(merchant)s AND k.state = 'verified' AND NOT EXISTS (
               SELECT 1 FROM reconciliation_settlement s
                LEFT JOIN reconciliation_settlement x ON x.reverses_id = s.id
                WHERE s.transfer_id = t.id AND s.kind = 'deposit' AND x.id IS NULL)""",
    "voucher_has_its_adjustment": """
        SELECT 'ticket ' || k.number || ' is verified, of its withholding voucher ' || w.id || ' of ' || w.amount
               || ' the books carry ' || COALESCE(a.sum, 0)
          FROM reports_withholding w
          JOIN reports_paymentreport r ON r.id = w.report_id
          JOIN tickets_ticket k ON k.id = r.ticket_id AND k.state = 'verified'
          LEFT JOIN (
            SELECT n.withholding_id, sum(n.amount) AS sum
              FROM reconciliation_adjustment n
             WHERE n.withholding_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement x WHERE x.reverses_id = n.settlement_id)
             GROUP BY n.withholding_id) a ON a.withholding_id = w.id
         WHERE w.merchant_id = %(merchant)s AND w.until_revision IS NULL AND a.sum IS DISTINCT FROM w.amount""",
    "voucher_counted_once": """
        SELECT 'withholding voucher ' || min(w.id) || ' (' || w.reference || ') is counted ' || count(*) || ' times'
          FROM reconciliation_adjustment n JOIN reports_withholding w ON w.id = n.withholding_id
         WHERE n.merchant_id = %(merchant)s
           AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement x WHERE x.reverses_id = n.settlement_id)
         GROUP BY n.customer_id, w.kind_id, w.reference HAVING count(*) > 1""",
    "money_has_its_ticket": """
        SELECT 'settlement ' || s.id || ' is in force, its ticket ' || k.number || ' is ' || k.state
          FROM reconciliation_settlement s JOIN tickets_ticket k ON k.id = s.ticket_id
          LEFT JOIN reconciliation_settlement x ON x.reverses_id = s.id
         WHERE s.merchant_id = %(merchant)s AND s.kind = 'deposit' AND x.id IS NULL
           AND k.state IN ('submitted', 'rejected', 'withdrawn', 'reversed')""",
    "approval_has_its_ticket": """
        SELECT 'ticket ' || k.number || ' is ' || k.state || ', open approval requests: ' || count(a.id)
          FROM tickets_ticket k
          LEFT JOIN reconciliation_approvalrequest a ON a.ticket_id = k.id AND a.decided_at IS NULL
         WHERE k.merchant_id = %(merchant)s
         GROUP BY k.id HAVING (k.state = 'awaiting_approval') <> (count(a.id) = 1)""",
    # What was closed stands for ever: the same lines, the same entries.
    "period_unchanged": """
        SELECT 'month ' || to_char(p.month, 'YYYY-MM') || ' was changed after it was closed on ' || p.closed_at::date
          FROM reconciliation_period p
         WHERE p.merchant_id = %(merchant)s AND p.reopened_at IS NULL
           AND concilia_books_digest(p.merchant_id, p.after, p.until) <> p.digest""",
    "period_four_eyes": """
        SELECT 'month ' || to_char(p.month, 'YYYY-MM') || ' was opened again without two people'
          FROM reconciliation_period p
         WHERE p.merchant_id = %(merchant)s AND p.reopened_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM reconciliation_reopenrequest r
                WHERE r.period_id = p.id AND NOT r.was_refused AND r.signed_by_id <> r.requested_by_id)""",
    # Neighbours in a file, in the order of the file or backwards. Where a row between them is missing nothing is said.
    "line_continuity": """
        SELECT 'line ' || x.id || ': the bank printed ' || x.balance_after || ' after ' || x.amount || ', before ' || x.before
          FROM (SELECT l.id, l.amount, l.balance_after, l.line_number, l.statement_import_id,
                       lag(l.line_number) OVER file AS number_before, lag(l.balance_after) OVER file AS before,
                       lag(l.amount) OVER file AS amount_before
                  FROM reconciliation_statementline l
                 WHERE l.merchant_id = %(merchant)s AND l.source = 'import' AND l.balance_after IS NOT NULL
                WINDOW file AS (PARTITION BY l.statement_import_id ORDER BY l.line_number)) x
          JOIN reconciliation_statementimport i ON i.id = x.statement_import_id
         WHERE x.line_number = x.number_before + 1 AND NOT i.problems @> '[{"code": "chain"}]'
           AND x.before + x.amount <> x.balance_after AND x.balance_after + x.amount_before <> x.before""",
    # Lines made of rows that a person corrected are not among what was read as new.
    "import_counts": """
        SELECT 'import ' || i.id || ' says ' || i.lines_new || ' new lines, ' || count(l.id) || ' are there'
          FROM reconciliation_statementimport i LEFT JOIN reconciliation_statementline l ON l.statement_import_id = i.id
           AND NOT EXISTS (SELECT 1 FROM reconciliation_rejectedline r WHERE r.line_id = l.id AND r.statement_import_id = i.id)
         WHERE i.merchant_id = %(merchant)s AND i.state = 'done'
         GROUP BY i.id HAVING count(l.id) <> i.lines_new""",
    # What pages read beside the lines is what the lines say.
    "day_added_up": f"""
        SELECT 'account ' || w.account_id || ' on ' || w.booked_on || ': its lines add up to something else'
          FROM ({WRONG_DAYS}) w""",  # noqa: S608 - made of constants of ours; values are parameters
    # Numbers of one series follow each other, up to the one before the next.
    "fiscal_gap": """
        SELECT 'series ' || x.kind || ' ' || x.series || ': ' || x.count || ' numbers from ' || x.first || ' to ' || x.last
               || COALESCE(', next is ' || s.next_value, '')
          FROM (SELECT kind, series, count(*) AS count, min(sequence) AS first, max(sequence) AS last
                  FROM orders_fiscaldocument WHERE merchant_id = %(merchant)s AND sequence IS NOT NULL GROUP BY 1, 2) x
          LEFT JOIN orders_fiscalseries s ON s.merchant_id = %(merchant)s AND s.kind = x.kind AND s.prefix = x.series
         WHERE x.count <> x.last - x.first + 1 OR s.next_value <> x.last + 1""",
    "fiscal_twins": """
        SELECT 'order ' || o.number || ' has ' || count(*) || ' fiscal invoices that stand'
          FROM orders_fiscaldocument d JOIN orders_order o ON o.id = d.order_id
         WHERE d.merchant_id = %(merchant)s AND d.kind = 'invoice'
           AND NOT EXISTS (SELECT 1 FROM orders_fiscaldocument c WHERE c.cancels_id = d.id)
         GROUP BY o.id HAVING count(*) > 1""",
    # Where numbers are drawn when an order is paid: what was paid since the house said so.
    "fiscal_paid": """
        SELECT 'order ' || o.number || ' is paid and has no fiscal number'
          FROM orders_order o JOIN accounts_merchant m ON m.id = o.merchant_id
         WHERE m.id = %(merchant)s AND m.fiscal_policy = 'paid' AND o.paid_on IS NOT NULL
           AND EXISTS (SELECT 1 FROM reconciliation_ledgerentry e WHERE e.target_order_id = o.id AND e.at >= COALESCE(
                       (SELECT max(h.created_at) FROM accounts_setupchange h
                         WHERE h.merchant_id = m.id AND h.field = 'fiscal_policy'), '-infinity'))
           AND NOT EXISTS (SELECT 1 FROM orders_fiscaldocument d WHERE d.order_id = o.id AND d.kind = 'invoice'
                            AND NOT EXISTS (SELECT 1 FROM orders_fiscaldocument c WHERE c.cancels_id = d.id))""",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row that disagrees."""

    merchant: str
    check: str
    text: str


def audit_books(merchant: Merchant) -> Iterator[Finding]:
    """Everything in one merchant's books that disagrees. Nothing is written; one query a check."""
    for check, sql in CHECKS.items():
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("@sign", SIGN), {"merchant": merchant.pk})
            for row in cursor.fetchall():
                yield Finding(merchant=merchant.slug, check=check, text=str(row[0]))
