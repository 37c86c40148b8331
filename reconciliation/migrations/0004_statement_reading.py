"""Versions of an account's profile never change; confirmations of lines go with their undone import."""

from django.db import migrations

from accounts.append_only import AppendOnly

# Files that were brought in before there were states: all of them are in.

# What a file confirmed is as lasting as the file: gone only when the whole import is undone.
CONFIRMATION_GOES_WITH_ITS_IMPORT = """
DROP TRIGGER append_only ON reconciliation_lineconfirmation;
CREATE TRIGGER append_only BEFORE UPDATE ON reconciliation_lineconfirmation
    FOR EACH ROW EXECUTE FUNCTION concilia_refuse_change();
CREATE FUNCTION concilia_keep_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reconciliation_statementimport i WHERE i.id = OLD.statement_import_id AND i.undone_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the confirmation of line % is only deleted with an undone import', OLD.line_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_confirmation BEFORE DELETE ON reconciliation_lineconfirmation
    FOR EACH ROW EXECUTE FUNCTION concilia_keep_confirmation();
"""

CONFIRMATION_STAYS = """
DROP TRIGGER keep_confirmation ON reconciliation_lineconfirmation;
DROP FUNCTION concilia_keep_confirmation();
DROP TRIGGER append_only ON reconciliation_lineconfirmation;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reconciliation_lineconfirmation
    FOR EACH ROW EXECUTE FUNCTION concilia_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0003_line_confirmation"),
        ("accounts", "0002_entry"),
        ("banking", "0002_facts"),
    ]

    operations = [
        migrations.RunSQL(CONFIRMATION_GOES_WITH_ITS_IMPORT, CONFIRMATION_STAYS),
        AppendOnly("reconciliation_statementprofile"),
    ]
