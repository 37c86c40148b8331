"""The history of services is never rewritten."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_fiscal"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        AppendOnly("orders_serviceevent"),
    ]
