"""Large tables of the books that a job writes, to be taken away later by those who may."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant, User
from banking.models import ReceivingAccount


class ExportFile(models.Model):
    """One table that somebody asked for. `place` is the private name of the file while there is one.

    `rows` is how many there were when it was begun, `done` how many are written. `failure` is a code of
    `reconciliation.export_words`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("export", "Waiting its turn")
        WRITING = "writing", pgettext_lazy("export", "Being written")
        READY = "ready", pgettext_lazy("export", "Ready")
        FAILED = "failed", pgettext_lazy("export", "Failed")
        GONE = "gone", pgettext_lazy("export", "Deleted")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    table = models.CharField(max_length=20)
    format = models.CharField(max_length=4)
    language = models.CharField(max_length=2)
    account = models.ForeignKey(ReceivingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    place = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=20, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="exportfile_tenant_key"),
            models.CheckConstraint(
                name="exportfile_ready_has_file",
                condition=~Q(state="ready") | (~Q(place="") & Q(finished_at__isnull=False, expires_at__isnull=False)),
            ),
            models.CheckConstraint(name="exportfile_failed_says_why", condition=~Q(state="failed") | ~Q(failure="")),
            models.CheckConstraint(name="exportfile_gone_has_no_file", condition=~Q(state="gone") | Q(place="")),
        )
        indexes = (models.Index(fields=("merchant", "-id"), name="exportfile_newest"),)

    def __str__(self) -> str:
        return f"{self.table} {self.since}–{self.until}: {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WRITING)

    @property
    def percent(self) -> int:
        """How much of it is written, 0–100."""
        return min(100, self.done * 100 // self.rows) if self.rows else 0
