"""Keys with which other systems work at a house's API."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a key may do. None of them decides, signs, verifies or moves money: no key can."""

    CUSTOMERS_READ = "customers:read", _("Read customers")
    CUSTOMERS_WRITE = "customers:write", _("Add and change customers")
    ORDERS_READ = "orders:read", _("Read orders")
    ORDERS_WRITE = "orders:write", _("Issue and void orders, attach their fiscal documents")
    REPORTS_READ = "reports:read", _("Read payment reports")
    REPORTS_WRITE = "reports:write", _("Send payment reports and receipts")
    TICKETS_READ = "tickets:read", _("Read tickets")
    TICKETS_WRITE = "tickets:write", _("Write messages in tickets")
    STATEMENTS_READ = "statements:read", _("Read bank movements")
    STATEMENTS_WRITE = "statements:write", _("Send bank statements in, for a person to take in")
    PAYMENTS_READ = "payments:read", _("Read paid orders and their entries")


class ApiKey(models.Model):
    """A key of one house: shown once, kept as a digest. `user` is who its acts are by; nobody can sign in as it.

    What it may do is never changed: another key is made, and this one revoked. `window_at` and `window_used` count its calls.
    """

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="api_keys")
    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="api_key")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = ArrayField(models.CharField(max_length=20))
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    window_at = models.DateTimeField(default=timezone.now)
    window_used = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "API key"
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="apikey_tenant_key"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
