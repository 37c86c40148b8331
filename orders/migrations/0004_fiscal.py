"""Fiscal invoices and credit notes, their counters, and the files of another system."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_mails_bills"),
        ("orders", "0003_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FiscalDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("reason", models.CharField(blank=True, max_length=200)),
                ("dated_on", models.DateField()),
                ("seller_name", models.CharField(max_length=200)),
                ("seller_tax_id", models.CharField(blank=True, max_length=30)),
                ("buyer_name", models.CharField(max_length=200)),
                ("buyer_tax_id", models.CharField(blank=True, max_length=30)),
                ("buyer_address", models.TextField(blank=True)),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "cancels",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note",
                        to="orders.fiscaldocument",
                    ),
                ),
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
            ],
        ),
        migrations.CreateModel(
            name="FiscalFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("pdf", "PDF"), ("xml", "XML")], max_length=3)),
                ("place", models.CharField(max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="orders.fiscaldocument"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FiscalSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("invoice", "Fiscal invoice"), ("credit_note", "Credit note")], max_length=11),
                ),
                ("prefix", models.CharField(blank=True, max_length=10)),
                ("next_value", models.PositiveBigIntegerField(default=1)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fiscal_series", to="accounts.merchant"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="fiscaldocument",
            index=models.Index(fields=["merchant", "-id"], name="fiscaldocument_of_merchant"),
        ),
        migrations.AddConstraint(
            model_name="fiscaldocument",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="fiscaldocument_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="fiscaldocument",
            constraint=models.UniqueConstraint(fields=("merchant", "kind", "number"), name="fiscaldocument_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="fiscaldocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sequence__isnull", False)),
                fields=("merchant", "kind", "series", "sequence"),
                name="fiscaldocument_sequence_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="fiscaldocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancels__isnull", True), ("kind", "invoice")),
                    models.Q(("cancels__isnull", False), ("kind", "credit_note")),
                    _connector="OR",
                ),
                name="fiscaldocument_cancels_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="fiscaldocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin", "external"), ("sequence__isnull", True)),
                    models.Q(models.Q(("origin", "external"), _negated=True), ("sequence__isnull", False)),
                    _connector="OR",
                ),
                name="fiscaldocument_ours_has_sequence",
            ),
        ),
        migrations.AddConstraint(
            model_name="fiscalfile",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="fiscalfile_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="fiscalfile",
            constraint=models.UniqueConstraint(fields=("document", "kind"), name="fiscalfile_one_of_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="fiscalseries",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="fiscalseries_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="fiscalseries",
            constraint=models.UniqueConstraint(fields=("merchant", "kind"), name="fiscalseries_kind_unique"),
        ),
        migrations.AddConstraint(
            model_name="fiscalseries",
            constraint=models.CheckConstraint(condition=models.Q(("next_value__gte", 1)), name="fiscalseries_from_one"),
        ),
        AppendOnly("orders_fiscaldocument"),
        AppendOnly("orders_fiscalfile"),
        EnforceTenancy("orders"),
    ]
