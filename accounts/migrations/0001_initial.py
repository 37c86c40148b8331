"""The tables of merchants, people, customers and what they may do."""

import re
from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

import accounts.models
from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.CreateModel(
            name="Merchant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(re.compile("^[a-z][a-z0-9-]{1,39}\\Z")),
                            accounts.models.refuse_reserved_slug,
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("legal_name", models.CharField(blank=True, max_length=200)),
                ("tax_id", models.CharField(blank=True, max_length=30)),
                ("country", models.CharField(max_length=2)),
                ("time_zone", models.CharField(max_length=50, validators=[accounts.models.refuse_unknown_zone])),
                (
                    "default_language",
                    models.CharField(choices=[("es", "Español"), ("en", "English")], default="es", max_length=2),
                ),
                ("currency", models.CharField(max_length=3)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "accent",
                    models.CharField(
                        default="#4338ca", max_length=7, validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}\\Z")]
                    ),
                ),
                ("logo_png", models.BinaryField(blank=True, null=True)),
                ("intro_es", models.TextField(blank=True)),
                ("intro_en", models.TextField(blank=True)),
                ("how_to_pay_es", models.TextField(blank=True)),
                ("how_to_pay_en", models.TextField(blank=True)),
                ("support_email", models.EmailField(blank=True, max_length=254)),
                ("support_phone", models.CharField(blank=True, max_length=30)),
                ("support_whatsapp", models.CharField(blank=True, max_length=30)),
                ("ticket_prefix", models.CharField(max_length=6)),
                ("order_prefix", models.CharField(blank=True, max_length=6)),
                (
                    "approval_limit",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal("1000"),
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("auto_accept", models.BooleanField(default=False)),
                (
                    "auto_accept_limit",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal("200"),
                        max_digits=20,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                ("review_hours", models.PositiveSmallIntegerField(default=8)),
                ("answer_business_days", models.PositiveSmallIntegerField(default=3)),
                ("claim_minutes", models.PositiveSmallIntegerField(default=30)),
                ("report_age_warning_days", models.PositiveSmallIntegerField(default=60)),
                ("rate_source", models.CharField(blank=True, max_length=20)),
                ("rate_max_age_days", models.PositiveSmallIntegerField(default=4)),
                ("business_hours", models.JSONField(default=accounts.models.default_business_hours)),
                ("extra_holidays", models.JSONField(blank=True, default=list)),
                (
                    "registration",
                    models.CharField(
                        choices=[
                            ("open", "Open: whoever proves an e-mail address"),
                            ("invitation", "By invitation of the staff or of a customer's contact"),
                            ("closed", "Closed: the staff alone add people"),
                        ],
                        default="invitation",
                        max_length=10,
                    ),
                ),
                (
                    "fiscal_policy",
                    models.CharField(
                        choices=[
                            ("external", "Another system: its number and files are attached"),
                            ("paid", "Here, when the order is paid"),
                            ("issued", "Here, when the order is issued"),
                        ],
                        default="external",
                        max_length=10,
                    ),
                ),
                ("mails_bills", models.BooleanField(default=True)),
                ("is_being_set_up", models.BooleanField(default=False)),
                ("offers_shipping", models.BooleanField(default=True)),
                ("shipping_price", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                ("shipping_tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=6)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approval_limit__gte", 0)), name="merchant_approval_limit_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("auto_accept_limit__gte", 0)), name="merchant_auto_accept_limit_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="customers", to="accounts.merchant"
                    ),
                ),
                ("number", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=200)),
                ("tax_id", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], default="es", max_length=2)),
                ("address", models.TextField(blank=True)),
                ("state", models.CharField(blank=True, max_length=60)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("reference_point", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="customer_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "number"), name="customer_number_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="addresses", to="accounts.customer"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("billing", "Billing address"), ("shipping", "Shipping address")], max_length=8),
                ),
                ("label", models.CharField(blank=True, max_length=60)),
                ("address", models.TextField()),
                ("state", models.CharField(blank=True, max_length=60)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("reference_point", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name_plural": "addresses",
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="address_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=150)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], default="es", max_length=2)),
                ("uses_shortcuts", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(default=False)),
                ("session_epoch", models.PositiveIntegerField(default=0, editable=False)),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="user_email_lower_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="api_keys", to="accounts.merchant"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="api_key", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("hint", models.CharField(max_length=12)),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("window_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("window_used", models.PositiveIntegerField(default=0)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "revoked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="apikey_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="SetupChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="setup_changes", to="accounts.merchant"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("area", models.CharField(max_length=20)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("field", models.CharField(max_length=40)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="setupchange_of_merchant")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="setupchange_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="LimitRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="limit_requests", to="accounts.merchant"
                    ),
                ),
                ("limit", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answer", models.CharField(blank=True, choices=[("signed", "Signed"), ("dropped", "Dropped")], max_length=10)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="limitrequest_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")), fields=("merchant",), name="limitrequest_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "signed"), _negated=True),
                            models.Q(("answered_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="limitrequest_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="limitrequest_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="accounts.customer"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("can_see_orders", models.BooleanField(default=True)),
                ("can_report", models.BooleanField(default=True)),
                ("can_use_tickets", models.BooleanField(default=True)),
                ("can_manage_services", models.BooleanField(default=False)),
                ("can_manage_contacts", models.BooleanField(default=False)),
                ("gets_ticket_letters", models.BooleanField(default=True)),
                ("gets_order_letters", models.BooleanField(default=True)),
                ("gets_reminders", models.BooleanField(default=True)),
                ("chosen_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="contact_tenant_key"),
                    models.UniqueConstraint(fields=("customer", "user"), name="contact_once_per_customer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.customer"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=150)),
                ("can_see_orders", models.BooleanField(default=True)),
                ("can_report", models.BooleanField(default=True)),
                ("can_use_tickets", models.BooleanField(default=True)),
                ("can_manage_services", models.BooleanField(default=False)),
                ("can_manage_contacts", models.BooleanField(default=False)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("letters", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="invitation_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True)),
                        fields=("customer", "email"),
                        name="invitation_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DataChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="data_changes", to="accounts.merchant"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="data_changes", to="accounts.customer"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="datachange_of_customer")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="datachange_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="StaffRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="staff_roles", to="accounts.merchant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="staff_roles", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("support", "Support"),
                            ("accountant", "Accounting"),
                            ("senior_accountant", "Senior accounting"),
                            ("administrator", "Administrator"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="staffrole_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "user"), name="staffrole_once_per_merchant"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="number_series", to="accounts.merchant"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("ticket", "Tickets"), ("order", "Orders"), ("customer", "Customers")], max_length=10
                    ),
                ),
                ("next_value", models.PositiveBigIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="numberseries_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "kind"), name="numberseries_kind_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryTries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("until", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name_plural": "entry tries",
            },
        ),
    ]
    operations = [*operations[:2], CreateModels(*operations[2:])]
