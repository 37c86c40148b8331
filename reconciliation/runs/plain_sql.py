"""The statements of `plain`: which proposals are, their locks, what is drawn of them, and what is written.

`bulk_part` has one row a proposal that may be plain, `bulk_plain` one that is, `bulk_share` one an order that it pays. They live
as long as their transaction.
"""

from __future__ import annotations

# Nothing of theirs is another's among those given: then it does not matter which of them comes first.
PICK = """
WITH given AS (
    SELECT proposal_id, min(place) AS place FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY d(proposal_id, place) GROUP BY 1
), part AS (
    SELECT g.place, p.proposal_id, p.line_id, t.report_id,
           count(*) OVER (PARTITION BY p.proposal_id) AS parts,
           count(*) OVER (PARTITION BY t.report_id) AS of_report,
           count(*) OVER (PARTITION BY p.line_id) AS of_line
      FROM given g
      JOIN reconciliation_proposalpart p ON p.proposal_id = g.proposal_id AND p.merchant_id = %(merchant)s
      JOIN reports_transfer t ON t.id = p.transfer_id
), shared AS (
    SELECT report_id, count(*) OVER (PARTITION BY order_id) AS reports
      FROM reports_allocation WHERE until_revision IS NULL AND report_id IN (SELECT report_id FROM part)
)
SELECT proposal_id FROM part
 WHERE parts = 1 AND of_report = 1 AND of_line = 1 AND report_id NOT IN (SELECT report_id FROM shared WHERE reports > 1)
 ORDER BY place
"""

# What never changes of them. Then tickets, proposals, lines, credit, orders: see `reconciliation.locks`. Each statement sees
# what the one before it waited for.
# Keys are looked up as each statement ends, when their rows are at hand; at the end of the transaction each is read again.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"
FORGET = "DROP TABLE IF EXISTS bulk_part, bulk_plain, bulk_share"
PARTS = """
CREATE TEMPORARY TABLE bulk_part ON COMMIT DROP AS
SELECT d.place, p.proposal_id, p.id AS part_id, p.line_id, p.amount, p.transfer_id, r.id AS report_id, r.ticket_id, r.customer_id,
       r.currency, r.created_by_id
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY d(proposal_id, place)
  JOIN reconciliation_proposalpart p ON p.proposal_id = d.proposal_id AND p.merchant_id = %(merchant)s
  JOIN reports_transfer t ON t.id = p.transfer_id
  JOIN reports_paymentreport r ON r.id = t.report_id
"""
LEARN_PARTS = "ANALYZE bulk_part"
LOCKS = (
    """SELECT count(*) FROM (SELECT 1 FROM tickets_ticket
        WHERE id IN (SELECT ticket_id FROM bulk_part) ORDER BY id FOR UPDATE) locked""",
    """SELECT count(*) FROM (SELECT 1 FROM reconciliation_proposal
        WHERE id IN (SELECT proposal_id FROM bulk_part) ORDER BY id FOR UPDATE) locked""",
    """SELECT count(*) FROM (SELECT 1 FROM reconciliation_linebalance
        WHERE line_id IN (SELECT line_id FROM bulk_part) ORDER BY line_id FOR NO KEY UPDATE) locked""",
    """INSERT INTO reconciliation_creditbalance (merchant_id, customer_id, currency, balance)
       SELECT %(merchant)s, w.customer_id, w.currency, 0 FROM (SELECT DISTINCT customer_id, currency FROM bulk_part) w
        WHERE NOT EXISTS (SELECT 1 FROM reconciliation_creditbalance c
                           WHERE c.customer_id = w.customer_id AND c.currency = w.currency)
        ORDER BY w.customer_id, w.currency ON CONFLICT DO NOTHING""",
    """SELECT count(*) FROM (SELECT 1 FROM reconciliation_creditbalance
        WHERE (customer_id, currency) IN (SELECT customer_id, currency FROM bulk_part) ORDER BY id FOR NO KEY UPDATE) locked""",
    """SELECT count(*) FROM (SELECT 1 FROM orders_orderbalance WHERE order_id IN (
              SELECT a.order_id FROM reports_allocation a JOIN bulk_part p ON p.report_id = a.report_id
               WHERE a.until_revision IS NULL)
        ORDER BY order_id FOR NO KEY UPDATE) locked""",
)

