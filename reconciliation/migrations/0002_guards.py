"""What the database itself holds of the books, whoever writes: balances by trigger alone, entries for ever, one source, one target."""

from django.db import migrations

from accounts.append_only import AppendOnly

ONE_SOURCE_ONE_TARGET = """
ALTER TABLE reconciliation_ledgerentry
    ADD CONSTRAINT ledgerentry_one_source
        CHECK (num_nonnulls(source_line_id, source_credit_id, source_adjustment_id) = 1),
    ADD CONSTRAINT ledgerentry_one_target
        CHECK (num_nonnulls(target_order_id, target_credit_id, target_adjustment_id, target_line_id) = 1);
"""

ANY_SOURCE_ANY_TARGET = """
ALTER TABLE reconciliation_ledgerentry DROP CONSTRAINT ledgerentry_one_source, DROP CONSTRAINT ledgerentry_one_target;
"""

# Each line gets its balance row with it. Statement-level, so that a whole import costs one INSERT.
LINE_BALANCES = """
CREATE FUNCTION concilia_lines_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reconciliation_linebalance (line_id, merchant_id, amount, allocated, reserved)
    SELECT id, merchant_id, abs(amount), 0, 0 FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_arrive AFTER INSERT ON reconciliation_statementline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION concilia_lines_arrive();

CREATE FUNCTION concilia_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reconciliation_statementimport i WHERE i.id = OLD.statement_import_id AND i.undone_at IS NOT NULL)
       OR EXISTS (SELECT 1 FROM reconciliation_ledgerentry e WHERE OLD.id IN (e.source_line_id, e.target_line_id))
       OR EXISTS (SELECT 1 FROM reconciliation_match m WHERE m.line_id = OLD.id)
    THEN
        RAISE EXCEPTION 'statement line % is only deleted with an undone import, and never once it carried money', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_line BEFORE DELETE ON reconciliation_statementline
    FOR EACH ROW EXECUTE FUNCTION concilia_keep_line();
"""

NO_LINE_BALANCES = """
DROP TRIGGER keep_line ON reconciliation_statementline;
DROP TRIGGER lines_arrive ON reconciliation_statementline;
DROP FUNCTION concilia_keep_line();
DROP FUNCTION concilia_lines_arrive();
"""

# Inside a trigger's own UPDATE the depth is 2; a statement from outside reaches the guard at depth 1.
BALANCE_GUARDS = """
CREATE FUNCTION concilia_guard_line_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF pg_trigger_depth() > 1 AND NEW.allocated = 0 AND NEW.reserved = 0 THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.allocated = 0 AND OLD.reserved = 0 THEN RETURN OLD; END IF;
    ELSIF (NEW.line_id, NEW.merchant_id, NEW.amount) IS NOT DISTINCT FROM (OLD.line_id, OLD.merchant_id, OLD.amount)
        AND (OLD.returned_at IS NULL OR NEW.returned_at IS NOT DISTINCT FROM OLD.returned_at)
        AND (pg_trigger_depth() > 1 OR (NEW.allocated, NEW.reserved) = (OLD.allocated, OLD.reserved))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what a statement line carries is kept by entries and matches alone' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_balance BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_linebalance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_line_balance();

CREATE FUNCTION concilia_guard_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance = 0 THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.balance = 0 THEN RETURN OLD; END IF;
    ELSIF (NEW.id, NEW.merchant_id, NEW.customer_id, NEW.currency) = (OLD.id, OLD.merchant_id, OLD.customer_id, OLD.currency)
        AND (pg_trigger_depth() > 1 OR NEW.balance = OLD.balance)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'customer credit is kept by entries alone' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_balance BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_creditbalance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_credit();

CREATE FUNCTION concilia_guard_order_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.paid = 0 THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.paid = 0 THEN RETURN OLD; END IF;
    ELSIF (NEW.order_id, NEW.merchant_id) = (OLD.order_id, OLD.merchant_id) AND (pg_trigger_depth() > 1 OR NEW.paid = OLD.paid)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is paid of an order is kept by entries alone' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_balance BEFORE INSERT OR UPDATE OR DELETE ON orders_orderbalance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_order_balance();
"""

NO_BALANCE_GUARDS = """
DROP TRIGGER guard_balance ON reconciliation_linebalance;
DROP TRIGGER guard_balance ON reconciliation_creditbalance;
DROP TRIGGER guard_balance ON orders_orderbalance;
DROP FUNCTION concilia_guard_line_balance();
DROP FUNCTION concilia_guard_credit();
DROP FUNCTION concilia_guard_order_balance();
"""

