"""The history of shipments is never rewritten."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_guards"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        AppendOnly("reports_shipmentevent"),
    ]
