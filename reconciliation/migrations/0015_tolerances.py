"""How far a deposit may lie from its report, by account and method. A row is ended, never changed."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy

GUARD = """
CREATE FUNCTION concilia_guard_tolerance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
       AND to_jsonb(NEW) - 'ended_at' - 'ended_by_id' = to_jsonb(OLD) - 'ended_at' - 'ended_by_id'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a tolerance is ended once, and nothing else of it changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard_tolerance BEFORE UPDATE ON reconciliation_tolerance
    FOR EACH ROW EXECUTE FUNCTION concilia_guard_tolerance();
"""
NO_GUARD = """
DROP TRIGGER guard_tolerance ON reconciliation_tolerance;
DROP FUNCTION concilia_guard_tolerance();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_people"),
        ("banking", "0005_surcharges"),
        ("reconciliation", "0018_bulk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tolerance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("bank_fee", "Bank fee"),
                            ("rounding", "Rounding"),
                            ("discount", "Discount"),
                            ("withholding", "Withholding"),
                        ],
                        max_length=12,
                    ),
                ),
                ("less", models.DecimalField(decimal_places=4, default=0, max_digits=20)),
                ("more", models.DecimalField(decimal_places=4, default=0, max_digits=20)),
                ("less_per_mille", models.PositiveSmallIntegerField(default=0)),
                ("more_per_mille", models.PositiveSmallIntegerField(default=0)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tolerances", to="banking.receivingaccount"
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
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "method",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="banking.paymentmethod",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="tolerance_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("account", "method"),
                        name="tolerance_one_live_of_method",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("method__isnull", True)),
                        fields=("account",),
                        name="tolerance_one_live_of_any",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("less__gte", 0), ("less_per_mille__lte", 100), ("more__gte", 0), ("more_per_mille__lte", 100)
                        ),
                        name="tolerance_bounded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("less__gt", 0),
                            ("more__gt", 0),
                            ("less_per_mille__gt", 0),
                            ("more_per_mille__gt", 0),
                            _connector="OR",
                        ),
                        name="tolerance_allows_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", "rounding"), models.Q(("more", 0), ("more_per_mille", 0)), _connector="OR"),
                        name="tolerance_more_is_rounding",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("ended_by__isnull", False), _connector="OR"),
                        name="tolerance_end_names_who",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
        AppendOnly("reconciliation_tolerance", "DELETE"),
        EnforceTenancy("reconciliation"),
    ]
