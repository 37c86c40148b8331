from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0008_line_confirmation")]

    operations: list[object] = []
