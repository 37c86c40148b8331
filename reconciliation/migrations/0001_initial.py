"""The tables of statements, matches and the books."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.new_tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("banking", "0001_initial"),
        ("orders", "0001_initial"),
        ("reports", "0001_initial"),
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("table", models.CharField(max_length=20)),
                ("format", models.CharField(max_length=4)),
                ("language", models.CharField(max_length=2)),
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
        migrations.CreateModel(
            name="StatementProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_profiles",
                        to="banking.receivingaccount",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("layout_key", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("settings", models.JSONField()),
                ("restores", models.PositiveIntegerField(blank=True, null=True)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="statementprofile_tenant_key"),
                    models.UniqueConstraint(fields=("account", "version"), name="statementprofile_once"),
                    models.CheckConstraint(condition=models.Q(("version__gt", 0)), name="statementprofile_version_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="reconciliation.statementprofile",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asking", "Account missing"),
                            ("reading", "Being read"),
                            ("refused", "Not readable"),
                            ("held", "Totals differ"),
                            ("preview", "To review"),
                            ("committing", "Being imported"),
                            ("done", "Imported"),
                            ("discarded", "Discarded"),
                            ("undone", "Undone"),
                        ],
                        default="reading",
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("raw_name", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField(default=0)),
                (
                    "same_as",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reconciliation.statementimport",
                    ),
                ),
                ("refusal", models.JSONField(blank=True, default=dict)),
                ("lines_in_file", models.PositiveIntegerField(default=0)),
                ("lines_new", models.PositiveIntegerField(default=0)),
                ("lines_known", models.PositiveIntegerField(default=0)),
                ("lines_rejected", models.PositiveIntegerField(default=0)),
                ("lines_held", models.PositiveIntegerField(default=0)),
                ("lines_confirming", models.PositiveIntegerField(default=0)),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
                ("opening", models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ("closing", models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ("problems", models.JSONField(blank=True, default=list)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("progress_done", models.PositiveIntegerField(default=0)),
                ("progress_total", models.PositiveIntegerField(default=0)),
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
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("release_note", models.CharField(blank=True, max_length=200)),
                (
                    "committed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("committed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undo_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "sha256"], name="statementimport_same_file"),
                    models.Index(
                        condition=models.Q(("state", "done")), fields=["account", "-last_day"], name="statementimport_period"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="statementimport_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "lines_in_file",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("lines_new"), "+", models.F("lines_known")
                                        ),
                                        "+",
                                        models.F("lines_rejected"),
                                    ),
                                    "+",
                                    models.F("lines_held"),
                                ),
                            )
                        ),
                        name="statementimport_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account__isnull", False), ("state__in", ("asking", "discarded")), _connector="OR"),
                        name="statementimport_has_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "undone"), _negated=True), ("undone_at__isnull", False), _connector="OR"
                        ),
                        name="statementimport_undone_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementDownload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "statement_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="downloads", to="reconciliation.statementimport"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="statementdownload_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "statement_import",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="reconciliation.statementimport",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("import", "Imported"), ("manual", "Entered by hand"), ("cash", "Cash desk")], max_length=10
                    ),
                ),
                ("line_number", models.PositiveIntegerField(default=1)),
                ("booked_on", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("reference_raw", models.CharField(blank=True, max_length=80)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("payer_name", models.CharField(blank=True, max_length=200)),
                ("payer_id", models.CharField(blank=True, max_length=30)),
                ("origin_bank_code", models.CharField(blank=True, max_length=10)),
                ("balance_after", models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ("identity", models.CharField(max_length=64)),
                ("ordinal", models.PositiveSmallIntegerField(default=0)),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("entry_reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "amount", "booked_on"], name="line_amount"),
                    models.Index(
                        models.F("account"),
                        django.db.models.functions.text.Right("reference", 4),
                        models.F("booked_on"),
                        name="line_reference_end",
                    ),
                    models.Index(
                        condition=models.Q(("payer_id", ""), _negated=True), fields=["account", "payer_id"], name="line_payer"
                    ),
                    models.Index(fields=["merchant", "-booked_on", "-id"], name="line_newest"),
                    models.Index(condition=models.Q(("source", "import")), fields=["account", "-booked_on"], name="line_until"),
                    models.Index(condition=models.Q(("source", "manual")), fields=["account", "booked_on"], name="line_by_hand"),
                    models.Index(
                        condition=models.Q(("entered_by__isnull", False)), fields=["entered_by"], name="line_entered_by"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="statementline_tenant_key"),
                    models.UniqueConstraint(fields=("account", "identity", "ordinal"), name="statementline_once"),
                    models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="statementline_not_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source", "import"),
                            models.Q(("entered_by__isnull", False), models.Q(("entry_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="statementline_by_hand_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "statement_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rejected_lines",
                        to="reconciliation.statementimport",
                    ),
                ),
                ("kind", models.CharField(choices=[("rejected", "Rejected"), ("held", "Held")], max_length=8)),
                ("number", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=30)),
                ("column", models.CharField(blank=True, max_length=30)),
                ("raw", models.CharField(blank=True, max_length=400)),
                ("digest", models.CharField(max_length=64)),
                ("ordinal", models.PositiveIntegerField(default=0)),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "like_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Open"),
                            ("corrected", "Corrected"),
                            ("same", "Known already"),
                            ("other", "Another movement"),
                            ("ignored", "Ignored"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rejected_rows",
                        to="reconciliation.statementline",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("number", "pk"),
                "indexes": [
                    models.Index(fields=["statement_import", "number"], name="rejectedline_of_import"),
                    models.Index(fields=["merchant", "digest"], name="rejectedline_again"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="rejectedline_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome", ""), ("decided_at__isnull", False), _connector="OR"),
                        name="rejectedline_decided_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineConfirmation",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="confirmation",
                        serialize=False,
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
                    ),
                ),
                (
                    "statement_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="reconciliation.statementimport",
                    ),
                ),
                ("identity", models.CharField(max_length=64)),
                ("ordinal", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "identity", "ordinal"), name="lineconfirmation_once")],
            },
        ),
        migrations.CreateModel(
            name="LineBalance",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="balance",
                        serialize=False,
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("allocated", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                ("reserved", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("allocated__lt", models.F("amount"))),
                        fields=["merchant", "line"],
                        name="line_with_money",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allocated__gte", 0),
                            ("reserved__gte", 0),
                            (
                                "amount__gte",
                                django.db.models.expressions.CombinedExpression(models.F("allocated"), "+", models.F("reserved")),
                            ),
                        ),
                        name="linebalance_within_amount",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_balances", to="accounts.customer"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("balance", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="creditbalance_tenant_key"),
                    models.UniqueConstraint(fields=("customer", "currency"), name="creditbalance_once"),
                    models.CheckConstraint(condition=models.Q(("balance__gte", 0)), name="creditbalance_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="accounts.customer",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit", "Deposit"),
                            ("credit_use", "Use of credit"),
                            ("refund", "Refund"),
                            ("reversal", "Reversal"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="reports.transfer",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="reconciliation.settlement",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("needs_signature", models.BooleanField(default=False)),
                (
                    "reason",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.reason"
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "customer", "-id"], name="settlement_of_customer")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="settlement_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="settlement_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_signature", False),
                            models.Q(("prepared_by__isnull", False), ("signed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="settlement_signed_where_needed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                            models.Q(models.Q(("kind", "reversal"), _negated=True), ("reverses__isnull", True)),
                            _connector="OR",
                        ),
                        name="settlement_reversal_names_its_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Match",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="reports.transfer",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="reconciliation.statementline",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("reserved", "Reserved"), ("settled", "Settled"), ("released", "Released")],
                        default="reserved",
                        max_length=8,
                    ),
                ),
                ("evidence", models.JSONField(blank=True, default=list)),
                (
                    "settlement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matches",
                        to="reconciliation.settlement",
                    ),
                ),
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="match_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "released"), _negated=True),
                        fields=("line", "transfer"),
                        name="match_live_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="match_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "settled"), _negated=True), ("settlement__isnull", False), _connector="OR"
                        ),
                        name="match_settled_has_settlement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True), ("released_at__isnull", False), _connector="OR"
                        ),
                        name="match_released_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="reconciliation.settlement"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bank_fee", "Bank fee"),
                            ("rounding", "Rounding"),
                            ("discount", "Discount"),
                            ("withholding", "Withholding"),
                            ("surcharge", "Surcharge"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("note", models.CharField(max_length=200)),
                (
                    "withholding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="reports.withholding",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="adjustment_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="adjustment_positive"),
                    models.CheckConstraint(condition=models.Q(("note", ""), _negated=True), name="adjustment_has_note"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_entries",
                        to="accounts.customer",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="reconciliation.settlement",
                    ),
                ),
                (
                    "source_line",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_out",
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "source_credit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_out",
                        to="reconciliation.creditbalance",
                    ),
                ),
                (
                    "source_adjustment",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_out",
                        to="reconciliation.adjustment",
                    ),
                ),
                (
                    "target_order",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_in",
                        to="orders.order",
                    ),
                ),
                (
                    "target_credit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_in",
                        to="reconciliation.creditbalance",
                    ),
                ),
                (
                    "target_adjustment",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_in",
                        to="reconciliation.adjustment",
                    ),
                ),
                (
                    "target_line",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries_in",
                        to="reconciliation.statementline",
                    ),
                ),
                ("source_amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("source_currency", models.CharField(max_length=3)),
                ("target_amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("target_currency", models.CharField(max_length=3)),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="reconciliation.ledgerentry",
                    ),
                ),
                ("booked_on", models.DateField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["merchant", "customer", "id"], name="ledger_of_customer"),
                    models.Index(fields=["merchant", "booked_on"], name="ledger_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="ledgerentry_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(("source_amount__gt", 0), ("target_amount__gt", 0)), name="ledgerentry_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source_currency", models.F("target_currency")), _negated=True),
                            ("source_amount", models.F("target_amount")),
                            _connector="OR",
                        ),
                        name="ledgerentry_same_currency_same_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DepositOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deposit_offers", to="accounts.customer"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
                    ),
                ),
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
                (
                    "offered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("offered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_on", models.DateField()),
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
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
            name="PayerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                ("name", models.CharField(max_length=120)),
                ("payer_tax_id", models.CharField(blank=True, max_length=30)),
                (
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="payergroup_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="payergroup_has_name"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="payergroup_end_names_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayerGroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="reconciliation.payergroup"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payer_memberships", to="accounts.customer"
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="payergroupmember_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)), fields=("customer",), name="payergroupmember_one_live"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="payergroupmember_removed_names_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                ("month", models.DateField()),
                ("after", models.DateField(blank=True, null=True)),
                ("until", models.DateField()),
                ("digest", models.CharField(max_length=64)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "closed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("closed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reopened_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="period_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at__isnull", True)), fields=("merchant", "month"), name="period_closed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1), ("until__gt", models.F("month"))), name="period_is_a_month"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReopenRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reopen_requests", to="reconciliation.period"
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                (
                    "requested_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("was_refused", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reopenrequest_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)), fields=("period",), name="reopenrequest_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reopenrequest_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_at__isnull", True), ("was_refused", True), ("signed_by__isnull", False), _connector="OR"
                        ),
                        name="reopenrequest_granted_is_signed",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="reopenrequest_has_reason"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="daily_closings", to="banking.receivingaccount"
                    ),
                ),
                ("day", models.DateField()),
                ("revision", models.PositiveSmallIntegerField(default=1)),
                ("lines", models.PositiveIntegerField(default=0)),
                ("credits", models.DecimalField(decimal_places=4, max_digits=20)),
                ("debits", models.DecimalField(decimal_places=4, max_digits=20)),
                ("bank_balance", models.DecimalField(decimal_places=4, max_digits=20)),
                ("book_balance", models.DecimalField(decimal_places=4, max_digits=20)),
                ("reported_count", models.PositiveIntegerField(default=0)),
                ("reported", models.DecimalField(decimal_places=4, max_digits=20)),
                ("settled_count", models.PositiveIntegerField(default=0)),
                ("settled", models.DecimalField(decimal_places=4, max_digits=20)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="dailyclosing_tenant_key"),
                    models.UniqueConstraint(fields=("account", "day", "revision"), name="dailyclosing_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("checks", models.PositiveSmallIntegerField()),
                ("found", models.PositiveIntegerField(default=0)),
                ("findings", models.JSONField(blank=True, default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="auditrun_newest")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "id"), name="auditrun_tenant_key")],
            },
        ),
        migrations.CreateModel(
            name="ReturnedDeposit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "debit_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="reconciliation.statementline"
                    ),
                ),
                (
                    "deposit_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returned_by", to="reconciliation.statementline"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waits for the second signature"), ("returned", "Returned"), ("undone", "Undone")],
                        max_length=8,
                    ),
                ),
                ("reason", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.reason")),
                ("note", models.TextField()),
                ("was_marked", models.BooleanField(default=False)),
                (
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("effective_on", models.DateField(blank=True, null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="returneddeposit_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "undone"), _negated=True),
                        fields=("debit_line",),
                        name="returneddeposit_debit_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "undone"), _negated=True),
                        fields=("deposit_line",),
                        name="returneddeposit_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit_line", models.F("deposit_line")), _negated=True),
                        name="returneddeposit_two_lines",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effective_on__isnull", True), ("state", "waiting"), ("undone_at__isnull", True)),
                            models.Q(("effective_on__isnull", False), ("state", "returned"), ("undone_at__isnull", True)),
                            models.Q(
                                ("state", "undone"),
                                ("undone_at__isnull", False),
                                ("undone_by__isnull", False),
                                ("undone_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="returneddeposit_has_its_days",
                    ),
                    models.CheckConstraint(condition=models.Q(("note", ""), _negated=True), name="returneddeposit_has_note"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="accounts.customer"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to_pay", "To pay"),
                            ("waiting", "Waits for the second signature"),
                            ("paid", "Paid"),
                            ("reversing", "Reversal waits for its signature"),
                            ("reversed", "Reversed"),
                            ("dropped", "Dropped"),
                        ],
                        max_length=9,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("paid_amount", models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True)),
                ("paid_currency", models.CharField(blank=True, max_length=3)),
                ("rate", models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True)),
                ("rate_date", models.DateField(blank=True, null=True)),
                ("rate_source", models.CharField(blank=True, max_length=20)),
                ("bank_data", models.CharField(blank=True, max_length=400)),
                (
                    "debit_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="reconciliation.statementline",
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settlement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund",
                        to="reconciliation.settlement",
                    ),
                ),
                ("reversal_note", models.TextField(blank=True)),
                (
                    "reversal_asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reversal_signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-id"], name="refund_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ("to_pay", "waiting", "reversing"))),
                        fields=["merchant"],
                        name="refund_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="refund_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reversal_signed_by__isnull", True),
                            models.Q(("reversal_signed_by", models.F("reversal_asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_reversal_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("to_pay", "dropped")),
                            models.Q(("debit_line__isnull", False), ("prepared_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_prepared_names_its_debit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("paid_amount__isnull", True),
                                ("paid_currency", ""),
                                ("rate__isnull", True),
                                ("state__in", ("to_pay", "dropped")),
                            ),
                            models.Q(
                                ("paid_amount", models.F("amount")),
                                ("paid_amount__isnull", False),
                                ("paid_currency", models.F("currency")),
                                ("rate__isnull", True),
                            ),
                            models.Q(
                                ("paid_amount__gt", 0),
                                ("paid_amount__isnull", False),
                                ("rate__gt", 0),
                                ("rate__isnull", False),
                                ("rate_date__isnull", False),
                                models.Q(("paid_currency", ""), _negated=True),
                                models.Q(("paid_currency", models.F("currency")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="refund_says_what_was_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settlement__isnull", False), ("state__in", ("paid", "reversing", "reversed"))),
                            models.Q(("settlement__isnull", True), ("state__in", ("to_pay", "waiting", "dropped"))),
                            _connector="OR",
                        ),
                        name="refund_paid_has_settlement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("reversing", "reversed")), _negated=True),
                            models.Q(("reversal_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_reversal_names_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="match_runs",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("settling", "Settling"), ("done", "Done"), ("undone", "Undone")],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("rules_version", models.CharField(max_length=40)),
                ("inputs_digest", models.CharField(max_length=64)),
                ("results_digest", models.CharField(max_length=64)),
                ("counts", models.JSONField(default=dict)),
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
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="matchrun_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="matchrun_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "undone"), _negated=True),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="matchrun_undone_names_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True), ("finished_at__isnull", False), _connector="OR"
                        ),
                        name="matchrun_done_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunInputs",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="inputs",
                        serialize=False,
                        to="reconciliation.matchrun",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                ("packed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="reconciliation.matchrun",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="banking.receivingaccount",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("one", "One deposit, one transfer"),
                            ("many_lines", "Several deposits, one transfer"),
                            ("many_transfers", "One deposit, several transfers"),
                        ],
                        default="one",
                        max_length=14,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To decide"),
                            ("sampled", "To check"),
                            ("accepted", "Accepted"),
                            ("dismissed", "Dismissed"),
                            ("stale", "Out of date"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(default=1)),
                ("is_chosen", models.BooleanField(default=True)),
                ("score", models.FloatField()),
                ("margin_transfer", models.FloatField()),
                ("margin_line", models.FloatField()),
                ("is_automatic", models.BooleanField(default=False)),
                ("is_sample", models.BooleanField(default=False)),
                ("why_not", models.JSONField(blank=True, default=list)),
                ("facts", models.JSONField(blank=True, default=list)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("was_wrong", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("open", "sampled"))),
                        fields=["merchant", "account", "-is_automatic", "id"],
                        name="proposal_to_decide",
                    ),
                    models.Index(fields=["run", "state"], name="proposal_of_run"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="proposal_tenant_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state__in", ("open", "sampled"))),
                            models.Q(("settled_at__isnull", False), ("state__in", ("accepted", "dismissed", "stale"))),
                            _connector="OR",
                        ),
                        name="proposal_decided_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("state", "sampled"), _negated=True), ("is_sample", True), _connector="OR"),
                        name="proposal_sampled_is_sample",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_automatic", False), models.Q(("is_chosen", True), ("why_not", [])), _connector="OR"
                        ),
                        name="proposal_automatic_has_no_doubt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("was_wrong", False), ("state", "dismissed"), _connector="OR"),
                        name="proposal_wrong_is_dismissed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.merchant",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="reconciliation.proposal",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal_parts",
                        to="reports.transfer",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposal_parts",
                        to="reconciliation.statementline",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "match",
                    models.OneToOneField(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal_part",
                        to="reconciliation.match",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="proposalpart_tenant_key"),
                    models.UniqueConstraint(fields=("proposal", "transfer", "line"), name="proposalpart_once"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="proposalpart_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AutomaticStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reconciliation.proposal"
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("stopped_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="automaticstop_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)), fields=("merchant",), name="automaticstop_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="automaticstop_lifted_names_who",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IgnoreRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
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
                ("pattern", models.CharField(max_length=80)),
                (
                    "reason",
                    models.CharField(
                        choices=[("bank_fee", "Bank fee"), ("own_transfer", "Transfer between own accounts"), ("other", "Other")],
                        max_length=12,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "created_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="ignorerule_tenant_key"),
                    models.CheckConstraint(condition=models.Q(("pattern", ""), _negated=True), name="ignorerule_has_pattern"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IgnoredLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ignored", to="reconciliation.statementline"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[("bank_fee", "Bank fee"), ("own_transfer", "Transfer between own accounts"), ("other", "Other")],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="reconciliation.ignorerule",
                    ),
                ),
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-id"], name="ignoredline_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="ignoredline_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at__isnull", True)), fields=("line",), name="ignoredline_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", "other"), _negated=True), models.Q(("note", ""), _negated=True), _connector="OR"
                        ),
                        name="ignoredline_other_has_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approval_requests", to="tickets.ticket"
                    ),
                ),
                ("adjustments", models.JSONField(blank=True, default=list)),
                ("missing", models.JSONField(blank=True, default=list)),
                ("note", models.TextField(blank=True)),
                (
                    "prepared_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("prepared_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("was_sent_back", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="approvalrequest_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)), fields=("ticket",), name="approvalrequest_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="approvalrequest_four_eyes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReversalRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reversal_requests", to="tickets.ticket"
                    ),
                ),
                ("reason", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.reason")),
                ("note", models.TextField(blank=True)),
                ("returned_by_bank", models.BooleanField(default=False)),
                (
                    "returns",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal_requests",
                        to="reconciliation.returneddeposit",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("was_refused", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "id"), name="reversalrequest_tenant_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)), fields=("ticket",), name="reversalrequest_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by__isnull", True),
                            models.Q(("signed_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reversalrequest_four_eyes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tolerance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tolerances", to="banking.receivingaccount"
                    ),
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
                (
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
    ]
    operations = [CreateModels(*operations)]
