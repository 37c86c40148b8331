"""The tables of payment reports and what belongs to them."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_fsm
from django.conf import settings
from django.db import migrations, models

import reports.reminder_models
import tickets.machine
from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("banking", "0001_initial"),
        ("files", "0001_initial"),
        ("orders", "0001_initial"),
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminder_policy", to="accounts.merchant"
                    ),
                ),
                ("is_on", models.BooleanField(default=False)),
                (
                    "days_before",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=reports.reminder_models.days_before, size=None
                    ),
                ),
                (
                    "days_after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=reports.reminder_models.days_after, size=None
                    ),
                ),
                ("business_days_only", models.BooleanField(default=True)),
                ("may_decline", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "reminder policies",
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="reminderpolicy_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"),
                ),
                ("day", models.DateField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reminder_tenant_key"),
                    models.UniqueConstraint(fields=("customer", "day"), name="reminder_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="accounts.customer"
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="report", to="tickets.ticket"),
                ),
                ("key", models.UUIDField()),
                ("body_digest", models.CharField(max_length=64)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "Portal"),
                            ("whatsapp", "WhatsApp"),
                            ("telephone", "Telephone"),
                            ("email", "E-mail"),
                            ("counter", "In person"),
                        ],
                        default="portal",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("revision", models.PositiveSmallIntegerField(default=1)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="report_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "customer", "key"), name="report_key_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShippingWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipping_wishes", to="reports.paymentreport"
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shipping_wishes", to="orders.orderline"
                    ),
                ),
                ("address", models.TextField()),
                ("state", models.CharField(max_length=60)),
                ("city", models.CharField(max_length=60)),
                ("reference_point", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(max_length=30)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="shippingwish_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)), fields=("order_line",), name="shippingwish_line_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)), fields=("report",), name="shippingwish_one_per_report"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "state", "id"], name="shipment_queue")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="shipment_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "requested"),
                            models.Q(("prepared_at__isnull", False), ("state", "prepared")),
                            models.Q(
                                ("handed_over_at__isnull", False),
                                ("state", "handed_over"),
                                models.Q(("carrier", ""), _negated=True),
                            ),
                            models.Q(("delivered_at__isnull", False), ("handed_over_at__isnull", False), ("state", "delivered")),
                            models.Q(("handed_over_at__isnull", False), ("returned_at__isnull", False), ("state", "returned")),
                            _connector="OR",
                        ),
                        name="shipment_state_has_its_facts",
                    ),
                ],
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name="ShipmentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "shipment",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="reports.shipment"),
                ),
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="shipmentevent_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="ReportRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="reports.paymentreport"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("answered", "Answered"),
                            ("resubmitted", "Corrected and sent again"),
                        ],
                        max_length=12,
                    ),
                ),
                ("payer_name", models.CharField(blank=True, max_length=200)),
                ("payer_tax_id", models.CharField(blank=True, max_length=30)),
                ("note", models.TextField(blank=True)),
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("report", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reportrevision_tenant_key"),
                    models.UniqueConstraint(fields=("report", "number"), name="reportrevision_number_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="reports.paymentreport"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("since_revision", models.PositiveSmallIntegerField(default=1)),
                ("until_revision", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "method",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.paymentmethod"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
                    ),
                ),
                (
                    "origin_bank",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.bank"
                    ),
                ),
                ("origin_bank_name", models.CharField(blank=True, max_length=80)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("paid_on", models.DateField()),
                ("reference_raw", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("payer_phone", models.CharField(blank=True, max_length=30)),
                ("payer_id", models.CharField(blank=True, max_length=30)),
                ("sender_name", models.CharField(blank=True, max_length=120)),
                ("sender_email", models.EmailField(blank=True, max_length=254)),
                ("rate", models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True)),
                ("rate_date", models.DateField(blank=True, null=True)),
                ("rate_source", models.CharField(blank=True, max_length=20)),
                ("surcharge", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                ("surcharge_per_cent", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=4)),
                ("value", models.DecimalField(decimal_places=4, max_digits=20)),
            ],
            options={
                "ordering": ("report", "position", "pk"),
                "indexes": [
                    models.Index(fields=["account", "reference"], name="transfer_reference"),
                    models.Index(fields=["account", "amount", "paid_on"], name="transfer_amount"),
                    models.Index(
                        models.F("account"),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Reverse("reference"), name="text_pattern_ops"
                        ),
                        condition=models.Q(("reference", ""), _negated=True),
                        name="transfer_reference_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="transfer_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "position"),
                        name="transfer_position_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("value__gte", 0)), name="transfer_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("surcharge__gte", 0), ("surcharge__lt", models.F("amount"))),
                        name="transfer_surcharge_is_part",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__isnull", True), models.Q(("rate__gt", 0), ("rate_date__isnull", False)), _connector="OR"
                        ),
                        name="transfer_rate_is_dated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="reports.paymentreport"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="orders.order"),
                ),
                ("since_revision", models.PositiveSmallIntegerField(default=1)),
                ("until_revision", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
            ],
            options={
                "ordering": ("report", "pk"),
                "indexes": [models.Index(fields=["order", "until_revision"], name="allocation_of_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="allocation_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "order"),
                        name="allocation_order_unique",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="allocation_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withholdings", to="reports.paymentreport"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("since_revision", models.PositiveSmallIntegerField(default=1)),
                ("until_revision", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.withholdingkind"
                    ),
                ),
                ("number", models.CharField(max_length=60)),
                ("reference", models.CharField(max_length=60)),
                ("issued_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
            ],
            options={
                "ordering": ("report", "position", "pk"),
                "indexes": [models.Index(fields=["merchant", "reference"], name="withholding_reference")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="withholding_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "position"),
                        name="withholding_position_unique",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("report", "kind", "reference"),
                        name="withholding_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="withholding_amount_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="reports.paymentreport"
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipt", to="files.storedfile"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("since_revision", models.PositiveSmallIntegerField(default=1)),
                ("until_revision", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ("report", "position", "pk"),
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="receipt_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="ReportDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.customer"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("key", models.UUIDField()),
                ("data", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reportdraft_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "customer", "user", "key"), name="reportdraft_key_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="reports.reportdraft"
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="draftfile_tenant_key")],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
