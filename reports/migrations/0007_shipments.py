"""The way of paper invoices; what is wished for already begins it."""

import django.db.models.deletion
import django.utils.timezone
import django_fsm
from django.conf import settings
from django.db import migrations, models

import tickets.machine
from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_addresses"),
        ("reports", "0006_reminders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    tickets.machine.GuardedStateField(
                        choices=[
                            ("requested", "Asked for"),
                            ("prepared", "Prepared"),
                            ("handed_over", "On its way"),
                            ("delivered", "Delivered"),
                            ("returned", "Came back"),
                        ],
                        default="requested",
                        max_length=12,
                        protected=True,
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=80)),
                ("tracking", models.CharField(blank=True, max_length=80)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("prepared_at", models.DateTimeField(blank=True, null=True)),
                ("handed_over_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipments", to="accounts.merchant"
                    ),
                ),
                (
                    "wish",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipment", to="reports.shippingwish"
                    ),
                ),
            ],
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name="ShipmentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=12)),
                ("source", models.CharField(blank=True, max_length=12)),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("prepared", "Prepared"),
                            ("handed_over", "On its way"),
                            ("delivered", "Delivered"),
                            ("returned", "Came back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=80)),
                ("tracking", models.CharField(blank=True, max_length=80)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "shipment",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="reports.shipment"),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(fields=["merchant", "state", "id"], name="shipment_queue"),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="shipment_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "requested"),
                    models.Q(("prepared_at__isnull", False), ("state", "prepared")),
                    models.Q(
                        ("handed_over_at__isnull", False), ("state", "handed_over"), models.Q(("carrier", ""), _negated=True)
                    ),
                    models.Q(("delivered_at__isnull", False), ("handed_over_at__isnull", False), ("state", "delivered")),
                    models.Q(("handed_over_at__isnull", False), ("returned_at__isnull", False), ("state", "returned")),
                    _connector="OR",
                ),
                name="shipment_state_has_its_facts",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipmentevent",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="shipmentevent_tenant_key"),
        ),
        AppendOnly("reports_shipmentevent"),
        EnforceTenancy("reports"),
        migrations.RunSQL(
            """
            INSERT INTO reports_shipment (merchant_id, wish_id, state, carrier, tracking, requested_at)
            SELECT merchant_id, id, 'requested', '', '', created_at FROM reports_shippingwish WHERE released_at IS NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
