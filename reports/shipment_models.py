"""The way of a paper invoice: asked for, prepared, handed over, delivered or come back. The machine stands here, nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models import Merchant, User
from tickets.machine import ConcurrentTransitionMixin, GuardedStateField, loading_state


class ShipmentState(models.TextChoices):
    """Where a paper invoice is. The names are the same words in code, events and addresses."""

    REQUESTED = "requested", pgettext_lazy("shipment state", "Asked for")
    PREPARED = "prepared", pgettext_lazy("shipment state", "Prepared")
    HANDED_OVER = "handed_over", pgettext_lazy("shipment state", "On its way")
    DELIVERED = "delivered", pgettext_lazy("shipment state", "Delivered")
    RETURNED = "returned", pgettext_lazy("shipment state", "Came back")


class Shipment(ConcurrentTransitionMixin, models.Model):
    """One wish's paper invoice. `state` moves only by the transitions below, called by services that hold the row's lock."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="shipments")
    wish = models.OneToOneField("reports.ShippingWish", on_delete=models.PROTECT, related_name="shipment")
    state = GuardedStateField(max_length=12, choices=ShipmentState, default=ShipmentState.REQUESTED, protected=True)
    carrier = models.CharField(max_length=80, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    prepared_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="shipment_tenant_key"),
            models.CheckConstraint(
                name="shipment_state_has_its_facts",
                condition=Q(state="requested")
                | Q(state="prepared", prepared_at__isnull=False)
                | (Q(state="handed_over", handed_over_at__isnull=False) & ~Q(carrier=""))
                | Q(state="delivered", handed_over_at__isnull=False, delivered_at__isnull=False)
                | Q(state="returned", handed_over_at__isnull=False, returned_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("merchant", "state", "id"), name="shipment_queue"),)

    def __str__(self) -> str:
        return f"{self.wish_id} {self.state}"

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        with loading_state(self):
            super().refresh_from_db(*args, **kwargs)

    @transition(field=state, source=(ShipmentState.REQUESTED, ShipmentState.RETURNED), target=ShipmentState.PREPARED)
    def prepare(self, *, now: datetime) -> None:
        self.prepared_at = now
        self.carrier, self.tracking, self.handed_over_at, self.returned_at = "", "", None, None

    @transition(field=state, source=ShipmentState.PREPARED, target=ShipmentState.HANDED_OVER)
    def hand_over(self, *, now: datetime, carrier: str, tracking: str) -> None:
        self.handed_over_at, self.carrier, self.tracking = now, carrier, tracking

    @transition(field=state, source=ShipmentState.HANDED_OVER, target=ShipmentState.DELIVERED)
    def deliver(self, *, now: datetime) -> None:
        self.delivered_at = now

    @transition(field=state, source=ShipmentState.HANDED_OVER, target=ShipmentState.RETURNED)
    def come_back(self, *, now: datetime) -> None:
        self.returned_at = now


class ShipmentEvent(models.Model):
    """One step of a shipment. Append-only. What is noted is for everybody."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=12)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12, choices=ShipmentState)
    carrier = models.CharField(max_length=80, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="shipmentevent_tenant_key"),)

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.act}"
