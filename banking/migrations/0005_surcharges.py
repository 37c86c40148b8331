"""Surcharges of methods (IGTF), and of which taxes a merchant takes withholding vouchers."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auto_accept"),
        ("banking", "0004_public_accounts"),
    ]

    operations = [
        migrations.AddField(
            "paymentmethod", "surcharge_per_cent", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=4)
        ),
        migrations.AddField("paymentmethod", "surcharge_name_es", models.CharField(blank=True, max_length=40)),
        migrations.AddField("paymentmethod", "surcharge_name_en", models.CharField(blank=True, max_length=40)),
        migrations.AddConstraint(
            model_name="paymentmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("surcharge_per_cent__gte", 0), ("surcharge_per_cent__lte", 30)),
                name="paymentmethod_surcharge_sane",
            ),
        ),
        migrations.CreateModel(
            name="WithholdingKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=30)),
                ("name_es", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withholding_kinds", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "ordering": ("position", "pk"),
                "constraints": (
                    models.UniqueConstraint(fields=("merchant", "id"), name="withholdingkind_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="withholdingkind_key_unique"),
                ),
            },
        ),
        EnforceTenancy("banking"),
    ]