# The conditions of `matching.reserve`, `settlement.reasons_to_sign` and `drawing`, for the simplest of their cases.
DRAW = (
    """
CREATE TEMPORARY TABLE bulk_plain ON COMMIT DROP AS
SELECT g.place, q.id AS proposal_id, g.part_id, k.id AS ticket_id, g.customer_id, g.report_id, g.currency,
       t.id AS transfer_id, t.currency AS paid_in, t.value, t.rate, t.paid_on, l.id AS line_id, l.booked_on, g.amount,
       q.facts -> 0 AS evidence,
       nextval((SELECT pg_get_serial_sequence('reconciliation_settlement', 'id')::regclass)) AS settlement_id
  FROM bulk_part g
  JOIN reconciliation_proposal q ON q.id = g.proposal_id AND q.merchant_id = %(merchant)s
  JOIN reports_transfer t ON t.id = g.transfer_id
  JOIN tickets_ticket k ON k.id = g.ticket_id AND k.merchant_id = q.merchant_id
  JOIN reconciliation_statementline l ON l.id = g.line_id AND l.merchant_id = q.merchant_id
  JOIN reconciliation_linebalance b ON b.line_id = l.id
 WHERE (q.state = 'open' AND (q.is_automatic OR NOT %(program)s) OR q.state = 'sampled' AND NOT %(program)s)
   AND k.state IN ('submitted', 'in_review', 'waiting_for_bank')
   AND (%(program)s OR k.state <> 'in_review' OR k.claimed_by_id = %(user)s
        OR k.claimed_until IS NULL OR k.claimed_until <= %(now)s)
   AND t.until_revision IS NULL AND t.surcharge = 0 AND (t.currency <> g.currency OR t.value = t.amount) AND t.value > 0
   AND l.amount > 0 AND l.account_id = t.account_id AND l.currency = t.currency
   AND g.amount = t.amount AND b.returned_at IS NULL AND b.amount - b.allocated - b.reserved >= g.amount
   AND (%(user)s::bigint IS NULL OR l.entered_by_id IS DISTINCT FROM %(user)s AND g.created_by_id IS DISTINCT FROM %(user)s
        AND NOT EXISTS (SELECT 1 FROM reports_reportrevision v WHERE v.report_id = g.report_id AND v.by_id = %(user)s))
   AND NOT EXISTS (
       SELECT 1 FROM reports_transfer x
        WHERE x.report_id = g.report_id
          AND (x.until_revision IS NULL AND x.id <> t.id
               OR EXISTS (SELECT 1 FROM reconciliation_match m WHERE m.transfer_id = x.id AND m.state <> 'released')
               OR EXISTS (SELECT 1 FROM reconciliation_settlement s WHERE s.transfer_id = x.id AND s.kind = 'deposit'
                             AND NOT EXISTS (SELECT 1 FROM reconciliation_settlement y WHERE y.reverses_id = s.id))))
   AND NOT EXISTS (SELECT 1 FROM reports_withholding w WHERE w.report_id = g.report_id AND w.until_revision IS NULL)
   AND NOT EXISTS (SELECT 1 FROM reconciliation_reversalrequest v WHERE v.ticket_id = k.id AND v.decided_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM reconciliation_ignoredline i WHERE i.line_id = l.id AND i.taken_back_at IS NULL)
""",
    """
CREATE TEMPORARY TABLE bulk_share ON COMMIT DROP AS
SELECT b.transfer_id, b.currency, o.id AS order_id, o.number, o.due_on, a.amount, o.total - w.paid - a.amount AS left_due,
       o.voided_at IS NULL AND o.currency = b.currency AND a.amount <= o.total - w.paid
           AND count(*) OVER (PARTITION BY o.id) = 1 AS is_plain
  FROM bulk_plain b
  JOIN reports_allocation a ON a.report_id = b.report_id AND a.until_revision IS NULL AND a.amount > 0
  JOIN orders_order o ON o.id = a.order_id
  JOIN orders_orderbalance w ON w.order_id = o.id
""",
    """
DELETE FROM bulk_plain b WHERE NOT EXISTS (
    SELECT 1 FROM (SELECT transfer_id, sum(amount) AS amount, count(*) AS orders, bool_and(is_plain) AS is_plain
                     FROM bulk_share GROUP BY transfer_id) s
     WHERE s.transfer_id = b.transfer_id AND s.is_plain AND s.amount = b.value AND (s.orders = 1 OR b.paid_in = b.currency))
""",
)
CURRENCIES = "SELECT DISTINCT unnest(ARRAY[paid_in, currency]) FROM bulk_plain"
LEAVE_FRACTIONS = "DELETE FROM bulk_plain WHERE paid_in = %(currency)s AND amount <> round(amount, %(units)s)"
LEAVE_DEAR = "DELETE FROM bulk_plain WHERE currency = %(currency)s AND value > %(limit)s"
FOREIGN = "SELECT currency, paid_on, max(value) FROM bulk_plain WHERE currency <> %(currency)s GROUP BY 1, 2"
LEAVE_FOREIGN = "DELETE FROM bulk_plain WHERE currency = %(currency)s AND paid_on = %(day)s"
COUNT = "SELECT count(*) FROM bulk_plain"
LEARN = "ANALYZE bulk_plain; ANALYZE bulk_share"

