"""How the bank of a receiving account writes its statements, as a person set it up: one row for each version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Merchant, User
from banking.models import ReceivingAccount


class StatementProfile(models.Model):
    """One version of an account's way of reading files. Append-only: a change is the next version, the highest one counts.

    `settings` is `statements.Profile.to_json()`. An import names the version that it was read with, so it can be read so again.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="statement_profiles")
    version = models.PositiveIntegerField()
    layout_key = models.CharField(max_length=40, blank=True)  # The ready-made layout that it was begun with; blank = none.
    name = models.CharField(max_length=80)
    settings = models.JSONField()
    # The version that this one takes back, when it does.
    restores = models.PositiveIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="statementprofile_tenant_key"),
            models.UniqueConstraint(fields=("account", "version"), name="statementprofile_once"),
            models.CheckConstraint(name="statementprofile_version_positive", condition=Q(version__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
