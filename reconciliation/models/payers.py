"""Customers for whom one payer pays: only within such a group may one deposit be proposed for reports of several customers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Customer, Merchant, User


class PayerGroup(models.Model):
    """One payer, by name and (if known) tax id. Nothing is erased: an ended group keeps its members with their days."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    payer_tax_id = models.CharField(max_length=30, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="payergroup_tenant_key"),
            models.CheckConstraint(name="payergroup_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="payergroup_end_names_who",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name


class PayerGroupMember(models.Model):
    """A customer in a group, from `added_at` until `removed_at`; in one live group at most."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(PayerGroup, on_delete=models.PROTECT, related_name="members")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payer_memberships")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="payergroupmember_tenant_key"),
            models.UniqueConstraint(fields=("customer",), condition=Q(removed_at__isnull=True), name="payergroupmember_one_live"),
            models.CheckConstraint(
                name="payergroupmember_removed_names_who",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} ∈ {self.group_id}"
