"""The outbox in the installation's admin: what was sent and what failed. Codes are never shown."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters.models import Letter
from letters.services import retry_letter


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes no parameter when Django runs
    list_display = ("created_at", "merchant", "kind", "to_email", "state", "tries", "last_error")
    list_filter = ("state", "merchant", "kind")
    search_fields = ("to_email",)
    list_select_related = ("merchant",)
    exclude = ("context", "html")
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Send failed letters again"))
    def send_again(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        count = sum(retry_letter(letter_id=letter_id) for letter_id in letters.values_list("pk", flat=True))
        self.message_user(request, _("Letters put back into the outbox: %(count)d") % {"count": count}, messages.SUCCESS)
