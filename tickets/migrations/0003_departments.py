"""Departments were queues of a merchant once: what the database named after those keeps its names."""

from django.db import migrations

# What it is called, and as what it stays known.
NAMES = (
    (
        "TABLE tickets_department RENAME CONSTRAINT",
        "tickets_department_merchant_id_7b0bb747_fk_accounts_merchant_id",
        "tickets_merchantqueu_merchant_id_d63c1673_fk_accounts_",
    ),
    (
        "TABLE tickets_department RENAME CONSTRAINT",
        "tickets_department_queue_id_32f43d96_fk_helpdesk_queue_id",
        "tickets_merchantqueue_queue_id_f159c134_fk_helpdesk_queue_id",
    ),
    ("INDEX", "tickets_department_pkey", "tickets_merchantqueue_pkey"),
    ("INDEX", "tickets_department_queue_id_key", "tickets_merchantqueue_queue_id_key"),
    ("INDEX", "tickets_department_merchant_id_7b0bb747", "tickets_merchantqueue_merchant_id_d63c1673"),
    ("INDEX", "tickets_conversation_department_id_21f4698a", "tickets_conversation_queue_id_1f20d50d"),
    ("SEQUENCE", "tickets_department_id_seq", "tickets_merchantqueue_id_seq"),
)


def renamed(what: str, old: str, new: str) -> str:
    """The statement that gives `new` to what is called `old`."""
    return f"ALTER {what} {old} TO {new};" if "RENAME" in what else f"ALTER {what} {old} RENAME TO {new};"


NAMED = """
UPDATE tickets_department
   SET name_es = CASE key WHEN 'payments' THEN 'Pagos' ELSE 'Soporte' END,
       name_en = CASE key WHEN 'payments' THEN 'Payments' ELSE 'Support' END,
       position = CASE key WHEN 'payments' THEN 2 ELSE 1 END;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_guards"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        migrations.RunSQL(
            "".join(renamed(what, now, stays) for what, now, stays in NAMES),
            "".join(renamed(what, stays, now) for what, now, stays in NAMES),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
