"""What stands on the bank's statement: lines, and the narrow row that changes beside each."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, User
from banking.models import ReceivingAccount
from orders.models import MONEY
from reconciliation.models.imports import StatementImport


class StatementLine(models.Model):
    """One movement at the bank (or cash desk). Immutable. `amount` is signed: credits are positive.

    `identity` is the digest of what makes the line itself, its day first of all; `ordinal` tells genuine twins apart.
    """

    class Source(models.TextChoices):
        IMPORT = "import", _("Imported")
        MANUAL = "manual", _("Entered by hand")
        CASH = "cash", _("Cash desk")

    # A file may bring 200,000 lines, and each key of its own would be looked up for each of them. The composite keys over
    # (merchant, account) and (merchant, import) say the same and more, and the indexes below begin with these columns.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(
        ReceivingAccount, on_delete=models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    statement_import = models.ForeignKey(
        StatementImport, null=True, blank=True, on_delete=models.PROTECT, related_name="lines", db_constraint=False
    )
    source = models.CharField(max_length=10, choices=Source)
    line_number = models.PositiveIntegerField(default=1)
    booked_on = models.DateField()
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    reference_raw = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=500, blank=True)
    payer_name = models.CharField(max_length=200, blank=True)
    payer_id = models.CharField(max_length=30, blank=True)
    origin_bank_code = models.CharField(max_length=10, blank=True)
    balance_after = models.DecimalField(**MONEY, null=True, blank=True)
    identity = models.CharField(max_length=64)
    ordinal = models.PositiveSmallIntegerField(default=0)
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="statementline_tenant_key"),
            # Every digest is made of the day too, so the day here forbids no less. It puts what comes together side by side:
            # digests alone would send each line of a file to another page of the index.
            models.UniqueConstraint(fields=("account", "booked_on", "identity", "ordinal"), name="statementline_once"),
            models.CheckConstraint(name="statementline_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="statementline_by_hand_has_reason",
                condition=Q(source="import") | (Q(entered_by__isnull=False) & ~Q(entry_reason="")),
            ),
        )
        indexes = (
            models.Index(fields=("account", "amount", "booked_on"), name="line_amount"),
            models.Index(F("account"), Right("reference", 4), F("booked_on"), name="line_reference_end"),
            models.Index(fields=("account", "payer_id"), name="line_payer", condition=~Q(payer_id="")),
            models.Index(fields=("merchant", "-booked_on", "-id"), name="line_newest"),
            models.Index(fields=("account", "-booked_on"), name="line_until", condition=Q(source="import")),
            models.Index(fields=("account", "booked_on"), name="line_by_hand", condition=Q(source="manual")),
            models.Index(fields=("entered_by",), name="line_entered_by", condition=Q(entered_by__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount} {self.currency} {self.reference_raw}"

    @property
    def is_of_the_bank(self) -> bool:
        """Whether a file of the bank holds it: brought by one, or typed first and confirmed later."""
        return self.source == self.Source.IMPORT or hasattr(self, "confirmation")


class LineConfirmation(models.Model):
    """The bank's file holds this line, which a person had typed before: the row of the file is this line, not another deposit.

    Append-only. `identity` and `ordinal` are those of the row, unique in the account, so that each row confirms one line.
    """

    line = models.OneToOneField(StatementLine, primary_key=True, on_delete=models.PROTECT, related_name="confirmation")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="+")
    statement_import = models.ForeignKey(StatementImport, on_delete=models.PROTECT, related_name="confirmations")
    identity = models.CharField(max_length=64)
    ordinal = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "identity", "ordinal"), name="lineconfirmation_once"),)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.statement_import_id}"


class LineBalance(models.Model):
    """How much of a line is used. `allocated` comes from ledger entries and `reserved` from matches, both by trigger alone."""

    # The composite key over (merchant, line) holds both.
    line = models.OneToOneField(
        StatementLine, primary_key=True, on_delete=models.CASCADE, related_name="balance", db_constraint=False
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    amount = models.DecimalField(**MONEY)  # |line.amount|
    allocated = models.DecimalField(**MONEY, default=Decimal(0))
    reserved = models.DecimalField(**MONEY, default=Decimal(0))
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="linebalance_within_amount",
                condition=Q(allocated__gte=0) & Q(reserved__gte=0) & Q(amount__gte=F("allocated") + F("reserved")),
            ),
        )
        indexes = (models.Index(fields=("merchant", "line"), name="line_with_money", condition=Q(allocated__lt=F("amount"))),)

    def __str__(self) -> str:
        return f"{self.line_id}: {self.allocated} / {self.amount}"

    @property
    def free(self) -> Decimal:
        return self.amount - self.allocated - self.reserved
