"""What orders are found by, and the order in which what is owed is listed."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from accounts.searching import fill_and_keep
from accounts.tenancy import EnforceTenancy

FILL, KEEP = fill_and_keep("orders_order", "order_id", ("number", "description"), of_customer=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_search"),
        ("orders", "0004_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderSearch",
            fields=[
                ("text", models.TextField()),
                (
                    "order",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="orders.order",
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
            model_name="ordersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["merchant", "text"], name="order_found", opclasses=("int8_ops", "gin_trgm_ops")
            ),
        ),
        KEEP,
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_on", None), ("voided_at", None)),
                fields=["merchant", "due_on", "-issued_on", "-id"],
                name="order_owed",
            ),
        ),
        EnforceTenancy("orders"),
        # Last, because readers wait from here on.
        migrations.RemoveIndex(
            model_name="order",
            name="order_unpaid",
        ),
    ]
