"""Letters waiting to be sent and letters that were."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Language, Merchant, User


class Letter(models.Model):
    """One letter to one address. Made in the transaction of the change it tells of; rendered and sent by a job.

    `about` names the thing (`ticket:17`), `occasion` the moment (`event:93`): together with kind and address they are unique, so
    that a retried act never writes twice. Secret letters (codes) lose their text once sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("letter state", "Queued")
        SENT = "sent", pgettext_lazy("letter state", "Sent")
        FAILED = "failed", pgettext_lazy("letter state", "Failed")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="letters", db_index=False)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="letters", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60)
    occasion = models.CharField(max_length=60)
    to_email = models.EmailField()
    language = models.CharField(max_length=2, choices=Language)
    context = models.JSONField(default=dict)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    # The first letter, when somebody asked for it to be sent once more.
    again_of = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="copies", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="letter_tenant_key"),
            models.UniqueConstraint(fields=("kind", "about", "occasion", "to_email"), name="letter_once"),
            models.CheckConstraint(
                name="letter_sent_has_time", condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False)
            ),
        )
        indexes = (
            models.Index(fields=("state", "id"), name="letter_waiting", condition=models.Q(state="queued")),
            models.Index(fields=("merchant", "customer", "-id"), name="letter_of_customer"),
            models.Index(fields=("again_of",), name="letter_again", condition=models.Q(again_of__isnull=False)),
            models.Index(fields=("merchant", "-id"), name="letter_given_up", condition=models.Q(state="failed")),
        )

    def __str__(self) -> str:
        return f"{self.kind} → {self.to_email}"


class LetterText(models.Model):
    """A merchant's own words for one kind of letter in one language. What is blank is said as everybody says it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="letter_texts")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=2, choices=Language)
    subject = models.CharField(max_length=200, blank=True)
    heading = models.CharField(max_length=200, blank=True)
    opening = models.TextField(blank=True)
    closing = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="lettertext_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind", "language"), name="lettertext_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"
