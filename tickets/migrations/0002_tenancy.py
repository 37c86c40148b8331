"""Keys that hold every row to one merchant; rows that never change."""

from django.db import migrations

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        EnforceTenancy("tickets"),
        AppendOnly("tickets_ticketevent"),
    ]