# One pass per INSERT statement: lock the balances in the house's order, check every end, add up.
POSTING = """
CREATE FUNCTION concilia_post_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    expected bigint;
    moved bigint;
BEGIN
    PERFORM 1 FROM reconciliation_linebalance b
      WHERE b.line_id IN (SELECT source_line_id FROM fresh UNION SELECT target_line_id FROM fresh)
      ORDER BY b.line_id FOR UPDATE;
    PERFORM 1 FROM reconciliation_creditbalance c
      WHERE c.id IN (SELECT source_credit_id FROM fresh UNION SELECT target_credit_id FROM fresh)
      ORDER BY c.id FOR UPDATE;
    PERFORM 1 FROM orders_orderbalance o WHERE o.order_id IN (SELECT target_order_id FROM fresh)
      ORDER BY o.order_id FOR UPDATE;

    SELECT n.id INTO wrong FROM fresh n
      JOIN reconciliation_settlement s ON s.id = n.settlement_id
      LEFT JOIN reconciliation_ledgerentry o ON o.id = n.reverses_id
      WHERE (n.reverses_id IS NULL) <> (s.reverses_id IS NULL)
         OR s.customer_id <> n.customer_id
         OR (n.reverses_id IS NOT NULL AND (
              o.reverses_id IS NOT NULL OR o.settlement_id <> s.reverses_id
              OR (n.merchant_id, n.customer_id, n.source_line_id, n.source_credit_id, n.source_adjustment_id, n.target_order_id,
                  n.target_credit_id, n.target_adjustment_id, n.target_line_id, n.source_amount, n.source_currency,
                  n.target_amount, n.target_currency, n.rate)
                 IS DISTINCT FROM
                 (o.merchant_id, o.customer_id, o.source_line_id, o.source_credit_id, o.source_adjustment_id, o.target_order_id,
                  o.target_credit_id, o.target_adjustment_id, o.target_line_id, o.source_amount, o.source_currency,
                  o.target_amount, o.target_currency, o.rate)))
      LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not mirror the entry that it reverses', wrong USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    SELECT n.id INTO wrong FROM fresh n
      LEFT JOIN reconciliation_statementline sl ON sl.id = n.source_line_id
      LEFT JOIN reconciliation_linebalance sb ON sb.line_id = n.source_line_id
      LEFT JOIN reconciliation_statementline tl ON tl.id = n.target_line_id
      LEFT JOIN reconciliation_creditbalance sc ON sc.id = n.source_credit_id
      LEFT JOIN reconciliation_creditbalance tc ON tc.id = n.target_credit_id
      LEFT JOIN reconciliation_adjustment sa ON sa.id = n.source_adjustment_id
      LEFT JOIN reconciliation_adjustment ta ON ta.id = n.target_adjustment_id
      LEFT JOIN orders_order o ON o.id = n.target_order_id
      WHERE n.source_currency <> COALESCE(sl.currency, sc.currency, sa.currency)
         OR n.target_currency <> COALESCE(tl.currency, tc.currency, ta.currency, o.currency)
         OR n.customer_id <> ANY (ARRAY[COALESCE(sc.customer_id, n.customer_id), COALESCE(tc.customer_id, n.customer_id),
              COALESCE(sa.customer_id, n.customer_id), COALESCE(ta.customer_id, n.customer_id), COALESCE(o.customer_id, n.customer_id)])
         OR sl.amount < 0 OR tl.amount > 0
         OR (n.reverses_id IS NULL AND (sb.returned_at IS NOT NULL OR o.voided_at IS NOT NULL))
      LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not fit its ends', wrong USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    UPDATE reconciliation_linebalance b SET allocated = b.allocated + d.delta
      FROM (SELECT line_id, sum(delta) AS delta FROM (
              SELECT source_line_id AS line_id, CASE WHEN reverses_id IS NULL THEN source_amount ELSE -source_amount END AS delta FROM fresh
              UNION ALL
              SELECT target_line_id, CASE WHEN reverses_id IS NULL THEN target_amount ELSE -target_amount END FROM fresh
            ) ends WHERE line_id IS NOT NULL GROUP BY line_id) d
      WHERE b.line_id = d.line_id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    SELECT count(DISTINCT x) INTO expected FROM (SELECT source_line_id AS x FROM fresh UNION ALL SELECT target_line_id FROM fresh) ends;
    IF moved <> expected THEN RAISE EXCEPTION 'a statement line has no balance row' USING ERRCODE = 'integrity_constraint_violation'; END IF;

    UPDATE reconciliation_creditbalance c SET balance = c.balance + d.delta
      FROM (SELECT credit_id, sum(delta) AS delta FROM (
              SELECT source_credit_id AS credit_id, CASE WHEN reverses_id IS NULL THEN -source_amount ELSE source_amount END AS delta FROM fresh
              UNION ALL
              SELECT target_credit_id, CASE WHEN reverses_id IS NULL THEN target_amount ELSE -target_amount END FROM fresh
            ) ends WHERE credit_id IS NOT NULL GROUP BY credit_id) d
      WHERE c.id = d.credit_id;

    UPDATE orders_orderbalance o SET paid = o.paid + d.delta
      FROM (SELECT target_order_id AS order_id, sum(CASE WHEN reverses_id IS NULL THEN target_amount ELSE -target_amount END) AS delta
              FROM fresh WHERE target_order_id IS NOT NULL GROUP BY target_order_id) d
      WHERE o.order_id = d.order_id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    SELECT count(DISTINCT target_order_id) INTO expected FROM fresh;
    IF moved <> expected THEN RAISE EXCEPTION 'an order has no balance row' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER post_entries AFTER INSERT ON reconciliation_ledgerentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION concilia_post_entries();
"""

