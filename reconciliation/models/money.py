"""Matches, settlements and the append-only ledger; customers' credit.

Rows are written by thousands. Where a key leads into another table of the merchant, its composite key (`accounts.tenancy`) says
the same and more; a second one of Django's own would be looked up for each row again (`db_constraint=False`).
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Merchant, User
from orders.models import MONEY, Order
from reconciliation.models.lines import StatementLine
from reports.models import Transfer, Withholding
from tickets.models import Reason, Ticket


class CreditBalance(models.Model):
    """What a customer has in their favour (`saldo a favor`), by currency: kept by trigger alone."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit_balances")
    currency = models.CharField(max_length=3)
    balance = models.DecimalField(**MONEY, default=Decimal(0))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="creditbalance_tenant_key"),
            models.UniqueConstraint(fields=("customer", "currency"), name="creditbalance_once"),
            models.CheckConstraint(name="creditbalance_not_negative", condition=Q(balance__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.balance} {self.currency}"


class Settlement(models.Model):
    """One act that moved money: a verified transfer, a use of credit, a refund, or the reversal of one of them. Append-only."""

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        CREDIT_USE = "credit_use", _("Use of credit")
        REFUND = "refund", _("Refund")
        REVERSAL = "reversal", _("Reversal")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="settlements", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements", db_constraint=False
    )
    transfer = models.ForeignKey(
        Transfer, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements", db_constraint=False
    )
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    prepared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    needs_signature = models.BooleanField(default=False)
    reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="settlement_tenant_key"),
            models.CheckConstraint(
                name="settlement_four_eyes", condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("prepared_by"))
            ),
            models.CheckConstraint(
                name="settlement_signed_where_needed",
                condition=Q(needs_signature=False) | Q(prepared_by__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="settlement_reversal_names_its_own",
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "customer", "-id"), name="settlement_of_customer"),
            models.Index(fields=("reason",), name="settlement_reason", condition=Q(reason__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Match(models.Model):
    """This line is that transfer. Reserved until a second signature, settled when the money moved, else released."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Released")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="matches", db_constraint=False)
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matches", db_constraint=False)
    amount = models.DecimalField(**MONEY)  # in the line's currency
    state = models.CharField(max_length=8, choices=State, default=State.RESERVED)
    evidence = models.JSONField(default=list, blank=True)
    # Of the proposal that it was accepted from; None: found by hand.
    part = models.OneToOneField(
        "reconciliation.ProposalPart", null=True, blank=True, on_delete=models.PROTECT, related_name="match", db_constraint=False
    )
    settlement = models.ForeignKey(
        Settlement, null=True, blank=True, on_delete=models.PROTECT, related_name="matches", db_constraint=False
    )
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="match_tenant_key"),
            models.UniqueConstraint(fields=("line", "transfer"), condition=~Q(state="released"), name="match_live_once"),
            models.CheckConstraint(name="match_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="match_settled_has_settlement", condition=~Q(state="settled") | Q(settlement__isnull=False)
            ),
            models.CheckConstraint(name="match_released_has_time", condition=~Q(state="released") | Q(released_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.transfer_id} = {self.line_id}"


class Adjustment(models.Model):
    """A named difference that is nobody's deposit: it can be one end of a ledger entry."""

    class Kind(models.TextChoices):
        BANK_FEE = "bank_fee", _("Bank fee")
        ROUNDING = "rounding", _("Rounding")
        DISCOUNT = "discount", _("Discount")
        WITHHOLDING = "withholding", _("Withholding")
        SURCHARGE = "surcharge", _("Surcharge")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=200)
    # The voucher of the report that this is; a withholding without one was named by accounting alone.
    withholding = models.ForeignKey(Withholding, null=True, blank=True, on_delete=models.PROTECT, related_name="adjustments")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="adjustment_tenant_key"),
            models.CheckConstraint(name="adjustment_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="adjustment_has_note", condition=~Q(note="")),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class LedgerEntry(models.Model):
    """Money from exactly one source to exactly one target. Append-only; an error is reversed by a mirrored row.

    Amounts are positive. A row with `reverses` repeats the ends of the row it reverses and counts with the opposite sign.
    `source_amount` is in the source's currency, `target_amount` in the target's; `rate` between them: units of the bank line's
    currency for one of the other end's.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="ledger_entries", db_constraint=False, db_index=False
    )
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="entries", db_constraint=False)
    source_line = models.ForeignKey(
        StatementLine, null=True, on_delete=models.PROTECT, related_name="entries_out", db_constraint=False, db_index=False
    )
    source_credit = models.ForeignKey(
        CreditBalance, null=True, on_delete=models.PROTECT, related_name="entries_out", db_constraint=False, db_index=False
    )
    source_adjustment = models.ForeignKey(
        Adjustment, null=True, on_delete=models.PROTECT, related_name="entries_out", db_constraint=False, db_index=False
    )
    target_order = models.ForeignKey(
        Order, null=True, on_delete=models.PROTECT, related_name="entries_in", db_constraint=False, db_index=False
    )
    target_credit = models.ForeignKey(
        CreditBalance, null=True, on_delete=models.PROTECT, related_name="entries_in", db_constraint=False, db_index=False
    )
    target_adjustment = models.ForeignKey(
        Adjustment, null=True, on_delete=models.PROTECT, related_name="entries_in", db_constraint=False, db_index=False
    )
    target_line = models.ForeignKey(
        StatementLine, null=True, on_delete=models.PROTECT, related_name="entries_in", db_constraint=False, db_index=False
    )
    source_amount = models.DecimalField(**MONEY)
    source_currency = models.CharField(max_length=3)
    target_amount = models.DecimalField(**MONEY)
    target_currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    booked_on = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="ledgerentry_tenant_key"),
            models.CheckConstraint(name="ledgerentry_positive", condition=Q(source_amount__gt=0) & Q(target_amount__gt=0)),
            models.CheckConstraint(
                name="ledgerentry_same_currency_same_amount",
                condition=~Q(source_currency=F("target_currency")) | Q(source_amount=F("target_amount")),
            ),
            # Exactly one source and exactly one target: added with num_nonnulls() in the migration.
        )
        indexes = (
            models.Index(fields=("merchant", "customer", "id"), name="ledger_of_customer"),
            models.Index(fields=("merchant", "booked_on"), name="ledger_by_day"),
            # One source and one target a row: the other ends are in no index.
            *(
                models.Index(fields=(end,), name=f"ledger_{end}", condition=Q(**{f"{end}__isnull": False}))
                for end in (
                    "source_line",
                    "source_credit",
                    "source_adjustment",
                    "target_order",
                    "target_credit",
                    "target_adjustment",
                    "target_line",
                )  # fmt: skip
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_amount} {self.source_currency} → {self.target_amount} {self.target_currency}"
