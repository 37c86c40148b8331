"""What confirmed a line is never changed or deleted."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0002_guards"),
        ("accounts", "0002_entry"),
        ("banking", "0002_facts"),
    ]

    operations = [
        AppendOnly("reconciliation_lineconfirmation"),
    ]
