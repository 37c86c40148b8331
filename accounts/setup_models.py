"""What is kept about the set-up of a house: every change of it, and a higher four-eyes limit that waits for its signature."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FiscalPolicy(models.TextChoices):
    """Where the number of a fiscal invoice comes from."""

    EXTERNAL = "external", _("Another system: its number and files are attached")
    PAID = "paid", _("Here, when the order is paid")
    ISSUED = "issued", _("Here, when the order is issued")


class SetupChange(models.Model):
    """One changed fact of a house's set-up: who, when, what before, what after. Append-only.

    `area` is one of `accounts.setup_history.AREAS`, `subject` says which one of several (an account, a reason), `field` is the
    name of the column.
    """

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="setup_changes")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")  # NULL: the program itself
    area = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="setupchange_tenant_key"),)
        indexes = (models.Index(fields=("merchant", "-id"), name="setupchange_of_merchant"),)

    def __str__(self) -> str:
        return f"{self.area} {self.field}"


class LimitRequest(models.Model):
    """Somebody wants one person to decide alone over more money: another person who may sign says yes or no."""

    class Answer(models.TextChoices):
        SIGNED = "signed", _("Signed")
        DROPPED = "dropped", _("Dropped")

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="limit_requests")
    limit = models.DecimalField(max_digits=20, decimal_places=4)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="limitrequest_tenant_key"),
            models.UniqueConstraint(fields=("merchant",), condition=Q(answer=""), name="limitrequest_one_open"),
            models.CheckConstraint(name="limitrequest_four_eyes", condition=~Q(answer="signed") | ~Q(answered_by=F("asked_by"))),
            models.CheckConstraint(
                name="limitrequest_answered",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.limit} {self.answer}"
