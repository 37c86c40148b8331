"""The installation's admin: orders to look at. Only the services write them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from orders.models import Order, OrderLine


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes no parameter when Django runs
    """Rows that only the services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(LookOnly):
    list_display = ("number", "merchant", "customer", "total", "currency", "due_on", "paid_on", "voided_at")
    list_filter = ("merchant", "kind")
    search_fields = ("number",)
    list_select_related = ("merchant", "customer")


@admin.register(OrderLine)
class OrderLineAdmin(LookOnly):
    list_display = ("order", "merchant", "position", "kind", "description", "subtotal", "tax")
    list_filter = ("merchant", "kind")
    list_select_related = ("merchant", "order")
