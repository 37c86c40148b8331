"""The installation's admin: tickets to look at, reasons to edit. Everything of helpdesk's own is closed."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from helpdesk import admin as helpdesk_admin

from tickets.models import Reason, Ticket, TicketEvent

# Importing its module (above, before autodiscovery does) registers helpdesk's models; its pages know no merchants, so they go.
CLOSED = tuple(model for model in apps.get_app_config("helpdesk").get_models() if model in admin.site._registry)
admin.site.unregister(CLOSED)
assert helpdesk_admin.__name__ == "helpdesk.admin"  # noqa: S101 - the import above must stay


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes no parameter when Django runs
    """Rows that only the services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Ticket)
class TicketAdmin(LookOnly):
    list_display = ("number", "merchant", "customer", "state", "deadline_at", "claimed_by")
    list_filter = ("merchant", "state")
    search_fields = ("number",)
    list_select_related = ("merchant", "customer", "claimed_by")


@admin.register(TicketEvent)
class TicketEventAdmin(LookOnly):
    list_display = ("at", "merchant", "ticket", "act", "source", "target", "by")
    list_filter = ("merchant", "act")
    list_select_related = ("merchant", "ticket", "by")


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes no parameter when Django runs
    list_display = ("merchant", "kind", "code", "name_es", "name_en", "is_active")
    list_filter = ("merchant", "kind", "is_active")
    list_select_related = ("merchant",)
