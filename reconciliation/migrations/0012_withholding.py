"""A withholding voucher of a report and the adjustment that books it; surcharges as named differences."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0011_books"),
        ("reports", "0005_withholding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="adjustment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("bank_fee", "Bank fee"),
                    ("rounding", "Rounding"),
                    ("discount", "Discount"),
                    ("withholding", "Withholding"),
                    ("surcharge", "Surcharge"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="withholding",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustments",
                to="reports.withholding",
            ),
        ),
        EnforceTenancy("reconciliation"),
    ]
