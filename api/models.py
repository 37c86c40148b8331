"""What was answered to calls that write, so that the same call again is answered alike and done once."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Merchant


class Call(models.Model):
    """One POST with its `Idempotency-Key`, written in the transaction of what it did, with the answer that it got."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="calls")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="call_tenant_key"),
            models.UniqueConstraint(fields=("api_key", "key"), name="call_once"),
        )

    def __str__(self) -> str:
        return f"{self.api_key_id} {self.key}"
