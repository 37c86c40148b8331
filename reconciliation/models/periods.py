"""Books that are closed: months, their reopening by two people, the figures of each day, and what the nightly audit found."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Merchant, User
from banking.models import ReceivingAccount
from orders.models import MONEY


class Period(models.Model):
    """A month that was closed, and every day before it with it. Closing it again after a reopening makes another row.

    `digest` is that of its lines and entries, from the day after `after` (none: from the beginning) to `until`. `facts` holds
    what was shown when it was closed: the balances by account, and how much was still open. While `reopened_at` is empty the
    database takes no line and no entry of these days, and none before them.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # its first day
    after = models.DateField(null=True, blank=True)
    until = models.DateField()
    digest = models.CharField(max_length=64)
    facts = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=400, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(default=timezone.now)
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="period_tenant_key"),
            models.UniqueConstraint(
                fields=("merchant", "month"), condition=Q(reopened_at__isnull=True), name="period_closed_once"
            ),
            models.CheckConstraint(name="period_is_a_month", condition=Q(month__day=1, until__gt=F("month"))),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def is_closed(self) -> bool:
        return self.reopened_at is None


class ReopenRequest(models.Model):
    """Somebody asks to open a closed month again; another person signs, or does not."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="reopen_requests")
    reason = models.CharField(max_length=400)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    was_refused = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reopenrequest_tenant_key"),
            models.UniqueConstraint(fields=("period",), condition=Q(decided_at__isnull=True), name="reopenrequest_one_open"),
            models.CheckConstraint(
                name="reopenrequest_four_eyes", condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("requested_by"))
            ),
            models.CheckConstraint(
                name="reopenrequest_granted_is_signed",
                condition=Q(decided_at__isnull=True) | Q(was_refused=True) | Q(signed_by__isnull=False),
            ),
            models.CheckConstraint(name="reopenrequest_has_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.period_id} {self.requested_at}"


class DailyClosing(models.Model):
    """The figures of one account on one day, as they were when the night counted them. A later count that differs is another row.

    `bank_balance` is what the bank had at the end of the day, `book_balance` what the ledger explains of it; `reported` is what
    customers said they paid on that day, `settled` what of the day's deposits was settled by then.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="daily_closings")
    day = models.DateField()
    revision = models.PositiveSmallIntegerField(default=1)
    lines = models.PositiveIntegerField(default=0)
    credits = models.DecimalField(**MONEY)
    debits = models.DecimalField(**MONEY)
    bank_balance = models.DecimalField(**MONEY)
    book_balance = models.DecimalField(**MONEY)
    reported_count = models.PositiveIntegerField(default=0)
    reported = models.DecimalField(**MONEY)
    settled_count = models.PositiveIntegerField(default=0)
    settled = models.DecimalField(**MONEY)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="dailyclosing_tenant_key"),
            models.UniqueConstraint(fields=("account", "day", "revision"), name="dailyclosing_once"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"

    FIGURES = (
        "lines", "credits", "debits", "bank_balance", "book_balance", "reported_count", "reported", "settled_count", "settled",
    )  # fmt: skip


class AuditRun(models.Model):
    """One proof of a merchant's books: how many checks ran, and the rows that disagree (the first of them)."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    checks = models.PositiveSmallIntegerField()
    found = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="auditrun_tenant_key"),)
        indexes = (models.Index(fields=("merchant", "-id"), name="auditrun_newest"),)

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.finished_at}: {self.found}"

    @property
    def is_clean(self) -> bool:
        return self.found == 0

    @property
    def took(self) -> dt.timedelta:
        return self.finished_at - self.started_at
