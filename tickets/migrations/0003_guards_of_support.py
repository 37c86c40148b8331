"""The history of conversations is never rewritten; each conversation knows its last message and whose turn it is."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_guards"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        AppendOnly("tickets_conversationevent"),
    ]
