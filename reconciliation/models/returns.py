"""Money that left the account again: deposits that the bank took back, and customers' credit that was paid out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Merchant, User
from orders.models import MONEY
from reconciliation.models.lines import StatementLine
from reconciliation.models.money import Settlement
from reconciliation.rate_words import rate_words
from tickets.models import Reason


class ReturnedDeposit(models.Model):
    """This debit of the bank takes back that deposit of the same account, whole.

    `waiting`: what the deposit settled waits for the second signature of its reversal; `returned`: nothing of it stands;
    `undone`: the pair was wrong, or nobody signed. From the first moment both lines are marked (`LineBalance.returned_at`, by
    trigger) and pay nothing else. `was_marked`: the deposit was known as returned before its debit arrived. In the books the
    pair counts from `effective_on` to the day before `undone_on`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("returned deposit", "Waits for the second signature")
        RETURNED = "returned", pgettext_lazy("returned deposit", "Returned")
        UNDONE = "undone", pgettext_lazy("returned deposit", "Undone")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    debit_line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="returns")
    deposit_line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="returned_by")
    state = models.CharField(max_length=8, choices=State)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    note = models.TextField()
    was_marked = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    effective_on = models.DateField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="returneddeposit_tenant_key"),
            models.UniqueConstraint(fields=("debit_line",), condition=~Q(state="undone"), name="returneddeposit_debit_once"),
            models.UniqueConstraint(fields=("deposit_line",), condition=~Q(state="undone"), name="returneddeposit_once"),
            models.CheckConstraint(name="returneddeposit_two_lines", condition=~Q(debit_line=F("deposit_line"))),
            models.CheckConstraint(
                name="returneddeposit_has_its_days",
                condition=Q(state="waiting", effective_on__isnull=True, undone_at__isnull=True)
                | Q(state="returned", effective_on__isnull=False, undone_at__isnull=True)
                | Q(state="undone", undone_at__isnull=False, undone_on__isnull=False, undone_by__isnull=False),
            ),
            models.CheckConstraint(name="returneddeposit_has_note", condition=~Q(note="")),
        )

    def __str__(self) -> str:
        return f"{self.debit_line_id} takes back {self.deposit_line_id}"

    @property
    def is_live(self) -> bool:
        return self.state != self.State.UNDONE


class Refund(models.Model):
    """Credit of a customer that is paid out, or is to be: from the wish to pay it to the movement of the bank that paid it.

    `to_pay`: somebody shall pay `amount` to the account in `bank_data`, its debit has not arrived; `waiting`: a person says
    which debit paid it and another one signs; `paid`: the entry from the credit to the debit stands (`settlement`); `reversing`:
    somebody asks to take the entry back and another one signs; `reversed`; `dropped`: it will not be paid, or nobody signed.

    `amount` leaves the credit, in its currency; `paid_amount` is the part of the debit that paid it, in the debit's. Between two
    currencies stands the dated `rate`: units of the debit's for one of the credit's.
    """

    class State(models.TextChoices):
        TO_PAY = "to_pay", pgettext_lazy("refund", "To pay")
        WAITING = "waiting", pgettext_lazy("refund", "Waits for the second signature")
        PAID = "paid", pgettext_lazy("refund", "Paid")
        REVERSING = "reversing", pgettext_lazy("refund", "Reversal waits for its signature")
        REVERSED = "reversed", pgettext_lazy("refund", "Reversed")
        DROPPED = "dropped", pgettext_lazy("refund", "Dropped")

    OPEN = (State.TO_PAY, State.WAITING, State.REVERSING)

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=9, choices=State)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    paid_amount = models.DecimalField(**MONEY, null=True, blank=True)
    paid_currency = models.CharField(max_length=3, blank=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    rate_date = models.DateField(null=True, blank=True)
    rate_source = models.CharField(max_length=20, blank=True)
    bank_data = models.CharField(max_length=400, blank=True)
    debit_line = models.ForeignKey(StatementLine, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds")
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    prepared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settlement = models.OneToOneField(Settlement, null=True, blank=True, on_delete=models.PROTECT, related_name="refund")
    reversal_note = models.TextField(blank=True)
    reversal_asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reversal_signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="refund_tenant_key"),
            models.CheckConstraint(name="refund_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="refund_four_eyes", condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("prepared_by"))),
            models.CheckConstraint(
                name="refund_reversal_four_eyes",
                condition=Q(reversal_signed_by__isnull=True) | ~Q(reversal_signed_by=F("reversal_asked_by")),
            ),
            models.CheckConstraint(
                name="refund_prepared_names_its_debit",
                condition=Q(state__in=("to_pay", "dropped")) | Q(debit_line__isnull=False, prepared_by__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_says_what_was_paid",
                condition=Q(state__in=("to_pay", "dropped"), paid_amount__isnull=True, paid_currency="", rate__isnull=True)
                | Q(paid_amount__isnull=False, paid_amount=F("amount"), paid_currency=F("currency"), rate__isnull=True)
                | Q(paid_amount__isnull=False, paid_amount__gt=0, rate__isnull=False, rate__gt=0, rate_date__isnull=False)
                & ~Q(paid_currency="")
                & ~Q(paid_currency=F("currency")),
            ),
            models.CheckConstraint(
                name="refund_paid_has_settlement",
                condition=Q(state__in=("paid", "reversing", "reversed"), settlement__isnull=False)
                | Q(state__in=("to_pay", "waiting", "dropped"), settlement__isnull=True),
            ),
            models.CheckConstraint(
                name="refund_reversal_names_who", condition=~Q(state__in=("reversing", "reversed")) | ~Q(reversal_note="")
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "-id"), name="refund_newest"),
            models.Index(fields=("merchant",), name="refund_open", condition=Q(state__in=("to_pay", "waiting", "reversing"))),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.amount} {self.currency} {self.state}"

    @property
    def how(self) -> str:
        """The rate at which it was paid, in words; empty when credit and debit are in one currency."""
        if self.rate is None or self.rate_date is None:
            return ""
        return rate_words(self.currency, self.paid_currency, self.rate, self.rate_date)

    @property
    def is_open(self) -> bool:
        """Whether somebody has still something to do with it."""
        return self.state in self.OPEN
