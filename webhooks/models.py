"""Webhooks: who listens, what was announced, what was delivered of it, and every try."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant, User


class Endpoint(models.Model):
    """An address of another system that hears of some kinds of news. Its secrets stand sealed, see `webhooks.signing`.

    `kinds` are values of `webhooks.kinds.Kind`, no choices of the table: a new kind needs no migration. An endpoint is never
    deleted, because its log speaks of it: one that is removed has `ended_at`. After tries that got no answer nothing is sent
    before `paused_until`.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="webhook_endpoints")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=100, blank=True)
    kinds = ArrayField(models.CharField(max_length=40))
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)  # signs too until `previous_until`, while the receiver changes over
    previous_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)  # tries in a row that failed
    paused_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="endpoint_tenant_key"),
            models.CheckConstraint(
                name="endpoint_ended_is_off", condition=models.Q(ended_at__isnull=True) | models.Q(is_active=False)
            ),
        )

    def __str__(self) -> str:
        return self.url


class Announcement(models.Model):
    """One piece of news that somebody listened for, written in the transaction of the change that it tells of.

    `about` names the thing (`ticket:17`), `occasion` the moment (`event:93`): together with merchant and kind they are unique,
    so that a retried act is never told twice. `key` is what the receiver knows it by.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="announcements")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60)
    occasion = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="announcement_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind", "about", "occasion"), name="announcement_once"),
        )
        indexes = (models.Index(fields=("at",), name="announcement_age"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class Delivery(models.Model):
    """One announcement for one endpoint: waits until `due_at`, then is sent by a job, again with growing pauses."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("webhook delivery", "Waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook delivery", "Delivered")
        FAILED = "failed", pgettext_lazy("webhook delivery", "Given up")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    # The keys with the merchant hold these too; one check a row is enough where ten thousand are written at once.
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, db_constraint=False, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, db_constraint=False, related_name="deliveries")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="delivery_tenant_key"),
            models.UniqueConstraint(fields=("announcement", "endpoint"), name="delivery_once"),
            models.CheckConstraint(
                name="delivery_ended_has_time",
                condition=models.Q(state="queued", ended_at__isnull=True)
                | (~models.Q(state="queued") & models.Q(ended_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(fields=("endpoint", "due_at", "id"), name="delivery_waiting", condition=models.Q(state="queued")),
            models.Index(fields=("merchant", "-id"), name="delivery_log"),
        )

    def __str__(self) -> str:
        return f"{self.announcement_id} → {self.endpoint_id}"


class Attempt(models.Model):
    """One try to deliver: the answer's status and first words, or why there was none (`error`, see `webhooks.words`)."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="attempt_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.error}"
