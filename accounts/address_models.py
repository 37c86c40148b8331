"""Addresses of a customer: where bills go, where paper goes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Address(models.Model):
    """A place of a customer's. The address in the customer's own data is the main one; these are the others."""

    class Kind(models.TextChoices):
        BILLING = "billing", _("Billing address")
        SHIPPING = "shipping", _("Shipping address")

    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("accounts.Customer", on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind)
    label = models.CharField(max_length=60, blank=True)
    address = models.TextField()
    state = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    reference_point = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="address_tenant_key"),)
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return self.label or self.address
