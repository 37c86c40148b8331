"""The tables of banks, accounts, methods and rates."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
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
            name="Bank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("code", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=200)),
                ("short_name", models.CharField(max_length=80)),
                ("is_offered", models.BooleanField(default=True)),
                ("former_names", models.JSONField(blank=True, default=list)),
                ("sources", models.JSONField(blank=True, default=list)),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_to", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("country", "code"), name="bank_code_unique")],
            },
        ),
        migrations.CreateModel(
            name="ReferenceFormat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("method_key", models.CharField(max_length=30)),
                ("bank_code", models.CharField(blank=True, max_length=10)),
                ("pattern", models.CharField(max_length=120)),
                ("hint_es", models.CharField(blank=True, max_length=200)),
                ("hint_en", models.CharField(blank=True, max_length=200)),
                ("enough_digits", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("sources", models.JSONField(blank=True, default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "method_key", "bank_code", "pattern"), name="referenceformat_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_methods", to="accounts.merchant"
                    ),
                ),
                ("key", models.CharField(max_length=30)),
                ("name_es", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("icon", models.CharField(default="bank", max_length=40)),
                (
                    "asks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("origin_bank", "Bank of origin"),
                                ("reference", "Deposit or transfer number"),
                                ("payer_phone", "Telephone the payment came from"),
                                ("payer_id", "Identity document of the payer"),
                                ("sender_name", "Name of the sender"),
                                ("sender_email", "E-mail of the sender"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "requires",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("origin_bank", "Bank of origin"),
                                ("reference", "Deposit or transfer number"),
                                ("payer_phone", "Telephone the payment came from"),
                                ("payer_id", "Identity document of the payer"),
                                ("sender_name", "Name of the sender"),
                                ("sender_email", "E-mail of the sender"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("clearing_days", models.PositiveSmallIntegerField(default=0)),
                ("note_es", models.CharField(blank=True, max_length=300)),
                ("note_en", models.CharField(blank=True, max_length=300)),
                ("surcharge_per_cent", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=4)),
                ("surcharge_name_es", models.CharField(blank=True, max_length=40)),
                ("surcharge_name_en", models.CharField(blank=True, max_length=40)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="paymentmethod_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="paymentmethod_key_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("surcharge_per_cent__gte", 0), ("surcharge_per_cent__lte", 30)),
                        name="paymentmethod_surcharge_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WithholdingKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withholding_kinds", to="accounts.merchant"
                    ),
                ),
                ("key", models.CharField(max_length=30)),
                ("name_es", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="withholdingkind_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "key"), name="withholdingkind_key_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceivingAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receiving_accounts", to="accounts.merchant"
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="banking.bank"),
                ),
                ("institution", models.CharField(blank=True, max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[("checking", "Checking"), ("savings", "Savings"), ("wallet", "Wallet"), ("cash", "Cash desk")],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("holder", models.CharField(max_length=200)),
                ("holder_tax_id", models.CharField(blank=True, max_length=30)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("currency", models.CharField(max_length=3)),
                ("is_public", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="receivingaccount_tenant_key"),
                    models.UniqueConstraint(fields=("merchant", "number", "currency"), name="receivingaccount_number_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="method_links", to="banking.receivingaccount"
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="account_links", to="banking.paymentmethod"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="accountmethod_tenant_key"),
                    models.UniqueConstraint(fields=("account", "method"), name="accountmethod_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exchange_rates", to="accounts.merchant"
                    ),
                ),
                ("base", models.CharField(max_length=3)),
                ("quote", models.CharField(max_length=3)),
                ("date", models.DateField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
                ("source", models.CharField(max_length=20)),
                (
                    "entered_by",
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
                "indexes": [models.Index(fields=["merchant", "base", "quote", "-date", "-id"], name="exchangerate_lookup")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="exchangerate_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("rate__gt", Decimal("0"))), name="exchangerate_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True), name="exchangerate_two_currencies"
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(*operations)]
