"""What customers are found by, and the order in which they are listed."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

from accounts.searching import FOLD, fill_and_keep
from accounts.tenancy import EnforceTenancy

FILL, KEEP = fill_and_keep("accounts_customer", "customer_id", ("number", "name", "tax_id", "email", "phone"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tenancy"),
    ]

    operations = [
        BtreeGinExtension(),
        FOLD,
        migrations.CreateModel(
            name="CustomerSearch",
            fields=[
                ("text", models.TextField()),
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="accounts.customer",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
            ],
        ),
        FILL,
        migrations.AddIndex(
            model_name="customersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["merchant", "text"], name="customer_found", opclasses=("int8_ops", "gin_trgm_ops")
            ),
        ),
        KEEP,
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["merchant", "name", "id"], name="customer_by_name"),
        ),
        EnforceTenancy("accounts"),
    ]
