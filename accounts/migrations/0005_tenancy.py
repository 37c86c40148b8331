"""Keys that hold every row to one merchant."""

from django.db import migrations

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_setup"),
    ]

    operations = [
        EnforceTenancy("accounts"),
    ]
