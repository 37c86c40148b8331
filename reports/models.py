"""Payment reports. What a customer corrects is a new revision; the old one stays readable.

Transfers and allocations carry the revisions in which they hold (`since_revision` … before `until_revision`), so that a transfer
that did not change keeps its row, and with it its match and its money, through every correction.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Merchant, User
from banking.models import Bank, PaymentMethod, ReceivingAccount, WithholdingKind
from files.models import StoredFile
from orders.models import MONEY, Order, OrderLine
from reports.reminder_models import Reminder as Reminder
from reports.reminder_models import ReminderPolicy as ReminderPolicy
from reports.shipment_models import Shipment as Shipment
from reports.shipment_models import ShipmentEvent as ShipmentEvent
from reports.shipment_models import ShipmentState as ShipmentState
from reports.surcharge import surcharge_label
from tickets.models import Ticket

# Positions of files from here on belong to withholding vouchers, those below to transfers.
VOUCHER_FILES = 100


class PaymentReport(models.Model):
    """One report of one payment (perhaps in several transfers). Its ticket is its state; it has none of its own."""

    class Channel(models.TextChoices):
        PORTAL = "portal", _("Portal")
        WHATSAPP = "whatsapp", _("WhatsApp")
        TELEPHONE = "telephone", _("Telephone")
        EMAIL = "email", _("E-mail")
        COUNTER = "counter", _("In person")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="reports")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="reports")
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="report")
    key = models.UUIDField()
    body_digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PORTAL)
    currency = models.CharField(max_length=3)
    revision = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="report_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "customer", "key"), name="report_key_once"),
        )

    def __str__(self) -> str:
        return f"Report {self.pk}"


class ReportRevision(models.Model):
    """What the report says besides transfers and orders, as of one correction. Append-only."""

    class Cause(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        ANSWERED = "answered", _("Answered")
        RESUBMITTED = "resubmitted", _("Corrected and sent again")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=12, choices=Cause)
    payer_name = models.CharField(max_length=200, blank=True)
    payer_tax_id = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("report", "number")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reportrevision_tenant_key"),
            models.UniqueConstraint(fields=("report", "number"), name="reportrevision_number_unique"),
        )

    def __str__(self) -> str:
        return f"{self.report_id} r{self.number}"


class Transfer(models.Model):
    """One movement of money as the customer declares it. `amount` is what moved, `surcharge` the part of it that pays no order
    (IGTF), both in `currency`; `value` is the worth of the rest in the report's currency.

    `rate`: one unit of the report's currency is `rate` units of the transfer's, as dated `rate_date` by `rate_source`.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="transfers")
    position = models.PositiveSmallIntegerField(default=1)
    since_revision = models.PositiveSmallIntegerField(default=1)
    until_revision = models.PositiveSmallIntegerField(null=True, blank=True)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="+")
    origin_bank = models.ForeignKey(Bank, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    origin_bank_name = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    paid_on = models.DateField()
    reference_raw = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    payer_phone = models.CharField(max_length=30, blank=True)
    payer_id = models.CharField(max_length=30, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    sender_email = models.EmailField(blank=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    rate_date = models.DateField(null=True, blank=True)
    rate_source = models.CharField(max_length=20, blank=True)
    surcharge = models.DecimalField(**MONEY, default=Decimal(0))
    surcharge_per_cent = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal(0))
    value = models.DecimalField(**MONEY)

    class Meta:
        ordering = ("report", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="transfer_tenant_key"),
            models.UniqueConstraint(
                fields=("report", "position"), condition=Q(until_revision__isnull=True), name="transfer_position_unique"
            ),
            models.CheckConstraint(name="transfer_amount_positive", condition=Q(amount__gt=0) & Q(value__gte=0)),
            models.CheckConstraint(
                name="transfer_surcharge_is_part", condition=Q(surcharge__gte=0) & Q(surcharge__lt=models.F("amount"))
            ),
            models.CheckConstraint(
                name="transfer_rate_is_dated",
                condition=Q(rate__isnull=True) | (Q(rate__gt=0) & Q(rate_date__isnull=False)),
            ),
        )
        indexes = (
            models.Index(fields=("account", "reference"), name="transfer_reference"),
            models.Index(fields=("account", "amount", "paid_on"), name="transfer_amount"),
            # References are compared by their end, which is a prefix of the reversed text.
            models.Index(
                "account",
                OpClass(Reverse("reference"), name="text_pattern_ops"),
                name="transfer_reference_end",
                condition=~Q(reference=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id}/{self.position}"

    @property
    def surcharge_label(self) -> str:
        """`IGTF 3 %`, at the rate of the day on which it was reported."""
        return surcharge_label(self.method, self.surcharge_per_cent)


class Allocation(models.Model):
    """How much of the report goes to which order, in the report's currency. The rest becomes customer credit."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="allocations")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="allocations")
    since_revision = models.PositiveSmallIntegerField(default=1)
    until_revision = models.PositiveSmallIntegerField(null=True, blank=True)
    amount = models.DecimalField(**MONEY)

    class Meta:
        ordering = ("report", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="allocation_tenant_key"),
            models.UniqueConstraint(
                fields=("report", "order"), condition=Q(until_revision__isnull=True), name="allocation_order_unique"
            ),
            # An order may be ticked and get nothing when the payment is partial: it is still covered by the report.
            models.CheckConstraint(name="allocation_not_negative", condition=Q(amount__gte=0)),
        )
        indexes = (models.Index(fields=("order", "until_revision"), name="allocation_of_order"),)

    def __str__(self) -> str:
        return f"{self.report_id} → {self.order_id}: {self.amount}"


class Withholding(models.Model):
    """A voucher that counts as part of the payment: tax that the customer kept back, in the report's currency.

    `number` as it is printed, `reference` its normal form, by which a voucher that was used before is known.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="withholdings")
    position = models.PositiveSmallIntegerField(default=1)
    since_revision = models.PositiveSmallIntegerField(default=1)
    until_revision = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.ForeignKey(WithholdingKind, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60)
    reference = models.CharField(max_length=60)
    issued_on = models.DateField()
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("report", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="withholding_tenant_key"),
            models.UniqueConstraint(
                fields=("report", "position"), condition=Q(until_revision__isnull=True), name="withholding_position_unique"
            ),
            models.UniqueConstraint(
                fields=("report", "kind", "reference"), condition=Q(until_revision__isnull=True), name="withholding_once"
            ),
            models.CheckConstraint(name="withholding_amount_positive", condition=Q(amount__gt=0)),
        )
        indexes = (models.Index(fields=("merchant", "reference"), name="withholding_reference"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def file_position(self) -> int:
        """Where its pictures stand among the receipts."""
        return VOUCHER_FILES + self.position


class Receipt(models.Model):
    """A picture or PDF that proves a transfer, or a withholding voucher (`VOUCHER_FILES` more than its position)."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="receipts")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="receipt")
    position = models.PositiveSmallIntegerField(default=1)  # of its transfer or voucher
    since_revision = models.PositiveSmallIntegerField(default=1)
    until_revision = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("report", "position", "pk")
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="receipt_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_id}"


class ShippingWish(models.Model):
    """`Deseo recibir la factura fiscal en físico`: uses up one shipping line, exactly once, until released."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(PaymentReport, on_delete=models.PROTECT, related_name="shipping_wishes")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="shipping_wishes")
    address = models.TextField()
    state = models.CharField(max_length=60)
    city = models.CharField(max_length=60)
    reference_point = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="shippingwish_tenant_key"),
            models.UniqueConstraint(fields=("order_line",), condition=Q(released_at__isnull=True), name="shippingwish_line_once"),
            models.UniqueConstraint(
                fields=("report",), condition=Q(released_at__isnull=True), name="shippingwish_one_per_report"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id} ⇒ {self.order_line_id}"


class ReportDraft(models.Model):
    """What a customer (or staff for a customer) typed and uploaded before sending. `key` becomes the report's key."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="reportdraft_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "customer", "user", "key"), name="reportdraft_key_unique"),
        )

    def __str__(self) -> str:
        return str(self.key)


class DraftFile(models.Model):
    """A file uploaded for a transfer or voucher (by position) of a draft."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    draft = models.ForeignKey(ReportDraft, on_delete=models.CASCADE, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="draftfile_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.draft_id} {self.file_id}"


def worth(amount: Decimal, rate: Decimal | None) -> Decimal:
    """Unrounded worth of `amount` in the report's currency."""
    return amount if rate is None else amount / rate
