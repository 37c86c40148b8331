"""Withholding vouchers as part of a report; the surcharge within a transfer."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0005_surcharges"),
        ("reports", "0004_receipts_end"),
    ]

    operations = [
        migrations.AddField("transfer", "surcharge", models.DecimalField(decimal_places=4, default=Decimal(0), max_digits=20)),
        migrations.AddField(
            "transfer", "surcharge_per_cent", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=4)
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("surcharge__gte", 0), ("surcharge__lt", models.F("amount"))),
                name="transfer_surcharge_is_part",
            ),
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("since_revision", models.PositiveSmallIntegerField(default=1)),
                ("until_revision", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("number", models.CharField(max_length=60)),
                ("reference", models.CharField(max_length=60)),
                ("issued_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.withholdingkind"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withholdings", to="reports.paymentreport"
                    ),
                ),
            ],
            options={
                "ordering": ("report", "position", "pk"),
                "indexes": [models.Index(fields=["merchant", "reference"], name="withholding_reference")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="withholding_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "position"),
                        name="withholding_position_unique",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "kind", "reference"),
                        name="withholding_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="withholding_amount_positive"),
                ],
            },
        ),
        EnforceTenancy("reports"),
    ]
