"""Match runs with what they propose, the stop of automatic acceptance, and movements that nobody needs to match."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_auto_accept"),
        ("banking", "0004_public_accounts"),
        ("reconciliation", "0009_statement_reading"),
        ("reports", "0004_receipts_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("undone_at", models.DateTimeField(blank=True, null=True)),
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
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
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
        ),
        migrations.CreateModel(
            name="IgnoreRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pattern", models.CharField(max_length=80)),
                (
                    "reason",
                    models.CharField(
                        choices=[("bank_fee", "Bank fee"), ("own_transfer", "Transfer between own accounts"), ("other", "Other")],
                        max_length=12,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "created_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IgnoredLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[("bank_fee", "Bank fee"), ("own_transfer", "Transfer between own accounts"), ("other", "Other")],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
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
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ignored", to="reconciliation.statementline"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
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
            ],
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
                ("packed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("was_wrong", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="banking.receivingaccount"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="reconciliation.matchrun"
                    ),
                ),
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
            ],
        ),
        migrations.CreateModel(
            name="AutomaticStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stopped_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
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
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reconciliation.proposal"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProposalPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposal_parts",
                        to="reconciliation.statementline",
                    ),
                ),
                (
                    "match",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal_part",
                        to="reconciliation.match",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="reconciliation.proposal"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposal_parts", to="reports.transfer"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.AddConstraint(
            model_name="ignorerule",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="ignorerule_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="ignorerule",
            constraint=models.CheckConstraint(condition=models.Q(("pattern", ""), _negated=True), name="ignorerule_has_pattern"),
        ),
        migrations.AddIndex(
            model_name="ignoredline",
            index=models.Index(fields=["merchant", "-id"], name="ignoredline_newest"),
        ),
        migrations.AddConstraint(
            model_name="ignoredline",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="ignoredline_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="ignoredline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)), fields=("line",), name="ignoredline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ignoredline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "other"), _negated=True), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="ignoredline_other_has_note",
            ),
        ),
        migrations.AddField(
            model_name="runinputs",
            name="merchant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.merchant"),
        ),
        migrations.AddIndex(
            model_name="matchrun",
            index=models.Index(fields=["merchant", "-id"], name="matchrun_newest"),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="matchrun_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "undone"), _negated=True),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="matchrun_undone_names_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "done"), _negated=True), ("finished_at__isnull", False), _connector="OR"),
                name="matchrun_done_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(("state__in", ("open", "sampled"))),
                fields=["merchant", "account", "-is_automatic", "id"],
                name="proposal_to_decide",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["run", "state"], name="proposal_of_run"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="proposal_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state__in", ("open", "sampled"))),
                    models.Q(("settled_at__isnull", False), ("state__in", ("accepted", "dismissed", "stale"))),
                    _connector="OR",
                ),
                name="proposal_decided_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "sampled"), _negated=True), ("is_sample", True), _connector="OR"),
                name="proposal_sampled_is_sample",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_automatic", False), models.Q(("is_chosen", True), ("why_not", [])), _connector="OR"),
                name="proposal_automatic_has_no_doubt",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("was_wrong", False), ("state", "dismissed"), _connector="OR"),
                name="proposal_wrong_is_dismissed",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticstop",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="automaticstop_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="automaticstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)), fields=("merchant",), name="automaticstop_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticstop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                    _connector="OR",
                ),
                name="automaticstop_lifted_names_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalpart",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="proposalpart_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="proposalpart",
            constraint=models.UniqueConstraint(fields=("proposal", "transfer", "line"), name="proposalpart_once"),
        ),
        migrations.AddConstraint(
            model_name="proposalpart",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="proposalpart_positive"),
        ),
        EnforceTenancy("reconciliation"),
    ]
