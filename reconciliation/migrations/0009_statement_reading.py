"""Reading banks' files: the versions of each account's profile, and what becomes of each file and its rows."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy

# Files that were brought in before there were states: all of them are in.
BROUGHT_BEFORE = """
UPDATE reconciliation_statementimport SET state = 'done', lines_in_file = lines_new + lines_known, committed_at = created_at,
       committed_by_id = created_by_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
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
        ("accounts", "0003_entry"),
        ("banking", "0004_public_accounts"),
        ("reconciliation", "0008_line_confirmation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("layout_key", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("settings", models.JSONField()),
                ("restores", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_profiles",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="statementprofile_tenant_key"),
                    models.UniqueConstraint(fields=("account", "version"), name="statementprofile_once"),
                    models.CheckConstraint(condition=models.Q(("version__gt", 0)), name="statementprofile_version_positive"),
                ],
            },
        ),
        # The files: their states, the rows that ask for a person, and undoing a whole import.
        migrations.CreateModel(
            name="RejectedLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("rejected", "Rejected"), ("held", "Held")], max_length=8)),
                ("number", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=30)),
                ("column", models.CharField(blank=True, max_length=30)),
                ("raw", models.CharField(blank=True, max_length=400)),
                ("digest", models.CharField(max_length=64)),
                ("ordinal", models.PositiveIntegerField(default=0)),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Open"),
                            ("corrected", "Corrected"),
                            ("same", "Known already"),
                            ("other", "Another movement"),
                            ("ignored", "Ignored"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("number", "pk"),
            },
        ),
        migrations.RemoveField(
            model_name="statementimport",
            name="rejected",
        ),
        migrations.AddField(
            model_name="statementimport",
            name="closing",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="committed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="committed_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="facts",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="first_day",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="last_day",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="lines_confirming",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="lines_held",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="lines_in_file",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="lines_rejected",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="opening",
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="problems",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="profile",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="imports",
                to="reconciliation.statementprofile",
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="progress_done",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="progress_total",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="raw_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="refusal",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="release_note",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="released_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="released_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reconciliation.statementimport",
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="size",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("asking", "Account missing"),
                    ("reading", "Being read"),
                    ("refused", "Not readable"),
                    ("held", "Totals differ"),
                    ("preview", "To review"),
                    ("committing", "Being imported"),
                    ("done", "Imported"),
                    ("discarded", "Discarded"),
                    ("undone", "Undone"),
                ],
                default="reading",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="undo_reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="undone_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="statementimport",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="imports",
                to="banking.receivingaccount",
            ),
        ),
        migrations.AddIndex(
            model_name="statementimport",
            index=models.Index(fields=["account", "sha256"], name="statementimport_same_file"),
        ),
        migrations.AddIndex(
            model_name="statementimport",
            index=models.Index(
                condition=models.Q(("state", "done")), fields=["account", "-last_day"], name="statementimport_period"
            ),
        ),
        migrations.AddField(
            model_name="rejectedline",
            name="decided_by",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rejectedline",
            name="like_line",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AddField(
            model_name="rejectedline",
            name="line",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="rejected_rows",
                to="reconciliation.statementline",
            ),
        ),
        migrations.AddField(
            model_name="rejectedline",
            name="merchant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
        ),
        migrations.AddField(
            model_name="rejectedline",
            name="statement_import",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rejected_lines", to="reconciliation.statementimport"
            ),
        ),
        migrations.AddIndex(
            model_name="rejectedline",
            index=models.Index(fields=["statement_import", "number"], name="rejectedline_of_import"),
        ),
        migrations.AddIndex(
            model_name="rejectedline",
            index=models.Index(fields=["merchant", "digest"], name="rejectedline_again"),
        ),
        migrations.RunSQL(BROUGHT_BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="statementimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "lines_in_file",
                        models.F("lines_new") + models.F("lines_known") + models.F("lines_rejected") + models.F("lines_held"),
                    )
                ),
                name="statementimport_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("account__isnull", False), ("state__in", ("asking", "discarded")), _connector="OR"),
                name="statementimport_has_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementimport",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "undone"), _negated=True), ("undone_at__isnull", False), _connector="OR"),
                name="statementimport_undone_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectedline",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="rejectedline_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="rejectedline",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome", ""), ("decided_at__isnull", False), _connector="OR"),
                name="rejectedline_decided_has_time",
            ),
        ),
        migrations.RunSQL(CONFIRMATION_GOES_WITH_ITS_IMPORT, CONFIRMATION_STAYS),
        AppendOnly("reconciliation_statementprofile"),
        EnforceTenancy("reconciliation"),
    ]
