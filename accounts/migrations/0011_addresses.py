"""Addresses of customers, and whether somebody wants reminders."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_api_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="gets_reminders",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("billing", "Billing address"), ("shipping", "Shipping address")], max_length=8),
                ),
                ("label", models.CharField(blank=True, max_length=60)),
                ("address", models.TextField()),
                ("state", models.CharField(blank=True, max_length=60)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("reference_point", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="addresses", to="accounts.customer"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="address_tenant_key")],
            },
        ),
        EnforceTenancy("accounts"),
    ]
