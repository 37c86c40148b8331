"""Match runs over an account, what they propose, and lines that nobody needs to match.

A proposal never moves money by itself: accepting it goes through the same acts as a decision by hand. What a run was given
is kept beside it, so that it can be asked again years later and must answer the same.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Merchant, User
from banking.models import ReceivingAccount
from orders.models import MONEY
from reconciliation.models.lines import StatementLine
from reports.models import Transfer


class MatchRun(models.Model):
    """One pass of the matching over an account (or, without one, over all of the merchant's).

    `counts` holds `transfers`, `lines`, `pairs`, `proposals`, `automatic`, `sampled`, `accepted`, `left` (automatic by the
    rules, but not settled) and `seconds`. `inputs_digest` is the SHA-256 of everything that the decision was made from.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("match run", "Proposed")
        SETTLING = "settling", pgettext_lazy("match run", "Settling")
        DONE = "done", pgettext_lazy("match run", "Done")
        UNDONE = "undone", pgettext_lazy("match run", "Undone")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="match_runs")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    rules_version = models.CharField(max_length=40)
    inputs_digest = models.CharField(max_length=64)
    results_digest = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="matchrun_tenant_key"),
            models.CheckConstraint(
                name="matchrun_undone_names_who",
                condition=~Q(state="undone") | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
            models.CheckConstraint(name="matchrun_done_has_time", condition=~Q(state="done") | Q(finished_at__isnull=False)),
        )
        indexes = (models.Index(fields=("merchant", "-id"), name="matchrun_newest"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.started_at:%Y-%m-%d %H:%M}"


class RunInputs(models.Model):
    """What a run was given, packed: ids, free amounts and the policy. Written once (see `reconciliation.runs.inputs`)."""

    run = models.OneToOneField(MatchRun, primary_key=True, on_delete=models.PROTECT, related_name="inputs")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.run_id}: {len(self.packed)} bytes"


class Proposal(models.Model):
    """What belongs together in the eyes of a run: one transfer and one line, or a group of one customer.

    `score` is in bits; `margin_transfer` and `margin_line` are what is lost when either side is given to another.
    `is_automatic`: the rules would settle it without a person; `why_not` holds their reasons when they would not (codes, told
    by `reconciliation.doubts.reason_not_automatic`). `is_sample`: picked by lot from the automatic ones for a person to check.
    `facts` is as `Match.evidence`: a list of facts about each part, in the order of the parts.
    """

    class Kind(models.TextChoices):
        ONE = "one", pgettext_lazy("proposal", "One deposit, one transfer")
        MANY_LINES = "many_lines", pgettext_lazy("proposal", "Several deposits, one transfer")
        MANY_TRANSFERS = "many_transfers", pgettext_lazy("proposal", "One deposit, several transfers")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("proposal", "To decide")
        SAMPLED = "sampled", pgettext_lazy("proposal", "To check")
        ACCEPTED = "accepted", pgettext_lazy("proposal", "Accepted")
        DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")
        STALE = "stale", pgettext_lazy("proposal", "Out of date")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    # A run writes these rows by the hundred thousand: each index that nobody reads by would cost as much as the row.
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="proposals", db_constraint=False, db_index=False)
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    kind = models.CharField(max_length=14, choices=Kind, default=Kind.ONE)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    # 1 is the best of its transfers, 2 and 3 what else may be meant; chosen ones share nothing with each other.
    rank = models.PositiveSmallIntegerField(default=1)
    is_chosen = models.BooleanField(default=True)
    score = models.FloatField()
    margin_transfer = models.FloatField()
    margin_line = models.FloatField()
    is_automatic = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)
    why_not = models.JSONField(default=list, blank=True)
    facts = models.JSONField(default=list, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    was_wrong = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="proposal_tenant_key"),
            models.CheckConstraint(
                name="proposal_decided_has_time",
                condition=Q(state__in=("open", "sampled"), settled_at__isnull=True)
                | Q(state__in=("accepted", "dismissed", "stale"), settled_at__isnull=False),
            ),
            models.CheckConstraint(name="proposal_sampled_is_sample", condition=~Q(state="sampled") | Q(is_sample=True)),
            models.CheckConstraint(
                name="proposal_automatic_has_no_doubt", condition=Q(is_automatic=False) | Q(why_not=[], is_chosen=True)
            ),
            models.CheckConstraint(name="proposal_wrong_is_dismissed", condition=Q(was_wrong=False) | Q(state="dismissed")),
        )
        indexes = (
            models.Index(
                fields=("merchant", "account", "-is_automatic", "id"),
                name="proposal_to_decide",
                condition=Q(state__in=("open", "sampled")),
            ),
            models.Index(fields=("run", "state"), name="proposal_of_run"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether somebody can still accept or dismiss it."""
        return self.state in (self.State.OPEN, self.State.SAMPLED)


class ProposalPart(models.Model):
    """This much of a line for that transfer. Accepted, it is the `part` of a match."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="parts", db_constraint=False, db_index=False)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="proposal_parts", db_constraint=False)
    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="proposal_parts", db_constraint=False)
    amount = models.DecimalField(**MONEY)  # in the line's currency

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="proposalpart_tenant_key"),
            models.UniqueConstraint(fields=("proposal", "transfer", "line"), name="proposalpart_once"),
            models.CheckConstraint(name="proposalpart_positive", condition=Q(amount__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.transfer_id} = {self.line_id}?"


class AutomaticStop(models.Model):
    """A checked sample was wrong: nothing is accepted by itself at this merchant until an administrator lifts the stop."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="automaticstop_tenant_key"),
            models.UniqueConstraint(fields=("merchant",), condition=Q(lifted_at__isnull=True), name="automaticstop_one_open"),
            models.CheckConstraint(
                name="automaticstop_lifted_names_who",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.stopped_at:%Y-%m-%d}"


class IgnoreReason(models.TextChoices):
    """Why a movement needs no report."""

    BANK_FEE = "bank_fee", _("Bank fee")
    OWN_TRANSFER = "own_transfer", _("Transfer between own accounts")
    OTHER = "other", _("Other")


class IgnoreRule(models.Model):
    """Movements whose text holds `pattern` (plain words, without regard to case and accents) need no report.

    Shown with what it would take before it applies; `account` None: all accounts of the merchant.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pattern = models.CharField(max_length=80)
    reason = models.CharField(max_length=12, choices=IgnoreReason)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="ignorerule_tenant_key"),
            models.CheckConstraint(name="ignorerule_has_pattern", condition=~Q(pattern="")),
        )

    def __str__(self) -> str:
        return self.pattern


class IgnoredLine(models.Model):
    """A movement that nobody needs to match, with its reason. Taken back, it is unmatched again; it never carries money."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="ignored")
    reason = models.CharField(max_length=12, choices=IgnoreReason)
    note = models.CharField(max_length=200, blank=True)
    rule = models.ForeignKey(IgnoreRule, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="ignoredline_tenant_key"),
            models.UniqueConstraint(fields=("line",), condition=Q(taken_back_at__isnull=True), name="ignoredline_once"),
            models.CheckConstraint(name="ignoredline_other_has_note", condition=~Q(reason="other") | ~Q(note="")),
        )
        indexes = (models.Index(fields=("merchant", "-id"), name="ignoredline_newest"),)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.reason}"
