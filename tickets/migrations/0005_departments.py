"""Departments become rows that a merchant edits: what were queues of a fixed kind keep their keys and get names."""

import django.db.models.deletion
from django.db import migrations, models

RENAMES = (
    ("tickets_department", "merchantqueue_tenant_key", "department_tenant_key"),
    ("tickets_department", "merchantqueue_department_unique", "department_key_unique"),
    ("tickets_conversation", "tenant_tickets_conversation_queue_id", "tenant_tickets_conversation_department_id"),
)
NAMED = """
UPDATE tickets_department
   SET name_es = CASE key WHEN 'payments' THEN 'Pagos' ELSE 'Soporte' END,
       name_en = CASE key WHEN 'payments' THEN 'Payments' ELSE 'Support' END,
       position = CASE key WHEN 'payments' THEN 2 ELSE 1 END;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_setup"),
        ("tickets", "0004_events_looked_up_once"),
    ]

    operations = [
        migrations.RenameModel("MerchantQueue", "Department"),
        migrations.RenameField("department", "department", "key"),
        migrations.RenameField("conversation", "queue", "department"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE {table} RENAME CONSTRAINT {before} TO {after}",
                    f"ALTER TABLE {table} RENAME CONSTRAINT {after} TO {before}",
                )
                for table, before, after in RENAMES
            ],
            state_operations=[
                migrations.RemoveConstraint("department", "merchantqueue_tenant_key"),
                migrations.RemoveConstraint("department", "merchantqueue_department_unique"),
                migrations.AddConstraint(
                    "department", models.UniqueConstraint(fields=("merchant", "id"), name="department_tenant_key")
                ),
                migrations.AddConstraint(
                    "department", models.UniqueConstraint(fields=("merchant", "key"), name="department_key_unique")
                ),
            ],
        ),
        migrations.AlterField("department", "key", models.CharField(max_length=20)),
        migrations.AlterField(
            "department",
            "merchant",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="departments", to="accounts.merchant"),
        ),
        migrations.AlterField(
            "department",
            "queue",
            models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="department", to="helpdesk.queue"),
        ),
        migrations.AddField("department", "name_es", models.CharField(max_length=60, default=""), preserve_default=False),
        migrations.AddField("department", "name_en", models.CharField(max_length=60, default=""), preserve_default=False),
        migrations.AddField(
            "department", "email", models.EmailField(blank=True, max_length=254, default=""), preserve_default=False
        ),
        migrations.AddField("department", "is_offered", models.BooleanField(default=True)),
        migrations.AddField("department", "is_active", models.BooleanField(default=True)),
        migrations.AddField("department", "position", models.PositiveSmallIntegerField(default=0)),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
