"""Private files: what was uploaded, what became of it, and who looked at it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Merchant, User
from files.reasons import sentence

# As many pages of a PDF as are drawn; the child's own limit, in a module that the web can import without a decoder.
MAX_COPIES = 10


class StoredFile(models.Model):
    """One uploaded file. The raw bytes are kept and never served; people see re-encoded copies."""

    class Purpose(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        MESSAGE = "message", _("Attachment of a message")

    class State(models.TextChoices):
        RECEIVED = "received", _("Being prepared")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")
        ERASED = "erased", _("Erased")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    original_name = models.CharField(max_length=200)
    claimed_type = models.CharField(max_length=100, blank=True)
    detected_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    perceptual_hash = models.CharField(max_length=256, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    refused_code = models.CharField(max_length=30, blank=True)
    # Times that a child was started for it, written before each: what kills the worker itself is given up too.
    attempts = models.PositiveSmallIntegerField(default=0)
    page_count = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    raw_name = models.CharField(max_length=200)
    copies_prefix = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    processed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="storedfile_tenant_key"),)
        indexes = (
            models.Index(fields=("merchant", "sha256"), name="storedfile_same_bytes"),
            models.Index(fields=("created_at",), condition=models.Q(state="received"), name="storedfile_to_prepare"),
        )

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    @property
    def is_erased(self) -> bool:
        """Whether bytes and name are gone for good: hashes and size stay."""
        return self.state == self.State.ERASED

    @property
    def refusal(self) -> str:
        """Why there are no copies, as a sentence; empty unless refused."""
        return sentence(self.refused_code) if self.is_refused else ""

    @property
    def copy_count(self) -> int:
        """Copies that can be looked at: the first pages."""
        return min(self.page_count, MAX_COPIES) if self.is_ready else 0

    @property
    def pages(self) -> range:
        """Numbers of those copies, for templates."""
        return range(1, self.copy_count + 1)

    @property
    def pages_left_out(self) -> int:
        """Pages of the original that have no copy; whoever decides must know that there are more."""
        return self.page_count - self.copy_count if self.is_ready else 0

    def copy_name(self, copy: str) -> str:
        """Name in the storage of copy `1`, `2` … or `thumb`."""
        return f"{self.copies_prefix}/{copy}.jpg"


class PrivacyPolicy(models.Model):
    """How long a house keeps receipts, and what it tells people about their data. Without a row: `RECEIPT_MONTHS`, our words."""

    RECEIPT_MONTHS = 24

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="privacy_policy")
    receipt_months = models.PositiveSmallIntegerField(default=RECEIPT_MONTHS)
    notice_es = models.TextField(blank=True)
    notice_en = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="privacypolicy_tenant_key"),
            models.CheckConstraint(name="privacypolicy_months", condition=models.Q(receipt_months__range=(1, 240))),
        )
        verbose_name_plural = "privacy policies"

    def __str__(self) -> str:
        return str(self.merchant_id)


class FileView(models.Model):
    """A member of staff looked at a file."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="views")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="fileview_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.file_id} {self.at}"
