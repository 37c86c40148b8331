"""What tickets are found by."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from accounts.searching import fill_and_keep
from accounts.tenancy import EnforceTenancy

FILL, KEEP = fill_and_keep("tickets_ticket", "ticket_id", ("number",), of_customer=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_search"),
        ("tickets", "0004_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketSearch",
            fields=[
                ("text", models.TextField()),
                (
                    "ticket",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
            ],
        ),
        FILL,
        migrations.AddIndex(
            model_name="ticketsearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["merchant", "text"], name="ticket_found", opclasses=("int8_ops", "gin_trgm_ops")
            ),
        ),
        KEEP,
        EnforceTenancy("tickets"),
    ]
