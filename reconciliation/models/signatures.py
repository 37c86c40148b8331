"""What a first person prepared and a second one is asked to sign."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Merchant, User
from reconciliation.models.returns import ReturnedDeposit
from tickets.models import Reason, Ticket


class ApprovalRequest(models.Model):
    """What a first person prepared and a second one is asked to sign: the matches are reserved, the rest stands here.

    `adjustments` holds rows as `settlement.AdjustmentChoice` writes them, `missing` the transfers decided without money.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="approval_requests")
    adjustments = models.JSONField(default=list, blank=True)
    missing = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    was_sent_back = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="approvalrequest_tenant_key"),
            models.UniqueConstraint(fields=("ticket",), condition=Q(decided_at__isnull=True), name="approvalrequest_one_open"),
            models.CheckConstraint(
                name="approvalrequest_four_eyes",
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("prepared_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.prepared_at}"


class ReversalRequest(models.Model):
    """A reversal that waits for its second signature; the ticket stays verified until then."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="reversal_requests")
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    returned_by_bank = models.BooleanField(default=False)
    # The debit that takes the deposit back: effective with the last of these signatures.
    returns = models.ForeignKey(
        ReturnedDeposit, null=True, blank=True, on_delete=models.PROTECT, related_name="reversal_requests"
    )
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    was_refused = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reversalrequest_tenant_key"),
            models.UniqueConstraint(fields=("ticket",), condition=Q(decided_at__isnull=True), name="reversalrequest_one_open"),
            models.CheckConstraint(
                name="reversalrequest_four_eyes",
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("requested_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.requested_at}"
