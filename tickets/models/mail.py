"""The merchant's mailbox, and one row for each mail that arrived in it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant
from tickets.models.conversations import Conversation, Message


class Mailbox(models.Model):
    """Where answers to letters arrive: a folder on an IMAP server, read over TLS alone. The password is kept encrypted."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS (usually port 993)")
        STARTTLS = "starttls", _("STARTTLS (usually port 143)")

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="mailbox")
    address = models.EmailField(unique=True)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(max_length=200)
    secret = models.TextField(editable=False)
    folder = models.CharField(max_length=100, default="INBOX")
    is_active = models.BooleanField(default=True)
    # Where reading stopped. UIDs count only while the server's `uid_validity` stays the same.
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    begins_on = models.DateField(default=timezone.localdate, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=20, blank=True, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="mailbox_tenant_key"),)

    def __str__(self) -> str:
        return self.address


class IncomingMail(models.Model):
    """One mail that arrived: who says to have sent it and what became of it. Its key makes it count once.

    The words of what was posted are in the conversation's message; `text` keeps those of a mail that found no conversation,
    until a person of the staff decides.
    """

    class Outcome(models.TextChoices):
        POSTED = "posted", pgettext_lazy("mail", "In a conversation")
        OPENED = "opened", pgettext_lazy("mail", "New conversation")
        HELD = "held", pgettext_lazy("mail", "Held")
        IGNORED = "ignored", pgettext_lazy("mail", "Ignored")
        REFUSED = "refused", pgettext_lazy("mail", "Refused")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="mails")
    key = models.CharField(max_length=64)
    from_email = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=150, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    size = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=20, blank=True)
    conversation = models.ForeignKey(Conversation, null=True, blank=True, on_delete=models.PROTECT, related_name="mails")
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="mail")
    # Held mails that somebody of the staff has dealt with.
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="incomingmail_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key"), name="incomingmail_once"),
        )
        indexes = (
            models.Index(fields=("merchant", "from_email", "-created_at"), name="incomingmail_by_sender"),
            models.Index(
                fields=("merchant", "-id"),
                name="incomingmail_to_settle",
                condition=models.Q(outcome="held", settled_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_email} {self.outcome}"
