"""Keys that hold every row to one merchant."""

from django.db import migrations

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0011_refund_rates"),
    ]

    operations = [
        EnforceTenancy("reconciliation"),
    ]
