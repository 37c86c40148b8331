"""The list of a house's settled orders, newest first, by an index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_addresses"),
        ("orders", "0005_services"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_on", None), ("voided_at", None), _negated=True),
                fields=["merchant", "-issued_on", "-id"],
                name="order_settled",
            ),
        ),
    ]
