"""Banks, accounts, methods and rates in the installation's admin. Banks may be mended; what merchants wrote is only looked at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import LookOnlyAdmin
from banking.models import Bank, ExchangeRate, PaymentMethod, ReceivingAccount, ReferenceFormat, WithholdingKind


@admin.register(Bank)
class BankAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameter when Django runs
    list_display = ("country", "code", "short_name", "name", "is_offered")
    list_filter = ("country", "is_offered")
    search_fields = ("code", "name", "short_name")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # old payments name it


@admin.register(ReferenceFormat)
class ReferenceFormatAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("country", "method_key", "bank_code", "pattern", "hint_es")
    list_filter = ("country", "method_key")


@admin.register(ReceivingAccount)
class ReceivingAccountAdmin(LookOnlyAdmin):
    list_display = ("merchant", "bank", "institution", "number", "currency", "is_active", "is_public")
    list_filter = ("merchant", "is_active")
    list_select_related = ("merchant", "bank")


@admin.register(PaymentMethod)
class PaymentMethodAdmin(LookOnlyAdmin):
    list_display = ("merchant", "key", "name_es", "is_active")
    list_filter = ("merchant", "is_active")
    list_select_related = ("merchant",)


@admin.register(WithholdingKind)
class WithholdingKindAdmin(LookOnlyAdmin):
    list_display = ("merchant", "key", "name_es", "is_active")
    list_filter = ("merchant", "is_active")
    list_select_related = ("merchant",)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(LookOnlyAdmin):
    list_display = ("merchant", "date", "base", "quote", "rate", "source", "entered_by", "created_at")
    list_filter = ("merchant", "base", "quote")
    date_hierarchy = "date"
    list_select_related = ("merchant", "entered_by")
