"""Keys that hold every row to one merchant; rows that never change."""

from django.db import migrations

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_initial")]

    operations = [
        EnforceTenancy("reports"),
        AppendOnly("reports_reportrevision"),
    ]
