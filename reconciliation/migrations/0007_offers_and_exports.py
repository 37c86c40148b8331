"""An open offer ends by itself when its deposit is used, returned or set aside, whoever does it."""

from django.db import migrations

# What was told about a deposit no longer holds once part of it is used: the question is taken back in the same transaction.
ENDS = """
CREATE FUNCTION concilia_end_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reconciliation_depositoffer SET state = 'withdrawn', why = TG_ARGV[0], ended_at = now()
     WHERE line_id = NEW.line_id AND state = 'offered';
    RETURN NULL;
END $$;
CREATE TRIGGER end_offers AFTER UPDATE ON reconciliation_linebalance FOR EACH ROW
    WHEN (NEW.allocated + NEW.reserved > OLD.allocated + OLD.reserved OR (NEW.returned_at IS NOT NULL AND OLD.returned_at IS NULL))
    EXECUTE FUNCTION concilia_end_offers('used');
CREATE TRIGGER end_offers AFTER INSERT ON reconciliation_ignoredline FOR EACH ROW
    EXECUTE FUNCTION concilia_end_offers('ignored');
"""

NO_ENDS = """
DROP TRIGGER end_offers ON reconciliation_ignoredline;
DROP TRIGGER end_offers ON reconciliation_linebalance;
DROP FUNCTION concilia_end_offers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0006_returns"),
        ("accounts", "0002_entry"),
        ("banking", "0002_facts"),
        ("reports", "0002_guards"),
    ]

    operations = [
        migrations.RunSQL(ENDS, NO_ENDS),
    ]
