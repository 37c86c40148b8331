"""What the database itself holds of deposits that the bank took back, and of refunds against debits of the bank."""

from django.db import migrations

# A pair marks both of its lines, and what is marked pays nothing. Only a pair that is undone takes its marks away.
MARKS = """
CREATE OR REPLACE FUNCTION concilia_guard_line_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF pg_trigger_depth() > 1 AND NEW.allocated = 0 AND NEW.reserved = 0 THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.allocated = 0 AND OLD.reserved = 0 THEN RETURN OLD; END IF;
    ELSIF (NEW.line_id, NEW.merchant_id, NEW.amount) IS NOT DISTINCT FROM (OLD.line_id, OLD.merchant_id, OLD.amount)
        AND (OLD.returned_at IS NULL OR NEW.returned_at IS NOT DISTINCT FROM OLD.returned_at
             OR (pg_trigger_depth() > 1 AND NEW.returned_at IS NULL))
        AND (pg_trigger_depth() > 1 OR (NEW.allocated, NEW.reserved) = (OLD.allocated, OLD.reserved))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what a statement line carries is kept by entries and matches alone' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION concilia_guard_return() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    debit record;
    deposit record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a returned deposit is undone, never erased' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM 1 FROM reconciliation_linebalance b WHERE b.line_id IN (NEW.debit_line_id, NEW.deposit_line_id)
      ORDER BY b.line_id FOR UPDATE;
    SELECT l.account_id, l.currency, l.amount, l.booked_on, b.allocated, b.reserved, b.returned_at INTO debit
      FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id WHERE l.id = NEW.debit_line_id;
    SELECT l.account_id, l.currency, l.amount, l.booked_on, b.allocated, b.reserved, b.returned_at INTO deposit
      FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id WHERE l.id = NEW.deposit_line_id;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'undone' AND deposit.amount > 0 AND debit.amount = -deposit.amount
           AND (debit.account_id, debit.currency) = (deposit.account_id, deposit.currency) AND deposit.booked_on <= debit.booked_on
           AND debit.allocated = 0 AND debit.reserved = 0 AND debit.returned_at IS NULL AND deposit.reserved = 0
           AND NEW.was_marked = (deposit.returned_at IS NOT NULL) AND (NEW.state = 'waiting' OR deposit.allocated = 0)
           AND NOT EXISTS (SELECT 1 FROM reconciliation_ignoredline g
                            WHERE g.line_id IN (NEW.debit_line_id, NEW.deposit_line_id) AND g.taken_back_at IS NULL)
        THEN
            RETURN NEW;
        END IF;
    ELSIF (NEW.id, NEW.merchant_id, NEW.debit_line_id, NEW.deposit_line_id, NEW.reason_id, NEW.note, NEW.was_marked, NEW.made_by_id,
           NEW.made_at)
          = (OLD.id, OLD.merchant_id, OLD.debit_line_id, OLD.deposit_line_id, OLD.reason_id, OLD.note, OLD.was_marked, OLD.made_by_id,
             OLD.made_at)
      AND (OLD.effective_on IS NULL OR NEW.effective_on = OLD.effective_on)
      AND ((OLD.state, NEW.state) IN (('waiting', 'undone'), ('returned', 'undone'))
           OR ((OLD.state, NEW.state) = ('waiting', 'returned') AND deposit.allocated = 0 AND deposit.reserved = 0))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a debit takes back one whole deposit of its account, and nothing of the two stands'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_return BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_returneddeposit
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_return();

CREATE FUNCTION concilia_mark_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE reconciliation_linebalance SET returned_at = NEW.made_at
          WHERE line_id IN (NEW.debit_line_id, NEW.deposit_line_id) AND returned_at IS NULL;
    ELSIF NEW.state = 'undone' THEN
        UPDATE reconciliation_linebalance SET returned_at = NULL
          WHERE line_id = NEW.debit_line_id OR (line_id = NEW.deposit_line_id AND NOT NEW.was_marked);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_returned AFTER INSERT OR UPDATE ON reconciliation_returneddeposit
    FOR EACH ROW EXECUTE FUNCTION concilia_mark_returned();
"""

NO_MARKS = """
DROP TRIGGER mark_returned ON reconciliation_returneddeposit;
DROP TRIGGER guard_return ON reconciliation_returneddeposit;
DROP FUNCTION concilia_mark_returned();
DROP FUNCTION concilia_guard_return();
"""

# Money reaches a debit of the bank from a customer's credit alone, by a refund or its mirror; never one that takes a deposit back.
# Its name comes behind `post_entries`, which holds the locks of the lines.
REFUNDS = """
CREATE FUNCTION concilia_refuse_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT n.id INTO wrong FROM fresh n
      JOIN reconciliation_settlement s ON s.id = n.settlement_id
      LEFT JOIN reconciliation_settlement o ON o.id = s.reverses_id
      LEFT JOIN reconciliation_linebalance b ON b.line_id = n.target_line_id
     WHERE (n.target_line_id IS NOT NULL) <> (COALESCE(o.kind, s.kind) = 'refund')
        OR (n.target_line_id IS NOT NULL
            AND (n.source_credit_id IS NULL OR (n.reverses_id IS NULL AND b.returned_at IS NOT NULL)))
     LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'entry % pays out what is no refund of credit', wrong USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_refund AFTER INSERT ON reconciliation_ledgerentry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION concilia_refuse_refund();

CREATE FUNCTION concilia_guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.merchant_id, NEW.customer_id, NEW.currency, NEW.made_by_id, NEW.made_at)
           = (OLD.id, OLD.merchant_id, OLD.customer_id, OLD.currency, OLD.made_by_id, OLD.made_at)
       AND (NEW.amount = OLD.amount OR OLD.state = 'to_pay')
       AND (OLD.debit_line_id IS NULL OR NEW.debit_line_id = OLD.debit_line_id)
       AND (OLD.settlement_id IS NULL OR NEW.settlement_id = OLD.settlement_id)
       AND (NEW.state = OLD.state OR (OLD.state, NEW.state) IN (
            ('to_pay', 'waiting'), ('to_pay', 'paid'), ('to_pay', 'dropped'), ('waiting', 'paid'), ('waiting', 'dropped'),
            ('paid', 'reversing'), ('paid', 'reversed'), ('reversing', 'paid'), ('reversing', 'reversed')))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a refund goes its way forward, and is never erased' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_refund BEFORE UPDATE OR DELETE ON reconciliation_refund
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_refund();
"""

NO_REFUNDS = """
DROP TRIGGER guard_refund ON reconciliation_refund;
DROP FUNCTION concilia_guard_refund();
DROP TRIGGER refuse_refund ON reconciliation_ledgerentry;
DROP FUNCTION concilia_refuse_refund();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0005_books"),
        ("accounts", "0002_entry"),
        ("tickets", "0002_guards"),
    ]

    operations = [
        migrations.RunSQL(MARKS, NO_MARKS),
        migrations.RunSQL(REFUNDS, NO_REFUNDS),
    ]
