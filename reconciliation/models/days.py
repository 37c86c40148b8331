"""What the days of an account add up to, written beside the lines so that no page has to add them up again."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Merchant
from banking.models import ReceivingAccount

# Any file's lines of any allowed amount fit, so that adding up never fails.
SUM: dict[str, Any] = {"max_digits": 30, "decimal_places": 4}


class DaySum(models.Model):
    """One day of one account as a job added it up; it holds while no `ChangedDay` names the day (`books.days`).

    Sums are signed as the lines are. What is free, what is used by hand and what waits is told in `books.balances` and
    `books.ageing`, whose pages read it.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    booked_on = models.DateField()
    currency = models.CharField(max_length=3)
    lines = models.PositiveIntegerField()
    imported = models.PositiveIntegerField()
    with_balance = models.PositiveIntegerField()
    moved = models.DecimalField(**SUM)
    told = models.DecimalField(**SUM)
    free_in = models.DecimalField(**SUM)
    count_in = models.PositiveIntegerField()
    free_out = models.DecimalField(**SUM)
    count_out = models.PositiveIntegerField()
    by_hand = models.DecimalField(**SUM)
    count_by_hand = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField()
    waiting_amount = models.DecimalField(**SUM)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="daysum_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "account", "booked_on", "currency"), name="daysum_once"),
        )
        indexes = (models.Index(fields=("merchant", "booked_on"), name="daysum_waiting", condition=Q(waiting__gt=0)),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.booked_on}: {self.lines}"


class ChangedDay(models.Model):
    """A day whose lines changed since it was added up: it is read from its lines until then. Written by triggers alone.

    Each change writes a row of its own, and nobody waits for anybody. The job takes away exactly the rows that it saw.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(ReceivingAccount, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    booked_on = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="changedday_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.booked_on}"
