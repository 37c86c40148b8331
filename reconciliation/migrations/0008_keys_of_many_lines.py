"""Who took an original file away is never rewritten."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0007_offers_and_exports"),
        ("accounts", "0002_entry"),
        ("banking", "0002_facts"),
    ]

    operations = [
        AppendOnly("reconciliation_statementdownload"),
    ]
