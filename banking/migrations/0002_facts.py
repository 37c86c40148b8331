"""Banks and reference formats of Venezuela, Colombia, Ecuador, Argentina and Mexico, from `banking/data/`."""

from django.db import migrations

from banking.facts import load_banks


def load(apps, schema_editor):
    """Later editions of the data are loaded by `manage.py load_banks`."""
    load_banks(apps.get_model("banking", "Bank"), apps.get_model("banking", "ReferenceFormat"))


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
