"""Services: what an order line is for, what a house offers, and how far customers may help themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Merchant, User

AMOUNT: dict[str, Any] = {"max_digits": 20, "decimal_places": 4}


class Period(models.TextChoices):
    """How long one payment lasts."""

    ONCE = "once", _("Once")
    MONTHLY = "monthly", _("Monthly")
    YEARLY = "yearly", _("Yearly")


class ServiceState(models.TextChoices):
    """Where a service stands."""

    PENDING = "pending", pgettext_lazy("service", "Pending")
    ACTIVE = "active", pgettext_lazy("service", "Active")
    SUSPENDED = "suspended", pgettext_lazy("service", "Suspended")
    CANCELLED = "cancelled", pgettext_lazy("service", "Cancelled")


class ServicePolicy(models.Model):
    """What customers of a house may do with services by themselves, and when renewals are billed. Without a row: nothing."""

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="service_policy")
    may_order = models.BooleanField(default=False)
    may_change = models.BooleanField(default=False)
    may_cancel = models.BooleanField(default=False)
    bills_renewals = models.BooleanField(default=False)
    renewal_days = models.PositiveSmallIntegerField(default=10)
    due_days = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="servicepolicy_tenant_key"),)

    def __str__(self) -> str:
        return str(self.merchant_id)


class ServiceOffer(models.Model):
    """Something that a house sells. Prices are in its currency, before tax; `tax_rate` is a fraction."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="service_offers")
    name_es = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    period = models.CharField(max_length=7, choices=Period, default=Period.MONTHLY)
    price = models.DecimalField(**AMOUNT)
    tax_name = models.CharField(max_length=20, blank=True)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal(0))
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="serviceoffer_tenant_key"),
            models.CheckConstraint(name="serviceoffer_price_positive", condition=Q(price__gt=0)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_in(get_language() or "es")

    def name_in(self, language: str) -> str:
        """The name in a language; Spanish where there is no other."""
        return (self.name_en if language == "en" else "") or self.name_es

    def terms_in(self, language: str) -> Terms:
        return Terms(
            offer_id=self.pk, name=self.name_in(language), period=self.period, price=self.price,
            tax_name=self.tax_name, tax_rate=self.tax_rate,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a service is and costs: of an offer, or of the service's own."""

    offer_id: int | None
    name: str
    period: str
    price: Decimal
    tax_name: str
    tax_rate: Decimal

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Terms:
        return cls(**kept | {"price": Decimal(kept["price"]), "tax_rate": Decimal(kept["tax_rate"])})

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON, each figure as it would come back from its column."""
        return asdict(self) | {"price": f"{self.price:.4f}", "tax_rate": f"{self.tax_rate:.4f}"}

    def get_period_display(self) -> str:
        return str(Period(self.period).label)


class Service(models.Model):
    """Something that a customer has, or waits for: what it costs, and until when it is paid (`renews_on`).

    `ends_on`: cancelled, but good until the day up to which it is paid. `billed_until`: the end of the last period for which a
    renewal was billed by itself. `next_terms`: what it becomes when the next period is paid (`orders.service_changes`).
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="services")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="services")
    offer = models.ForeignKey(ServiceOffer, null=True, blank=True, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=120)
    period = models.CharField(max_length=7, choices=Period, default=Period.MONTHLY)
    price = models.DecimalField(**AMOUNT)
    currency = models.CharField(max_length=3)
    tax_name = models.CharField(max_length=20, blank=True)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal(0))
    state = models.CharField(max_length=9, choices=ServiceState, default=ServiceState.PENDING)
    renews_on = models.DateField(null=True, blank=True)
    billed_until = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    next_terms = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="service_tenant_key"),
            models.CheckConstraint(name="service_price_positive", condition=Q(price__gt=0)),
        )
        indexes = (
            models.Index(fields=("merchant", "customer"), name="service_of_customer"),
            models.Index(fields=("renews_on",), name="service_to_renew", condition=Q(state="active")),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        return self.state == ServiceState.CANCELLED

    @property
    def terms(self) -> Terms:
        return Terms(
            offer_id=self.offer_id, name=self.name, period=self.period, price=self.price,
            tax_name=self.tax_name, tax_rate=self.tax_rate,
        )  # fmt: skip

    def take(self, terms: Terms) -> None:
        """Be what they say, from now on."""
        for name, value in vars(terms).items():
            setattr(self, name, value)

    @property
    def next(self) -> Terms | None:
        """What it becomes when the next period is paid, where a change waits."""
        return Terms.read(self.next_terms) if self.next_terms else None


class ServiceEvent(models.Model):
    """What happened to a service: what it was, what it became, by which order or whom. Append-only.

    `terms`: of an order that bills a change, what it bills; of a payment that made the change, what was before.
    """

    class Act(models.TextChoices):
        MADE = "made", pgettext_lazy("service event", "Requested")
        CHANGED = "changed", pgettext_lazy("service event", "Changed")
        PLANNED = "planned", pgettext_lazy("service event", "To be changed with the next period")
        DROPPED = "dropped", pgettext_lazy("service event", "Not to be changed after all")
        BILLED = "billed", pgettext_lazy("service event", "Billed")
        PAID = "paid", pgettext_lazy("service event", "Paid")
        REOPENED = "reopened", pgettext_lazy("service event", "Payment taken back")
        SUSPENDED = "suspended", pgettext_lazy("service event", "Suspended")
        RESUMED = "resumed", pgettext_lazy("service event", "Resumed")
        ENDING = "ending", pgettext_lazy("service event", "Cancelled for the end of its period")
        KEPT = "kept", pgettext_lazy("service event", "Kept after all")
        CANCELLED = "cancelled", pgettext_lazy("service event", "Cancelled")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=9, choices=Act)
    source = models.CharField(max_length=9, choices=ServiceState, blank=True)
    target = models.CharField(max_length=9, choices=ServiceState)
    renews_before = models.DateField(null=True)
    renews_after = models.DateField(null=True)
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # NULL: the program itself
    note = models.CharField(max_length=300, blank=True)
    terms = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="serviceevent_tenant_key"),)
        indexes = (models.Index(fields=("service", "-id"), name="serviceevent_of_service"),)

    def __str__(self) -> str:
        return f"{self.service_id} {self.act}"
