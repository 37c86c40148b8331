"""The history of shipments is never rewritten; what is wished for already begins its way."""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_guards"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        AppendOnly("reports_shipmentevent"),
        migrations.RunSQL(
            """
            INSERT INTO reports_shipment (merchant_id, wish_id, state, carrier, tracking, requested_at)
            SELECT merchant_id, id, 'requested', '', '', created_at FROM reports_shippingwish WHERE released_at IS NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
