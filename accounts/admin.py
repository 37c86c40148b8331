"""Merchants and people in the installation's admin: settings may be changed, who belongs where is only looked at.

Customers, contacts and roles are written by the merchant's own people on their own pages, where it is noted who did it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.errors import Refused
from accounts.models import Contact, Customer, Merchant, StaffRole, User
from accounts.services import change_email


class LookOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameter when Django runs
    """Rows that are read here and written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Merchant)
class MerchantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("slug", "name", "country", "currency", "is_active")
    search_fields = ("slug", "name")
    # What others depend on from the first day.
    readonly_fields = ("slug", "country", "currency", "ticket_prefix", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a merchant needs methods, reasons and queues too: manage.py makes it whole

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class UserAdminForm(ModelForm):  # type: ignore[type-arg]
    """A person; the address is checked here and changed by the service, so that it counts as unproved."""

    class Meta:
        model = User
        fields = ("email", "name", "phone", "language", "is_active", "is_staff", "is_superuser")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(self.instance.unique_error_message(User, ("email",)))
        return email


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = UserAdminForm
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Everything but the address as typed; the address by `change_email`."""
        new_email = obj.email
        obj.email = form.initial["email"]
        obj.save(update_fields=["name", "phone", "language", "is_active", "is_staff", "is_superuser"])
        if new_email != obj.email:
            try:
                change_email(user=obj, email=new_email)
            except Refused as refusal:
                self.message_user(request, refusal.message, messages.ERROR)


@admin.register(Customer)
class CustomerAdmin(LookOnlyAdmin):
    list_display = ("merchant", "number", "name", "email", "is_active")
    list_filter = ("merchant", "is_active")
    search_fields = ("number", "name", "email")
    list_select_related = ("merchant",)


@admin.register(Contact)
class ContactAdmin(LookOnlyAdmin):
    list_display = ("merchant", "customer", "user", "can_see_orders", "can_report", "can_use_tickets", "can_manage_contacts")
    list_filter = ("merchant",)
    search_fields = ("user__email", "customer__name")
    list_select_related = ("merchant", "customer", "user")


@admin.register(StaffRole)
class StaffRoleAdmin(LookOnlyAdmin):
    list_display = ("merchant", "user", "role", "created_at")
    list_filter = ("merchant", "role")
    list_select_related = ("merchant", "user")
