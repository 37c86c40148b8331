"""Files of the bank: what became of each, and the rows that a person has to look at."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant, User
from banking.models import ReceivingAccount
from orders.models import MONEY
from reconciliation.models.profiles import StatementProfile


class StatementImport(models.Model):
    """One file of bank lines, from its arrival to its lines.

    `lines_in_file` is always `lines_new + lines_known + lines_rejected + lines_held`; of the known ones `lines_confirming` are
    movements that a person had typed. `problems` is a list of `code, expected, found, line`; `facts` what the preview shows
    besides: `credits` and `debits` (count and sum), `twins`, `overlap`, `gap`, `previous`.
    """

    class State(models.TextChoices):
        ASKING = "asking", pgettext_lazy("statement file", "Account missing")
        READING = "reading", pgettext_lazy("statement file", "Being read")
        REFUSED = "refused", pgettext_lazy("statement file", "Not readable")
        HELD = "held", pgettext_lazy("statement file", "Totals differ")
        PREVIEW = "preview", pgettext_lazy("statement file", "To review")
        COMMITTING = "committing", pgettext_lazy("statement file", "Being imported")
        DONE = "done", pgettext_lazy("statement file", "Imported")
        DISCARDED = "discarded", pgettext_lazy("statement file", "Discarded")
        UNDONE = "undone", pgettext_lazy("statement file", "Undone")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    # Unknown only while nobody has said whose file it is.
    account = models.ForeignKey(ReceivingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="imports")
    profile = models.ForeignKey(StatementProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    file_name = models.CharField(max_length=200)
    raw_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(default=0)
    # An earlier import of the very same bytes into the same account.
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    refusal = models.JSONField(default=dict, blank=True)
    lines_in_file = models.PositiveIntegerField(default=0)
    lines_new = models.PositiveIntegerField(default=0)
    lines_known = models.PositiveIntegerField(default=0)
    lines_rejected = models.PositiveIntegerField(default=0)
    lines_held = models.PositiveIntegerField(default=0)
    lines_confirming = models.PositiveIntegerField(default=0)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    opening = models.DecimalField(**MONEY, null=True, blank=True)
    closing = models.DecimalField(**MONEY, null=True, blank=True)
    problems = models.JSONField(default=list, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    release_note = models.CharField(max_length=200, blank=True)
    committed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    committed_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="statementimport_tenant_key"),
            models.CheckConstraint(
                name="statementimport_adds_up",
                condition=Q(lines_in_file=F("lines_new") + F("lines_known") + F("lines_rejected") + F("lines_held")),
            ),
            models.CheckConstraint(
                name="statementimport_has_account",
                condition=Q(account__isnull=False) | Q(state__in=("asking", "discarded")),
            ),
            models.CheckConstraint(
                name="statementimport_undone_has_time", condition=~Q(state="undone") | Q(undone_at__isnull=False)
            ),
        )
        indexes = (
            models.Index(fields=("account", "sha256"), name="statementimport_same_file"),
            models.Index(fields=("account", "-last_day"), name="statementimport_period", condition=Q(state="done")),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        """Whether a job is at it."""
        return self.state in (self.State.READING, self.State.COMMITTING)


class StatementDownload(models.Model):
    """Somebody took the original file away. Append-only."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    statement_import = models.ForeignKey(StatementImport, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="statementdownload_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.statement_import_id} {self.at}"


class RejectedLine(models.Model):
    """A row of a file that did not become a line by itself: it could not be read, or it is `held` because only a person can tell.

    `raw` is what stood there. `values` of a held row are its fields as read, with `identity` and `ordinal`; `like_line` is the
    movement that it may be. Open until there is an `outcome`. `digest` and `ordinal` find the row again when it comes back.
    """

    class Kind(models.TextChoices):
        REJECTED = "rejected", pgettext_lazy("row of a statement", "Rejected")
        HELD = "held", pgettext_lazy("row of a statement", "Held")

    class Outcome(models.TextChoices):
        OPEN = "", pgettext_lazy("row of a statement", "Open")
        CORRECTED = "corrected", pgettext_lazy("row of a statement", "Corrected")
        SAME = "same", pgettext_lazy("row of a statement", "Known already")
        OTHER = "other", pgettext_lazy("row of a statement", "Another movement")
        IGNORED = "ignored", pgettext_lazy("row of a statement", "Ignored")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    statement_import = models.ForeignKey(StatementImport, on_delete=models.PROTECT, related_name="rejected_lines")
    kind = models.CharField(max_length=8, choices=Kind)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=30)
    column = models.CharField(max_length=30, blank=True)
    raw = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=64)
    ordinal = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict, blank=True)
    like_line = models.ForeignKey(
        "reconciliation.StatementLine", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.OPEN)
    line = models.ForeignKey(
        "reconciliation.StatementLine", null=True, blank=True, on_delete=models.SET_NULL, related_name="rejected_rows"
    )
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="rejectedline_tenant_key"),
            models.CheckConstraint(name="rejectedline_decided_has_time", condition=Q(outcome="") | Q(decided_at__isnull=False)),
        )
        indexes = (
            models.Index(fields=("statement_import", "number"), name="rejectedline_of_import"),
            models.Index(fields=("merchant", "digest"), name="rejectedline_again"),
        )

    def __str__(self) -> str:
        return f"{self.statement_import_id}:{self.number} {self.code}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it."""
        return not self.outcome
