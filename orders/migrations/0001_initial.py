"""The tables of orders, invoices and services."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FiscalSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fiscal_series", to="accounts.merchant"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Fiscal invoice"), ("credit_note", "Credit note")], max_length=11),
                ),
                ("prefix", models.CharField(blank=True, max_length=10)),
                ("next_value", models.PositiveBigIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="fiscalseries_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind"), name="fiscalseries_kind_unique"),
                    models.CheckConstraint(condition=models.Q(("next_value__gte", 1)), name="fiscalseries_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="accounts.customer"),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[("service_order", "Service order"), ("pre_invoice", "Pre-invoice"), ("invoice", "Invoice")],
                        default="service_order",
                        max_length=15,
                    ),
                ),
                ("description", models.CharField(max_length=200)),
                ("currency", models.CharField(max_length=3)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=20)),
                ("tax", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                ("total", models.DecimalField(decimal_places=4, max_digits=20)),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
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
                "indexes": [
                    models.Index(fields=["merchant", "customer", "due_on"], name="order_of_customer"),
                    models.Index(
                        condition=models.Q(("paid_on", None), ("voided_at", None)),
                        fields=["merchant", "due_on"],
                        name="order_unpaid",
                    ),
                    models.Index(
                        condition=models.Q(("voided_at", None), models.Q(("paid_on", None), _negated=True)),
                        fields=["merchant", "-issued_on"],
                        name="order_paid",
                    ),
                    models.Index(
                        condition=models.Q(("paid_on", None), ("voided_at", None), _negated=True),
                        fields=["merchant", "-issued_on", "-id"],
                        name="order_settled",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="order_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "number"), name="order_number_unique"),
                    models.CheckConstraint(condition=models.Q(("total__gt", 0)), name="order_total_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total", django.db.models.expressions.CombinedExpression(models.F("subtotal"), "+", models.F("tax")))
                        ),
                        name="order_total_is_sum",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FiscalDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fiscal_documents", to="accounts.merchant"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fiscal_documents", to="orders.order"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Fiscal invoice"), ("credit_note", "Credit note")], max_length=11),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("paid", "Drawn when the order was paid"),
                            ("issued", "Drawn when the order was issued"),
                            ("hand", "Drawn by accounting"),
                            ("external", "Of another system"),
                        ],
                        max_length=8,
                    ),
                ),
                ("series", models.CharField(blank=True, max_length=10)),
                ("sequence", models.PositiveBigIntegerField(blank=True, null=True)),
                ("number", models.CharField(max_length=40)),
                (
                    "cancels",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note",
                        to="orders.fiscaldocument",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("dated_on", models.DateField()),
                ("seller_name", models.CharField(max_length=200)),
                ("seller_tax_id", models.CharField(blank=True, max_length=30)),
                ("buyer_name", models.CharField(max_length=200)),
                ("buyer_tax_id", models.CharField(blank=True, max_length=30)),
                ("buyer_address", models.TextField(blank=True)),
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
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="fiscaldocument_of_merchant")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="fiscaldocument_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind", "number"), name="fiscaldocument_number_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("sequence__isnull", False)),
                        fields=("merchant", "kind", "series", "sequence"),
                        name="fiscaldocument_sequence_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancels__isnull", True), ("kind", "invoice")),
                            models.Q(("cancels__isnull", False), ("kind", "credit_note")),
                            _connector="OR",
                        ),
                        name="fiscaldocument_cancels_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin", "external"), ("sequence__isnull", True)),
                            models.Q(models.Q(("origin", "external"), _negated=True), ("sequence__isnull", False)),
                            _connector="OR",
                        ),
                        name="fiscaldocument_ours_has_sequence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FiscalFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="orders.fiscaldocument"
                    ),
                ),
                ("kind", models.CharField(choices=[("pdf", "PDF"), ("xml", "XML")], max_length=3)),
                ("place", models.CharField(max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
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
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="fiscalfile_tenant_key"),
                    models.UniqueConstraint(fields=("document", "kind"), name="fiscalfile_one_of_a_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServicePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="service_policy", to="accounts.merchant"
                    ),
                ),
                ("may_order", models.BooleanField(default=False)),
                ("may_change", models.BooleanField(default=False)),
                ("may_cancel", models.BooleanField(default=False)),
                ("bills_renewals", models.BooleanField(default=False)),
                ("renewal_days", models.PositiveSmallIntegerField(default=10)),
                ("due_days", models.PositiveSmallIntegerField(default=5)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="servicepolicy_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="ServiceOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="service_offers", to="accounts.merchant"
                    ),
                ),
                ("name_es", models.CharField(max_length=120)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                (
                    "period",
                    models.CharField(
                        choices=[("once", "Once"), ("monthly", "Monthly"), ("yearly", "Yearly")], default="monthly", max_length=7
                    ),
                ),
                ("price", models.DecimalField(decimal_places=4, max_digits=20)),
                ("tax_name", models.CharField(blank=True, max_length=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=6)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="serviceoffer_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="serviceoffer_price_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="accounts.customer"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="orders.serviceoffer",
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "period",
                    models.CharField(
                        choices=[("once", "Once"), ("monthly", "Monthly"), ("yearly", "Yearly")], default="monthly", max_length=7
                    ),
                ),
                ("price", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("tax_name", models.CharField(blank=True, max_length=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("renews_on", models.DateField(blank=True, null=True)),
                ("billed_until", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "customer"], name="service_of_customer"),
                    models.Index(condition=models.Q(("state", "active")), fields=["renews_on"], name="service_to_renew"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="service_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="service_price_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "service",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.service"),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("made", "Requested"),
                            ("changed", "Changed"),
                            ("billed", "Billed"),
                            ("paid", "Paid"),
                            ("reopened", "Payment taken back"),
                            ("suspended", "Suspended"),
                            ("resumed", "Resumed"),
                            ("ending", "Cancelled for the end of its period"),
                            ("kept", "Kept after all"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=9,
                    ),
                ),
                ("renews_before", models.DateField(null=True)),
                ("renews_after", models.DateField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["service", "-id"], name="serviceevent_of_service")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="serviceevent_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "order",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.order"),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                (
                    "kind",
                    models.CharField(
                        choices=[("service", "Service"), ("shipping", "Shipping of the paper invoice")],
                        default="service",
                        max_length=10,
                    ),
                ),
                ("description", models.CharField(max_length=200)),
                ("quantity", models.DecimalField(decimal_places=3, default=Decimal("1"), max_digits=12)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=20)),
                ("tax_name", models.CharField(blank=True, max_length=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=6)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=20)),
                ("tax", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="orders.service",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ("order", "position", "pk"),
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="orderline_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="OrderBalance",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="balance",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                ("total", models.DecimalField(decimal_places=4, max_digits=20)),
                ("paid", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("paid__gte", 0)), name="orderbalance_paid_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("paid__lte", models.F("total"))), name="orderbalance_never_overpaid"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="order_imports", to="accounts.merchant"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "To be looked at"),
                            ("queued", "Being brought in"),
                            ("done", "Brought in"),
                            ("failed", "Not brought in"),
                            ("undone", "Undone"),
                        ],
                        default="read",
                        max_length=10,
                    ),
                ),
                ("headings", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                ("outcome", models.JSONField(default=dict)),
                ("skips_bad", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="orderimport_of_merchant")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="orderimport_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "source",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="made", to="orders.orderimport"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="importedrow_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(("customer__isnull", True), ("order__isnull", True), _connector="XOR"),
                        name="importedrow_one_thing",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
