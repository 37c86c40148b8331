"""Keys that hold every row to one merchant."""

from django.db import migrations

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
    ]

    operations = [
        EnforceTenancy("files"),
    ]
