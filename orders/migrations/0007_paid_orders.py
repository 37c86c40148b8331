"""Paid orders of a house by an index of their own."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_addresses"),
        ("orders", "0006_settled_orders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("voided_at", None), models.Q(("paid_on", None), _negated=True)),
                fields=["merchant", "-issued_on"],
                name="order_paid",
            ),
        ),
    ]
