"""What was changed of whose data is never rewritten."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_entry"),
    ]

    operations = [
        AppendOnly("accounts_datachange"),
    ]
