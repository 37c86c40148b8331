"""Who took an original file away; and a line is looked up once for each of its keys. Those that a composite key holds already need none of their own, and no index.

With five keys and four indexes less, 100,000 lines come in with about a third less work of the database.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import AppendOnly
from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auto_accept"),
        ("banking", "0004_public_accounts"),
        ("reconciliation", "0016_offers_and_exports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            model_name="statementline",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="banking.receivingaccount",
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="statement_import",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="reconciliation.statementimport",
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(condition=models.Q(("entered_by__isnull", False)), fields=["entered_by"], name="line_entered_by"),
        ),
        migrations.AlterField(
            model_name="linebalance",
            name="line",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="balance",
                serialize=False,
                to="reconciliation.statementline",
            ),
        ),
        migrations.AlterField(
            model_name="linebalance",
            name="merchant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.merchant",
            ),
        ),
        migrations.CreateModel(
            name="StatementDownload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "statement_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="reconciliation.statementimport",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="statementdownload_tenant_key")],
            },
        ),
        AppendOnly("reconciliation_statementdownload"),
        EnforceTenancy("reconciliation"),
    ]
