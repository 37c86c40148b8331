"""Reading banks' files: the versions of each account's profile."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


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
        EnforceTenancy("reconciliation"),
        AppendOnly("reconciliation_statementprofile"),
    ]
