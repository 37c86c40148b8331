"""Whether certain matches are settled without a person, and up to which value."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_entry"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="auto_accept",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="merchant",
            name="auto_accept_limit",
            field=models.DecimalField(
                decimal_places=4, default=Decimal("200"), max_digits=20, validators=[django.core.validators.MinValueValidator(0)]
            ),
        ),
        migrations.AddConstraint(
            model_name="merchant",
            constraint=models.CheckConstraint(
                condition=models.Q(("auto_accept_limit__gte", 0)), name="merchant_auto_accept_limit_not_negative"
            ),
        ),
    ]
