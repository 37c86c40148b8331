"""Sessions that end when a person's standing or role changes, and rows that count tries at the door."""

from django.db import migrations, models

import accounts.models

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
        ("accounts", "0002_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryTries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("until", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name_plural": "entry tries",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="merchant",
            name="time_zone",
            field=models.CharField(max_length=50, validators=[accounts.models.refuse_unknown_zone]),
        ),
        migrations.RunSQL(SESSIONS, NO_SESSIONS),
    ]
