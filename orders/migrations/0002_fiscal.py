"""Fiscal documents and their files are never changed or deleted."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        AppendOnly("orders_fiscaldocument"),
        AppendOnly("orders_fiscalfile"),
    ]
