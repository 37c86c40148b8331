"""Sessions end when the standing or the role of a person changes."""

from django.db import migrations

SESSIONS = """
CREATE FUNCTION accounts_user_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A row saved from an old copy must not bring ended sessions back.
    NEW.session_epoch := GREATEST(NEW.session_epoch, OLD.session_epoch);
    IF NEW.is_active IS DISTINCT FROM OLD.is_active OR NEW.is_superuser IS DISTINCT FROM OLD.is_superuser THEN
        NEW.session_epoch := NEW.session_epoch + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER end_sessions BEFORE UPDATE ON accounts_user FOR EACH ROW EXECUTE FUNCTION accounts_user_sessions();

CREATE FUNCTION accounts_role_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.role IS NOT DISTINCT FROM OLD.role THEN
        RETURN NULL;
    END IF;
    -- Who never signed in has no session that could end.
    UPDATE accounts_user SET session_epoch = session_epoch + 1
    WHERE id = COALESCE(NEW.user_id, OLD.user_id) AND last_login IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER end_sessions AFTER INSERT OR UPDATE OR DELETE ON accounts_staffrole
FOR EACH ROW EXECUTE FUNCTION accounts_role_sessions();
"""

NO_SESSIONS = """
DROP TRIGGER end_sessions ON accounts_staffrole; DROP FUNCTION accounts_role_sessions();
DROP TRIGGER end_sessions ON accounts_user; DROP FUNCTION accounts_user_sessions();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(SESSIONS, NO_SESSIONS),
    ]
