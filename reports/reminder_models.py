"""When a house reminds its customers of what they owe, and on which days it did."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Customer, Merchant


def days_before() -> list[int]:
    return [3]


def days_after() -> list[int]:
    return [1, 7, 15]


class ReminderPolicy(models.Model):
    """On which days before and after the due date a house reminds. Without a row it does not."""

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="reminder_policy")
    is_on = models.BooleanField(default=False)
    days_before = ArrayField(models.PositiveSmallIntegerField(), default=days_before)
    days_after = ArrayField(models.PositiveSmallIntegerField(), default=days_after)
    business_days_only = models.BooleanField(default=True)
    may_decline = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="reminderpolicy_tenant_key"),)
        verbose_name_plural = "reminder policies"

    def __str__(self) -> str:
        return str(self.merchant_id)


class Reminder(models.Model):
    """A customer was reminded on a day (of the merchant's): once, whoever runs the job how often."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reminder_tenant_key"),
            models.UniqueConstraint(fields=("customer", "day"), name="reminder_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} {self.day}"
