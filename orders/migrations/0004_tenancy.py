"""Keys that hold every row to one merchant."""

from django.db import migrations

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_services"),
    ]

    operations = [
        EnforceTenancy("orders"),
    ]
