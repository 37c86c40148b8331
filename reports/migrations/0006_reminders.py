"""Reminders of what is owed."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import reports.reminder_models
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_api_keys"),
        ("reports", "0005_withholding"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reminder_tenant_key"),
                    models.UniqueConstraint(fields=("customer", "day"), name="reminder_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReminderPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_on", models.BooleanField(default=False)),
                (
                    "days_before",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=reports.reminder_models.days_before, size=None
                    ),
                ),
                (
                    "days_after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=reports.reminder_models.days_after, size=None
                    ),
                ),
                ("business_days_only", models.BooleanField(default=True)),
                ("may_decline", models.BooleanField(default=True)),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminder_policy", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "reminder policies",
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="reminderpolicy_tenant_key")],
            },
        ),
        EnforceTenancy("reports"),
    ]
