"""Asking a customer whether an unmatched deposit is theirs. An answer is a fact for whoever decides; it never moves money."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Merchant, User
from banking.models import ReceivingAccount
from orders.models import MONEY
from reconciliation.models.lines import StatementLine
from reports.models import PaymentReport


class DepositOffer(models.Model):
    """One deposit, offered to one customer. What they were told (`amount`, `booked_on`, `account`, `reference_end`) is kept here.

    `line` is empty once its import was undone. `report_key` is the key of the form that a yes opens: the report sent with it is
    `report`. The database withdraws an open offer by itself when its line is used, returned or set aside (`why`).
    """

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("offered deposit", "Waiting for an answer")
        CLAIMED = "claimed", pgettext_lazy("offered deposit", "“It is mine”")
        DENIED = "denied", pgettext_lazy("offered deposit", "“It is not mine”")
        WITHDRAWN = "withdrawn", pgettext_lazy("offered deposit", "Withdrawn")
        EXPIRED = "expired", pgettext_lazy("offered deposit", "Nobody answered")

    class Why(models.TextChoices):
        STAFF = "staff", _("Withdrawn by a colleague")
        USED = "used", _("The deposit was used")
        IGNORED = "ignored", _("The deposit was set aside")
        UNDONE = "undone", _("Its import was undone")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(StatementLine, null=True, blank=True, on_delete=models.PROTECT, related_name="offers")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="deposit_offers")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    reference_end = models.CharField(max_length=4, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OFFERED)
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField()
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)  # what the customer wrote with a no
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=7, choices=Why, blank=True)
    report_key = models.UUIDField(null=True, blank=True)
    report = models.ForeignKey(PaymentReport, null=True, blank=True, on_delete=models.PROTECT, related_name="deposit_offers")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="depositoffer_tenant_key"),
            models.UniqueConstraint(
                fields=("line",), condition=Q(state__in=("offered", "claimed")), name="depositoffer_one_live"
            ),
            models.UniqueConstraint(fields=("merchant", "customer", "report_key"), name="depositoffer_one_form"),
            models.CheckConstraint(name="depositoffer_money_in", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="depositoffer_live_has_line", condition=~Q(state__in=("offered", "claimed")) | Q(line__isnull=False)
            ),
            models.CheckConstraint(
                name="depositoffer_answer_names_who",
                condition=~Q(state__in=("claimed", "denied")) | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="depositoffer_claim_has_form", condition=~Q(state="claimed") | Q(report_key__isnull=False)
            ),
            models.CheckConstraint(
                name="depositoffer_end_has_time",
                condition=~Q(state__in=("withdrawn", "expired")) | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(name="depositoffer_withdrawn_has_why", condition=~Q(state="withdrawn") | ~Q(why="")),
            # Who works here and is a customer too is not the one who hands out deposits to themselves.
            models.CheckConstraint(
                name="depositoffer_not_to_oneself", condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("offered_by"))
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "-id"), name="depositoffer_newest"),
            models.Index(fields=("customer", "-id"), name="depositoffer_of_customer"),
        )

    def __str__(self) -> str:
        return f"{self.line_id} → {self.customer_id}: {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether the deposit is still kept for this customer's answer or report."""
        return self.state in (self.State.OFFERED, self.State.CLAIMED)

    def is_over_on(self, day: dt.date) -> bool:
        """Whether the time to answer is over on that day."""
        return day > self.expires_on
