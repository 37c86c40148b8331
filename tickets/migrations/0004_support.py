"""The history of conversations is never rewritten; each conversation knows its last message and whose turn it is."""

from django.db import migrations

from accounts.append_only import AppendOnly

FILLED = """
UPDATE tickets_conversation c
   SET last_message_at = (SELECT created_at FROM tickets_message WHERE conversation_id = c.id ORDER BY id DESC LIMIT 1),
       awaits_us = is_open AND 'customer' = COALESCE(
           (SELECT team FROM tickets_message WHERE conversation_id = c.id AND NOT is_internal ORDER BY id DESC LIMIT 1), '');
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_departments"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        AppendOnly("tickets_conversationevent"),
    ]
