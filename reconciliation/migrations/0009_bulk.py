"""A match may begin as settled, so that matches can be written in bulk."""

from django.db import migrations

# A settled match names its settlement (`match_settled_has_settlement`), and what it takes of its line is checked where the
# line's balance changes: by the entries of that settlement.
GUARD = """
CREATE OR REPLACE FUNCTION concilia_guard_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state IN ('reserved', 'settled') THEN RETURN NEW; END IF;
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0008_keys_of_many_lines"),
    ]

    operations = [
        migrations.RunSQL(GUARD, GUARD.replace("IN ('reserved', 'settled')", "= 'reserved'")),
    ]