UNTOLD = "SELECT transfer_id, line_id FROM bulk_plain WHERE evidence IS NULL ORDER BY place"
WRITE = (
    """
INSERT INTO reconciliation_settlement
       (id, merchant_id, customer_id, kind, ticket_id, transfer_id, prepared_by_id, needs_signature, note, at)
SELECT settlement_id, %(merchant)s, customer_id, 'deposit', ticket_id, transfer_id, %(user)s, false, %(note)s, %(now)s
  FROM bulk_plain ORDER BY place
""",
    """
INSERT INTO reconciliation_match (merchant_id, transfer_id, line_id, amount, state, evidence, part_id, settlement_id, by_id, at)
SELECT %(merchant)s, b.transfer_id, b.line_id, b.amount, 'settled', COALESCE(b.evidence, d.told -> 1), b.part_id,
       b.settlement_id, %(user)s, %(now)s
  FROM bulk_plain b LEFT JOIN jsonb_array_elements(%(told)s::jsonb) d(told) ON (d.told ->> 0)::bigint = b.transfer_id
 ORDER BY b.place
""",
    """
INSERT INTO reconciliation_ledgerentry (merchant_id, customer_id, settlement_id, source_line_id, target_order_id,
       source_amount, source_currency, target_amount, target_currency, rate, booked_on, at)
SELECT %(merchant)s, b.customer_id, b.settlement_id, b.line_id, s.order_id,
       CASE WHEN b.paid_in = b.currency THEN s.amount ELSE b.amount END, b.paid_in, s.amount, b.currency,
       CASE WHEN b.paid_in = b.currency THEN NULL ELSE b.rate END, %(today)s, %(now)s
  FROM bulk_plain b JOIN bulk_share s ON s.transfer_id = b.transfer_id
 ORDER BY b.place, s.due_on, s.order_id
""",
)
PAID_ON = "SELECT s.order_id, b.booked_on FROM bulk_plain b JOIN bulk_share s ON s.transfer_id = b.transfer_id"
DONE = """
WITH shown AS (
    SELECT s.transfer_id, jsonb_agg(jsonb_build_object('order', s.number, 'currency', s.currency,
                                    'amount', round(s.amount, e.value::int)::text,
                                    'left', round(s.left_due, e.value::int)::text) ORDER BY s.due_on, s.order_id)::text AS orders
      FROM bulk_share s JOIN jsonb_each_text(%(units)s::jsonb) e ON e.key = s.currency
     GROUP BY s.transfer_id
)
SELECT b.proposal_id, b.ticket_id, w.orders FROM bulk_plain b JOIN shown w ON w.transfer_id = b.transfer_id ORDER BY b.place
"""

# Other proposals about these transfers are out of date.
ACCEPT = (
    """
UPDATE reconciliation_proposal q SET state = 'accepted', settled_by_id = %(user)s, settled_at = %(now)s
  FROM bulk_plain b WHERE q.id = b.proposal_id
""",
    """
UPDATE reconciliation_proposal q SET state = 'stale', settled_at = %(now)s
 WHERE q.state IN ('open', 'sampled') AND q.id = ANY (ARRAY(
       SELECT p.proposal_id FROM bulk_plain b JOIN reconciliation_proposalpart p ON p.transfer_id = b.transfer_id
        WHERE p.proposal_id <> b.proposal_id AND p.merchant_id = %(merchant)s))
""",
)
