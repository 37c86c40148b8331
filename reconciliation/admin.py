"""The installation's admin: movements and the books to look at. Only the services write them."""

from __future__ import annotations

from django.contrib import admin

from orders.admin import LookOnly
from reconciliation.models import LedgerEntry, Match, Settlement, StatementImport, StatementLine


@admin.register(StatementImport)
class StatementImportAdmin(LookOnly):
    list_display = ("file_name", "merchant", "account", "lines_new", "lines_known", "created_by", "created_at")
    list_filter = ("merchant",)
    list_select_related = ("merchant", "account__bank", "created_by")


@admin.register(StatementLine)
class StatementLineAdmin(LookOnly):
    list_display = ("booked_on", "merchant", "account", "amount", "currency", "reference_raw", "text", "source")
    list_filter = ("merchant", "source")
    search_fields = ("reference",)
    list_select_related = ("merchant", "account__bank")


@admin.register(Match)
class MatchAdmin(LookOnly):
    list_display = ("transfer", "line", "merchant", "amount", "state", "by", "at")
    list_filter = ("merchant", "state")
    list_select_related = ("transfer", "line", "merchant", "by")


@admin.register(Settlement)
class SettlementAdmin(LookOnly):
    list_display = ("pk", "merchant", "customer", "kind", "ticket", "prepared_by", "signed_by", "at")
    list_filter = ("merchant", "kind")
    search_fields = ("ticket__number",)
    list_select_related = ("merchant", "customer", "ticket", "prepared_by", "signed_by")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LookOnly):
    list_display = (
        "pk",
        "merchant",
        "customer",
        "source_amount",
        "source_currency",
        "target_amount",
        "target_currency",
        "booked_on",
    )
    list_filter = ("merchant",)
    list_select_related = ("merchant", "customer")
