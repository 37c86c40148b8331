"""Receipts are erased after a time; what a house tells about data."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_addresses"),
        ("files", "0003_attempts"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="storedfile",
            name="state",
            field=models.CharField(
                choices=[("received", "Being prepared"), ("ready", "Ready"), ("refused", "Refused"), ("erased", "Erased")],
                default="received",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="PrivacyPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("receipt_months", models.PositiveSmallIntegerField(default=24)),
                ("notice_es", models.TextField(blank=True)),
                ("notice_en", models.TextField(blank=True)),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="privacy_policy", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "privacy policies",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="privacypolicy_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("receipt_months__range", (1, 240))), name="privacypolicy_months"),
                ],
            },
        ),
        EnforceTenancy("files"),
    ]
