"""Services: what an order line is for."""

from decimal import Decimal

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_api_keys"),
        ("orders", "0004_fiscal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
        ),
        migrations.CreateModel(
            name="ServiceEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("note", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
        ),
        migrations.CreateModel(
            name="ServicePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("may_order", models.BooleanField(default=False)),
                ("may_change", models.BooleanField(default=False)),
                ("may_cancel", models.BooleanField(default=False)),
                ("bills_renewals", models.BooleanField(default=False)),
                ("renewal_days", models.PositiveSmallIntegerField(default=10)),
                ("due_days", models.PositiveSmallIntegerField(default=5)),
            ],
        ),
        migrations.AddField(
            model_name="orderline",
            name="ends_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="starts_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_on", None), ("voided_at", None)), fields=["merchant", "due_on"], name="order_unpaid"
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="services", to="accounts.customer"),
        ),
        migrations.AddField(
            model_name="service",
            name="merchant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="services", to="accounts.merchant"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="service",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.service"
            ),
        ),
        migrations.AddField(
            model_name="serviceevent",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="serviceevent",
            name="merchant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
        ),
        migrations.AddField(
            model_name="serviceevent",
            name="order",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"),
        ),
        migrations.AddField(
            model_name="serviceevent",
            name="service",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.service"),
        ),
        migrations.AddField(
            model_name="serviceoffer",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="service_offers", to="accounts.merchant"
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="offer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="services",
                to="orders.serviceoffer",
            ),
        ),
        migrations.AddField(
            model_name="servicepolicy",
            name="merchant",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="service_policy", to="accounts.merchant"
            ),
        ),
        migrations.AddIndex(
            model_name="serviceevent",
            index=models.Index(fields=["service", "-id"], name="serviceevent_of_service"),
        ),
        migrations.AddConstraint(
            model_name="serviceevent",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="serviceevent_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="serviceoffer",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="serviceoffer_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="serviceoffer",
            constraint=models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="serviceoffer_price_positive"),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["merchant", "customer"], name="service_of_customer"),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(condition=models.Q(("state", "active")), fields=["renews_on"], name="service_to_renew"),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="service_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="service_price_positive"),
        ),
        migrations.AddConstraint(
            model_name="servicepolicy",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="servicepolicy_tenant_key"),
        ),
        AppendOnly("orders_serviceevent"),
        EnforceTenancy("orders"),
    ]
