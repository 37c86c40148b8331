"""Revisions of reports are never changed or deleted."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
    ]

    operations = [
        AppendOnly("reports_reportrevision"),
    ]