NO_POSTING = """
DROP TRIGGER post_entries ON reconciliation_ledgerentry;
DROP FUNCTION concilia_post_entries();
"""

MATCHING = """
CREATE FUNCTION concilia_guard_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'reserved' THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.merchant_id, NEW.transfer_id, NEW.line_id, NEW.amount)
           = (OLD.id, OLD.merchant_id, OLD.transfer_id, OLD.line_id, OLD.amount)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (('reserved', 'settled'), ('reserved', 'released'), ('settled', 'released')))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a match is reserved, then settled or released, and nothing else of it changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_match BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_match
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_match();

CREATE FUNCTION concilia_reserve() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held numeric;
BEGIN
    held := CASE WHEN NEW.state = 'reserved' THEN NEW.amount ELSE 0 END;
    IF TG_OP = 'UPDATE' THEN
        held := held - CASE WHEN OLD.state = 'reserved' THEN OLD.amount ELSE 0 END;
    END IF;
    IF held <> 0 THEN
        UPDATE reconciliation_linebalance SET reserved = reserved + held
          WHERE line_id = NEW.line_id AND (held < 0 OR returned_at IS NULL);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'line % was returned by the bank', NEW.line_id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reserve AFTER INSERT OR UPDATE ON reconciliation_match
    FOR EACH ROW EXECUTE FUNCTION concilia_reserve();
"""

NO_MATCHING = """
DROP TRIGGER reserve ON reconciliation_match;
DROP TRIGGER guard_match ON reconciliation_match;
DROP FUNCTION concilia_reserve();
DROP FUNCTION concilia_guard_match();
"""

# The last line behind reconciliation.services.reject_report and withdraw_report: a ticket never ends with its money still standing.
CLOSING = """
CREATE FUNCTION concilia_keep_money_with_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reports_paymentreport r JOIN reports_transfer t ON t.report_id = r.id
               JOIN reconciliation_match m ON m.transfer_id = t.id
               WHERE r.ticket_id = NEW.id AND m.state <> 'released')
    THEN
        RAISE EXCEPTION 'ticket % still holds money', NEW.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_money BEFORE UPDATE ON tickets_ticket FOR EACH ROW
    WHEN (NEW.state IN ('rejected', 'withdrawn', 'reversed') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION concilia_keep_money_with_ticket();
"""

NO_CLOSING = """
DROP TRIGGER keep_money ON tickets_ticket;
DROP FUNCTION concilia_keep_money_with_ticket();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0001_initial"),
        ("orders", "0001_initial"),
        ("reports", "0002_guards"),
        ("tickets", "0002_guards"),
    ]

    operations = [
        AppendOnly("reconciliation_ledgerentry"),
        AppendOnly("reconciliation_settlement"),
        AppendOnly("reconciliation_adjustment"),
        AppendOnly("reconciliation_statementline", "UPDATE"),
        migrations.RunSQL(ONE_SOURCE_ONE_TARGET, ANY_SOURCE_ANY_TARGET),
        migrations.RunSQL(LINE_BALANCES, NO_LINE_BALANCES),
        migrations.RunSQL(BALANCE_GUARDS, NO_BALANCE_GUARDS),
        migrations.RunSQL(POSTING, NO_POSTING),
        migrations.RunSQL(MATCHING, NO_MATCHING),
        migrations.RunSQL(CLOSING, NO_CLOSING),
    ]
