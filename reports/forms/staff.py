"""Forms that only staff use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant
from reports.forms.fields import KeyField, offer_choices
from reports.forms.report import ReportForm
from reports.models import PaymentReport
from tickets.models import Reason


class RejectForm(forms.Form):
    """Why a report is rejected; a reason that names a twin asks for the number of the other ticket."""

    reason = KeyField(label=_("Reason"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Message to the customer"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    duplicate_of = forms.CharField(label=_("Number of the other ticket"), required=False, max_length=30)

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = Reason.objects.filter(merchant=merchant, kind=Reason.Kind.REJECT, is_active=True)
        self.reasons = {reason.pk: reason for reason in reasons.order_by("position", "pk")}
        offer_choices(self, "reason", [(pk, each.staff_name) for pk, each in self.reasons.items()])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        reason = self.reasons.get(cleaned.get("reason") or 0)
        if reason is None:
            self.add_error("reason", forms.ValidationError(_("Choose a reason from the list."), code="reason_unknown"))
        elif reason.names_twin and not cleaned.get("duplicate_of"):
            self.add_error(
                "duplicate_of",
                forms.ValidationError(_("Write the number of the ticket that reports the same payment."), code="twin_required"),
            )
        return cleaned


class RegisterForm(ReportForm):
    """Staff report for a customer who called or wrote."""

    channel = forms.ChoiceField(
        label=_("How did the customer tell us?"),
        choices=[choice for choice in PaymentReport.Channel.choices if choice[0] != PaymentReport.Channel.PORTAL],
        error_messages={"required": _("Choose how the customer told you.")},
    )
