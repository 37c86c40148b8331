from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0010_match_runs")]

    operations: list[object] = []
