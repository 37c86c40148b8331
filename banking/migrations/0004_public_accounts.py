"""Accounts that strangers see on the public page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0003_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivingaccount",
            name="is_public",
            field=models.BooleanField(default=True),
        ),
    ]
