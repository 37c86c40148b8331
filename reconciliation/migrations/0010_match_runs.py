from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0009_statement_reading")]

    operations: list[object] = []
