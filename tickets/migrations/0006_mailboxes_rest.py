"""A mailbox rests after a long visit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0005_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailbox",
            name="rests_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
