"""What a house does towards its customers without being asked: reminding them, keeping their receipts, telling them so."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from desk.acts import FORM_METHODS
from desk.house import place_refusal
from desk.requests import BAD_INPUT, Member, member_of, show
from files.models import PrivacyPolicy
from files.privacy import LONGEST_NOTICE, MOST_MONTHS, default_notice, privacy_of, set_privacy
from reports.models import ReminderPolicy
from reports.reminders import policy_of, set_reminder_policy


class DaysField(forms.CharField):
    """Whole numbers with commas or spaces between them; gives a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=60, **kwargs)

    def clean(self, value: Any) -> list[int]:
        typed = super().clean(value)
        parts = [part for part in re.split(r"[\s,;]+|\by\b|\band\b", typed) if part]
        if not all(re.fullmatch(r"[0-9]{1,3}", part, re.ASCII) for part in parts):
            raise ValidationError(_("Write whole numbers of days, for example: 1, 7, 15."), code="invalid")
        return [int(part) for part in parts]


class ReminderForm(forms.Form):
    """When customers are reminded."""

    is_on = forms.BooleanField(label=gettext_lazy("Remind customers of what they owe"), required=False)
    days_before = DaysField(
        label=gettext_lazy("Days before the due date"), help_text=gettext_lazy("For example: 3. 0 is the day itself.")
    )
    days_after = DaysField(label=gettext_lazy("Days after it"), help_text=gettext_lazy("For example: 1, 7, 15."))
    business_days_only = forms.BooleanField(
        label=gettext_lazy("On business days only"), required=False,
        help_text=gettext_lazy("What falls on a weekend or a holiday is sent on the next business day."),
    )  # fmt: skip
    may_decline = forms.BooleanField(label=gettext_lazy("Contacts may switch reminders off"), required=False)

    @classmethod
    def initial_of(cls, policy: ReminderPolicy) -> dict[str, Any]:
        joined = {name: ", ".join(map(str, getattr(policy, name))) for name in ("days_before", "days_after")}
        return {name: getattr(policy, name) for name in cls.base_fields} | joined


class PrivacyForm(forms.Form):
    """How long receipts are kept, and the notice's own words."""

    receipt_months = forms.IntegerField(
        label=gettext_lazy("Erase receipts after"), min_value=1, max_value=MOST_MONTHS,
        help_text=gettext_lazy("Months from the decision on their report. The decision and the file's fingerprint stay."),
    )  # fmt: skip
    notice_es = forms.CharField(
        label=gettext_lazy("Privacy notice in Spanish"), required=False, max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Left empty, ours is shown. A blank line parts paragraphs."),
    )  # fmt: skip
    notice_en = forms.CharField(
        label=gettext_lazy("Privacy notice in English"), required=False, max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip

    @classmethod
    def initial_of(cls, policy: PrivacyPolicy) -> dict[str, Any]:
        return {name: getattr(policy, name) for name in cls.base_fields}


@require_http_methods(FORM_METHODS)
@staff_page()
def edit_policies(request: HouseRequest) -> HttpResponseBase:
    """Reminders and privacy: everybody looks, an administrator changes. POST `what`: reminders or privacy."""
    member = member_of(request)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    reminders, privacy = policy_of(member.merchant), privacy_of(member.merchant)
    forms_of: dict[str, forms.Form] = {
        "reminders": ReminderForm(request.POST if what == "reminders" else None, initial=ReminderForm.initial_of(reminders)),
        "privacy": PrivacyForm(request.POST if what == "privacy" else None, initial=PrivacyForm.initial_of(privacy)),
    }
    refusal, status = "", 200
    if request.method == "POST":
        if not member.actor.can_administer:
            raise NotAllowed
        status = BAD_INPUT
        form = forms_of.get(what)
        if form is not None and form.is_valid():
            try:
                said = _keep(member, what, form.cleaned_data)
            except Refused as refused:
                refusal = place_refusal(form, refused)
            else:
                messages.success(request, said)
                return redirect("desk:setup_policies")
    context = {**forms_of, "ours": default_notice(privacy), "can_administer": member.actor.can_administer, "refusal": refusal}
    return show(request, member, "desk/setup_policies.html", context, status=status)


def _keep(member: Member, what: str, read: dict[str, Any]) -> str:
    if what == "privacy":
        set_privacy(by=member.actor, **read)
        return _("Kept. The notice is on the public page for everybody.")
    policy = set_reminder_policy(by=member.actor, **read)
    return _("Kept. Reminders go out from now on.") if policy.is_on else _("Kept. No reminders go out.")
