"""The balances of a whole file's lines are looked at once, not line by line."""

from django.db import migrations

# What may be inserted is as before: the trigger of a line alone brings its balance, and brings it empty.
GUARD = """
CREATE OR REPLACE FUNCTION concilia_guard_line_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
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
DROP TRIGGER guard_balance ON reconciliation_linebalance;
CREATE TRIGGER guard_balance BEFORE UPDATE OR DELETE ON reconciliation_linebalance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_line_balance();

CREATE FUNCTION concilia_guard_new_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR EXISTS (SELECT 1 FROM fresh WHERE allocated <> 0 OR reserved <> 0) THEN
        RAISE EXCEPTION 'what a statement line carries is kept by entries and matches alone' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_new_balances AFTER INSERT ON reconciliation_linebalance
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION concilia_guard_new_balances();
"""
BEFORE = """
DROP TRIGGER guard_new_balances ON reconciliation_linebalance;
DROP FUNCTION concilia_guard_new_balances();
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
DROP TRIGGER guard_balance ON reconciliation_linebalance;
CREATE TRIGGER guard_balance BEFORE INSERT OR UPDATE OR DELETE ON reconciliation_linebalance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_line_balance();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0013_narrow_proposals"),
    ]

    operations = [
        migrations.RunSQL(GUARD, BEFORE),
    ]
