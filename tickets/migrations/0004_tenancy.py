"""Keys that hold every row to one merchant."""

from django.db import migrations

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_guards_of_support"),
    ]

    operations = [
        EnforceTenancy("tickets"),
    ]
