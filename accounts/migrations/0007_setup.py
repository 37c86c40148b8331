"""Whether a house is being set up, where fiscal numbers come from, the history of the set-up, and who may decide over how much."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="fiscal_policy",
            field=models.CharField(
                choices=[
                    ("external", "Another system: its number and files are attached"),
                    ("paid", "Here, when the order is paid"),
                    ("issued", "Here, when the order is issued"),
                ],
                default="external",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="is_being_set_up",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="LimitRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("limit", models.DecimalField(decimal_places=4, max_digits=20)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answer", models.CharField(blank=True, choices=[("signed", "Signed"), ("dropped", "Dropped")], max_length=10)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="limit_requests", to="accounts.merchant"
                    ),
                ),
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
            name="SetupChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.CharField(max_length=20)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("field", models.CharField(max_length=40)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="setup_changes", to="accounts.merchant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="setupchange_of_merchant")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="setupchange_tenant_key")],
            },
        ),
        AppendOnly("accounts_setupchange"),
        EnforceTenancy("accounts"),
    ]
