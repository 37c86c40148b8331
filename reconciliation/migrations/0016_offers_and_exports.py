"""Deposits that are offered to a customer, and large tables that a job writes.

An open offer ends by itself when its deposit is used, returned or set aside, whoever does it.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy

# What was told about a deposit no longer holds once part of it is used: the question is taken back in the same transaction.
ENDS = """
CREATE FUNCTION concilia_end_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE reconciliation_depositoffer SET state = 'withdrawn', why = TG_ARGV[0], ended_at = now()
     WHERE line_id = NEW.line_id AND state = 'offered';
    RETURN NULL;
END $$;
CREATE TRIGGER end_offers AFTER UPDATE ON reconciliation_linebalance FOR EACH ROW
    WHEN (NEW.allocated + NEW.reserved > OLD.allocated + OLD.reserved OR (NEW.returned_at IS NOT NULL AND OLD.returned_at IS NULL))
    EXECUTE FUNCTION concilia_end_offers('used');
CREATE TRIGGER end_offers AFTER INSERT ON reconciliation_ignoredline FOR EACH ROW
    EXECUTE FUNCTION concilia_end_offers('ignored');
"""
NO_ENDS = """
DROP TRIGGER end_offers ON reconciliation_ignoredline;
DROP TRIGGER end_offers ON reconciliation_linebalance;
DROP FUNCTION concilia_end_offers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auto_accept"),
        ("banking", "0004_public_accounts"),
        ("reconciliation", "0014_returns"),
        ("reports", "0004_receipts_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DepositOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("booked_on", models.DateField()),
                ("reference_end", models.CharField(blank=True, max_length=4)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Waiting for an answer"),
                            ("claimed", "“It is mine”"),
                            ("denied", "“It is not mine”"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Nobody answered"),
                        ],
                        default="offered",
                        max_length=9,
                    ),
                ),
                ("offered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_on", models.DateField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("staff", "Withdrawn by a colleague"),
                            ("used", "The deposit was used"),
                            ("ignored", "The deposit was set aside"),
                            ("undone", "Its import was undone"),
                        ],
                        max_length=7,
                    ),
                ),
                ("report_key", models.UUIDField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deposit_offers", to="accounts.customer"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "offered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposit_offers",
                        to="reports.paymentreport",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-id"], name="depositoffer_newest"),
                    models.Index(fields=["customer", "-id"], name="depositoffer_of_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="depositoffer_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("offered", "claimed"))), fields=("line",), name="depositoffer_one_live"
                    ),
                    models.UniqueConstraint(fields=("merchant", "customer", "report_key"), name="depositoffer_one_form"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="depositoffer_money_in"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("offered", "claimed")), _negated=True),
                            ("line__isnull", False),
                            _connector="OR",
                        ),
                        name="depositoffer_live_has_line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("claimed", "denied")), _negated=True),
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="depositoffer_answer_names_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "claimed"), _negated=True), ("report_key__isnull", False), _connector="OR"
                        ),
                        name="depositoffer_claim_has_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("withdrawn", "expired")), _negated=True),
                            ("ended_at__isnull", False),
                            _connector="OR",
                        ),
                        name="depositoffer_end_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "withdrawn"), _negated=True), models.Q(("why", ""), _negated=True), _connector="OR"
                        ),
                        name="depositoffer_withdrawn_has_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by__isnull", True),
                            models.Q(("answered_by", models.F("offered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="depositoffer_not_to_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("table", models.CharField(max_length=20)),
                ("format", models.CharField(max_length=4)),
                ("language", models.CharField(max_length=2)),
                ("since", models.DateField()),
                ("until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting its turn"),
                            ("writing", "Being written"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("gone", "Deleted"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("failure", models.CharField(blank=True, max_length=20)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="exportfile_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="exportfile_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(
                                models.Q(("place", ""), _negated=True),
                                ("expires_at__isnull", False),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exportfile_ready_has_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("failure", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="exportfile_failed_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "gone"), _negated=True), ("place", ""), _connector="OR"),
                        name="exportfile_gone_has_no_file",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ENDS, NO_ENDS),
        EnforceTenancy("reconciliation"),
    ]
