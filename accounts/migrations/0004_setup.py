"""The history of the set-up is never rewritten."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_people"),
    ]

    operations = [
        AppendOnly("accounts_setupchange"),
    ]
