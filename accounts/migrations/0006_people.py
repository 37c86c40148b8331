"""Who may register, invitations, which letters a contact gets, the customer chosen last, and what was changed of whose data."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auto_accept"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="chosen_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="gets_order_letters",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="gets_ticket_letters",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="merchant",
            name="registration",
            field=models.CharField(
                choices=[
                    ("open", "Open: whoever proves an e-mail address"),
                    ("invitation", "By invitation of the staff or of a customer's contact"),
                    ("closed", "Closed: the staff alone add people"),
                ],
                default="invitation",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="DataChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="data_changes", to="accounts.customer"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="data_changes", to="accounts.merchant"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="datachange_of_customer")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="datachange_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=150)),
                ("can_see_orders", models.BooleanField(default=True)),
                ("can_report", models.BooleanField(default=True)),
                ("can_use_tickets", models.BooleanField(default=True)),
                ("can_manage_services", models.BooleanField(default=False)),
                ("can_manage_contacts", models.BooleanField(default=False)),
                ("letters", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.customer"
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="accounts.merchant"
                    ),
                ),
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
        AppendOnly("accounts_datachange"),
        EnforceTenancy("accounts"),
    ]
