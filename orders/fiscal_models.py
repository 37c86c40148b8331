"""Fiscal invoices and credit notes of orders: their numbers, the counters that give them, and the files of another system."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant, User


class FiscalKind(models.TextChoices):
    """What was written for the tax office."""

    INVOICE = "invoice", _("Fiscal invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class FiscalSeries(models.Model):
    """The next number of a merchant's fiscal invoices or credit notes. Without gaps: the row is locked last, and drawn from in
    the transaction that needs the number."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="fiscal_series")
    kind = models.CharField(max_length=11, choices=FiscalKind)
    prefix = models.CharField(max_length=10, blank=True)
    next_value = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="fiscalseries_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind"), name="fiscalseries_kind_unique"),
            models.CheckConstraint(name="fiscalseries_from_one", condition=Q(next_value__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.prefix}{self.next_value}"


class FiscalDocument(models.Model):
    """One fiscal invoice of an order, or the credit note that takes one back. Append-only: names stand as they were that day.

    `sequence` is the number in our series; what another system numbered has none.
    """

    class Origin(models.TextChoices):
        PAID = "paid", pgettext_lazy("fiscal number", "Drawn when the order was paid")
        ISSUED = "issued", pgettext_lazy("fiscal number", "Drawn when the order was issued")
        HAND = "hand", pgettext_lazy("fiscal number", "Drawn by accounting")
        EXTERNAL = "external", pgettext_lazy("fiscal number", "Of another system")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="fiscal_documents")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="fiscal_documents")
    kind = models.CharField(max_length=11, choices=FiscalKind)
    origin = models.CharField(max_length=8, choices=Origin)
    series = models.CharField(max_length=10, blank=True)
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    number = models.CharField(max_length=40)
    cancels = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_note")
    reason = models.CharField(max_length=200, blank=True)
    dated_on = models.DateField()
    seller_name = models.CharField(max_length=200)
    seller_tax_id = models.CharField(max_length=30, blank=True)
    buyer_name = models.CharField(max_length=200)
    buyer_tax_id = models.CharField(max_length=30, blank=True)
    buyer_address = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="fiscaldocument_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind", "number"), name="fiscaldocument_number_unique"),
            models.UniqueConstraint(
                fields=("merchant", "kind", "series", "sequence"), condition=Q(sequence__isnull=False),
                name="fiscaldocument_sequence_unique",
            ),
            models.CheckConstraint(
                name="fiscaldocument_cancels_one",
                condition=Q(kind="invoice", cancels__isnull=True) | Q(kind="credit_note", cancels__isnull=False),
            ),
            models.CheckConstraint(
                name="fiscaldocument_ours_has_sequence",
                condition=Q(origin="external", sequence__isnull=True) | (~Q(origin="external") & Q(sequence__isnull=False)),
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("merchant", "-id"), name="fiscaldocument_of_merchant"),)

    def __str__(self) -> str:
        return self.number

    @property
    def is_external(self) -> bool:
        return self.origin == self.Origin.EXTERNAL

    @property
    def is_credit_note(self) -> bool:
        return self.kind == FiscalKind.CREDIT_NOTE

    @property
    def amount(self) -> Decimal:
        """What it charges; a credit note gives it back."""
        return -self.order.total if self.is_credit_note else self.order.total

    @property
    def kinds(self) -> list[str]:
        """The files that there are of it (pdf, xml): ours is drawn, another system's are kept."""
        return sorted(file.kind for file in self.files.all()) if self.is_external else ["pdf"]


class FiscalFile(models.Model):
    """The PDF or XML that another system made, byte for byte: what is signed must not change. Kept privately."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        XML = "xml", "XML"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(FiscalDocument, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=3, choices=Kind)
    place = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="fiscalfile_tenant_key"),
            models.UniqueConstraint(fields=("document", "kind"), name="fiscalfile_one_of_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.document_id} {self.kind}"
