"""Orders, lines and the narrow balance row beside each order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Merchant, User
from accounts.search_models import SearchText, search_index
from orders.fiscal_models import FiscalDocument as FiscalDocument
from orders.fiscal_models import FiscalFile as FiscalFile
from orders.fiscal_models import FiscalKind as FiscalKind
from orders.fiscal_models import FiscalSeries as FiscalSeries
from orders.service_models import Service as Service
from orders.service_models import ServiceEvent as ServiceEvent
from orders.service_models import ServiceOffer as ServiceOffer
from orders.service_models import ServicePolicy as ServicePolicy

MONEY: dict[str, Any] = {"max_digits": 20, "decimal_places": 4}


class OrderQuerySet(models.QuerySet["Order"]):
    """Everything that shows an order needs its balance: one join, never a query a row."""

    def with_balance(self) -> OrderQuerySet:
        return self.select_related("balance")

    def open(self) -> OrderQuerySet:
        """Not void and not fully paid."""
        return self.filter(voided_at__isnull=True, balance__paid__lt=models.F("balance__total"))

    def pending_first(self) -> OrderQuerySet:
        """Open ones by due date, oldest first; then the rest, newest first."""
        return self.annotate(
            is_settled=models.Case(
                models.When(voided_at__isnull=True, balance__paid__lt=models.F("balance__total"), then=0), default=1
            ),
            pending_due=models.Case(
                models.When(voided_at__isnull=True, balance__paid__lt=models.F("balance__total"), then="due_on")
            ),
        ).order_by("is_settled", models.F("pending_due").asc(nulls_last=True), "-issued_on", "-pk")


class Order(models.Model):
    """A service order, pre-invoice or invoice that a customer owes. Void orders stay visible."""

    class Kind(models.TextChoices):
        SERVICE_ORDER = "service_order", _("Service order")
        PRE_INVOICE = "pre_invoice", _("Pre-invoice")
        INVOICE = "invoice", _("Invoice")

    # The composite key over both says the same and more, and the indexes below begin with both.
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="orders", db_constraint=False, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_constraint=False, db_index=False)
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.SERVICE_ORDER)
    description = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    subtotal = models.DecimalField(**MONEY)
    tax = models.DecimalField(**MONEY, default=Decimal(0))
    total = models.DecimalField(**MONEY)
    issued_on = models.DateField()
    due_on = models.DateField()
    paid_on = models.DateField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="order_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "number"), name="order_number_unique"),
            models.CheckConstraint(name="order_total_positive", condition=models.Q(total__gt=0)),
            models.CheckConstraint(name="order_total_is_sum", condition=models.Q(total=models.F("subtotal") + models.F("tax"))),
        )
        indexes = (
            models.Index(fields=("merchant", "customer", "due_on"), name="order_of_customer"),
            # What a house's list shows first, in its order.
            models.Index(
                fields=("merchant", "due_on", "-issued_on", "-id"),
                name="order_owed",
                condition=models.Q(paid_on=None, voided_at=None),
            ),
            models.Index(
                fields=("merchant", "-issued_on"),
                name="order_paid",
                condition=models.Q(voided_at=None) & ~models.Q(paid_on=None),
            ),
            # What a house's list shows after what is owed.
            models.Index(
                fields=("merchant", "-issued_on", "-id"),
                name="order_settled",
                condition=~models.Q(paid_on=None, voided_at=None),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def amount_due(self) -> Decimal:
        """What is still owed, in the order's currency; 0 for a void order. Needs `with_balance()`."""
        return Decimal(0) if self.voided_at else self.total - self.balance.paid

    @property
    def is_open(self) -> bool:
        return self.voided_at is None and self.balance.paid < self.total

    def display_state(self, today: dt.date, *, in_review: bool = False) -> str:
        """`void`, `paid`, `in_review` (derived: a live ticket covers it), `partly_paid`, `overdue` or `unpaid`."""
        if self.voided_at:
            return "void"
        if self.balance.paid >= self.total:
            return "paid"
        if in_review:
            return "in_review"
        if self.balance.paid > 0:
            return "partly_paid"
        return "overdue" if self.due_on < today else "unpaid"


class OrderLine(models.Model):
    """One thing charged. A shipping line is the right to have one paper invoice sent."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("Service")
        SHIPPING = "shipping", _("Shipping of the paper invoice")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SERVICE)
    description = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(1))
    unit_price = models.DecimalField(**MONEY)
    tax_name = models.CharField(max_length=20, blank=True)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal(0))
    subtotal = models.DecimalField(**MONEY)
    tax = models.DecimalField(**MONEY, default=Decimal(0))
    # What the line is for, and the period that it pays: from a day until before another.
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("order", "position", "pk")
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="orderline_tenant_key"),)

    def __str__(self) -> str:
        return self.description


class OrderBalance(models.Model):
    """How much of an order is paid: kept by a database trigger from ledger entries, by nothing else."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.CASCADE, related_name="balance", db_constraint=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    total = models.DecimalField(**MONEY)
    paid = models.DecimalField(**MONEY, default=Decimal(0))

    class Meta:
        constraints = (
            models.CheckConstraint(name="orderbalance_paid_not_negative", condition=models.Q(paid__gte=0)),
            models.CheckConstraint(name="orderbalance_never_overpaid", condition=models.Q(paid__lte=models.F("total"))),
        )

    def __str__(self) -> str:
        return f"{self.order_id}: {self.paid} / {self.total}"


class OrderSearch(SearchText):
    """An order is found by its number and description, and by its customer's number and name."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.CASCADE, related_name="search", db_constraint=False)

    class Meta:
        indexes = (search_index("order_found"),)


class OrderImport(models.Model):
    """One file of customers and orders: read, looked at, brought in, and perhaps undone. Nothing is written before `queued`."""

    class State(models.TextChoices):
        READ = "read", pgettext_lazy("import of orders", "To be looked at")
        QUEUED = "queued", pgettext_lazy("import of orders", "Being brought in")
        DONE = "done", pgettext_lazy("import of orders", "Brought in")
        FAILED = "failed", pgettext_lazy("import of orders", "Not brought in")
        UNDONE = "undone", pgettext_lazy("import of orders", "Undone")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="order_imports")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.READ)
    # Which heading of the file stands for which of our columns, and what the file comes to: `orders.imports`.
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    skips_bad = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="orderimport_tenant_key"),)
        indexes = (models.Index(fields=("merchant", "-id"), name="orderimport_of_merchant"),)

    def __str__(self) -> str:
        return self.file_name


class ImportedRow(models.Model):
    """A customer or an order that a file made: what undoing the file takes away again."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(OrderImport, on_delete=models.PROTECT, related_name="made")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="importedrow_tenant_key"),
            models.CheckConstraint(
                name="importedrow_one_thing", condition=models.Q(customer__isnull=True) ^ models.Q(order__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id}: {self.customer_id or self.order_id}"
