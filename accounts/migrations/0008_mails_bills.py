"""Whether bills are e-mailed when they are issued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_setup"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="mails_bills",
            field=models.BooleanField(default=True),
        ),
    ]
