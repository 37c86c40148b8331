"""The installation's admin: reports, their transfers and wishes to look at. Only the services write them."""

from __future__ import annotations

from django.contrib import admin

from orders.admin import LookOnly
from reports.models import PaymentReport, ShippingWish, Transfer, Withholding


@admin.register(PaymentReport)
class PaymentReportAdmin(LookOnly):
    list_display = ("ticket", "merchant", "customer", "channel", "currency", "revision", "created_at")
    list_filter = ("merchant", "channel")
    search_fields = ("ticket__number",)
    list_select_related = ("ticket", "merchant", "customer")


@admin.register(Transfer)
class TransferAdmin(LookOnly):
    list_display = ("report", "merchant", "account", "amount", "currency", "paid_on", "reference", "until_revision")
    list_filter = ("merchant",)
    search_fields = ("reference",)
    list_select_related = ("report", "merchant", "account__bank")


@admin.register(ShippingWish)
class ShippingWishAdmin(LookOnly):
    list_display = ("report", "merchant", "order_line", "city", "created_at", "released_at")
    list_filter = ("merchant",)
    list_select_related = ("report", "merchant", "order_line")


@admin.register(Withholding)
class WithholdingAdmin(LookOnly):
    list_display = ("report", "merchant", "kind", "number", "amount", "currency", "issued_on", "until_revision")
    list_filter = ("merchant",)
    search_fields = ("reference",)
    list_select_related = ("report", "merchant", "kind")
