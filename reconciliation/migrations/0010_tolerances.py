"""A tolerance is ended, never changed."""

from django.db import migrations

from accounts.append_only import AppendOnly

GUARD = """
CREATE FUNCTION concilia_guard_tolerance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
       AND to_jsonb(NEW) - 'ended_at' - 'ended_by_id' = to_jsonb(OLD) - 'ended_at' - 'ended_by_id'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a tolerance is ended once, and nothing else of it changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_tolerance BEFORE UPDATE ON reconciliation_tolerance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_tolerance();
"""

NO_GUARD = """
DROP TRIGGER guard_tolerance ON reconciliation_tolerance;
DROP FUNCTION concilia_guard_tolerance();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0009_bulk"),
        ("accounts", "0003_people"),
        ("banking", "0002_facts"),
    ]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        AppendOnly("reconciliation_tolerance", "DELETE"),
    ]
