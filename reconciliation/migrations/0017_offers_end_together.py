"""Offers of many deposits end in one statement, and what entries lock is not locked once more in a stronger way."""

from django.db import migrations

# Planned anew each time: a plan made for one deposit would not do for thousands.
ENDS = """
CREATE FUNCTION concilia_end_offers_of_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'UPDATE reconciliation_depositoffer o SET state = ''withdrawn'', why = ''used'', ended_at = now()
               FROM moved n JOIN standing b USING (line_id)
              WHERE o.line_id = n.line_id AND o.state = ''offered''
                AND (n.allocated + n.reserved > b.allocated + b.reserved
                     OR n.returned_at IS NOT NULL AND b.returned_at IS NULL)';
    RETURN NULL;
END $$;
DROP TRIGGER end_offers ON reconciliation_linebalance;
CREATE TRIGGER end_offers AFTER UPDATE ON reconciliation_linebalance
    REFERENCING OLD TABLE AS standing NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION concilia_end_offers_of_used();
"""
ENDS_SINGLY = """
DROP TRIGGER end_offers ON reconciliation_linebalance;
DROP FUNCTION concilia_end_offers_of_used();
CREATE TRIGGER end_offers AFTER UPDATE ON reconciliation_linebalance FOR EACH ROW
    WHEN (NEW.allocated + NEW.reserved > OLD.allocated + OLD.reserved OR (NEW.returned_at IS NOT NULL AND OLD.returned_at IS NULL))
    EXECUTE FUNCTION concilia_end_offers('used');
"""

# Services lock balances so before they post; the keys of a balance never change. A stronger lock writes each row again.
LOCKS = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('concilia_post_entries'::regproc), '%s', '%s');
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0016_narrow_ledger"),
    ]

    operations = [
        migrations.RunSQL(ENDS, ENDS_SINGLY),
        migrations.RunSQL(
            LOCKS % (" FOR UPDATE;", " FOR NO KEY UPDATE;"),
            LOCKS % (" FOR NO KEY UPDATE;", " FOR UPDATE;"),
        ),
    ]
