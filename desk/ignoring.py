"""Setting movements aside that need no report, one by one or by a rule that is shown before it applies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused, Stale
from accounts.models import Merchant
from banking.selectors import accounts_of
from desk.acts import FORM_METHODS
from desk.fields import offer
from desk.line_forms import account_choices
from desk.requests import BAD_INPUT, Member, back_to, member_of, show, status_of
from desk.workbench import workbench_page
from desk.workbench_form import address_left
from reconciliation.models import IgnoreReason
from reconciliation.selectors.ignoring import RulePreview, preview_rule, rule_for, rules_for
from reconciliation.selectors.picking import line_to_pick
from reconciliation.services import drop_rule, ignore_by_rule, ignore_line, restore_line
from reconciliation.services.ignoring import LONGEST_NOTE, LONGEST_PATTERN, check_pattern

REASONS = [(reason.value, reason.label) for reason in IgnoreReason]


class IgnoreForm(forms.Form):
    """Why one movement needs no report."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it need no report?"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why this movement needs no report.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("For another reason, say which."),
    )


class RuleForm(forms.Form):
    """Which movements a rule takes, and why."""

    pattern = forms.CharField(
        label=gettext_lazy("Words of the bank's text"),
        max_length=LONGEST_PATTERN,
        help_text=gettext_lazy("Movements whose text holds these words. Capitals and accents do not matter."),
        error_messages={"required": gettext_lazy("Write the words that the movements have in common.")},
    )
    account = forms.TypedChoiceField(label=gettext_lazy("Account"), required=False, coerce=int, empty_value=None)
    reason = forms.ChoiceField(
        label=gettext_lazy("Why do they need no report?"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why these movements need no report.")},
    )

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data)
        self.accounts = {account.pk: account for account in accounts_of(merchant, all_of_them=True)}
        every = ("", pgettext_lazy("accounts", "All accounts"))
        offer(self, "account", [every, *account_choices(list(self.accounts.values()))])

    def clean_pattern(self) -> str:
        """Tidied, and long enough to mean something."""
        try:
            return check_pattern(str(self.cleaned_data["pattern"]))
        except Refused as refused:
            raise forms.ValidationError(refused.message, code=refused.code) from refused


class ShownForm(forms.Form):
    """What the page showed when the button was pressed."""

    shown_count = forms.IntegerField(min_value=1)
    shown_until = forms.IntegerField(min_value=1, max_value=2**62)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def set_aside(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Say that one movement needs no report."""
    member = member_of(request)
    line = line_to_pick(member.actor, pk)
    form = IgnoreForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                ignore_line(line_id=pk, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"], by=member.actor)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("The movement is set aside."))
                return redirect(address_left(request, member))
    context = {"line": line, "form": form, "refusal": refusal, "left": address_left(request, member)}
    return show(request, member, "desk/line_ignore.html", context, status=status)


@require_POST
@staff_page("decide")
def bring_back(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take back that a movement needs no report."""
    member = member_of(request)
    try:
        restore_line(ignored_id=pk, by=member.actor)
    except Refused as refused:
        return workbench_page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("Back in the list."))
    return back_to(request, "desk:workbench")


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def rules(request: HouseRequest) -> HttpResponseBase:
    """GET with words shows what the rule would take; POST sets aside what was shown."""
    member = member_of(request)
    is_sent = request.method == "POST"
    data = request.POST if is_sent else request.GET if "pattern" in request.GET else None
    form = RuleForm(data, merchant=member.merchant)
    preview: RulePreview | None = None
    refusal, status = "", 200
    if form.is_bound:
        if form.is_valid():
            if is_sent:
                done = _apply(request, member, form)
                if not isinstance(done, Refused):
                    return done
                refusal, status = done.message, status_of(done)
            read = form.cleaned_data
            preview = preview_rule(member.actor, read["pattern"], form.accounts.get(read["account"]))
        else:
            status = BAD_INPUT
    context = {
        "form": form,
        "preview": preview,
        "known": rules_for(member.actor),
        "refusal": refusal,
        "left": address_left(request, member),
    }
    return show(request, member, "desk/ignore_rules.html", context, status=status)


def _apply(request: HouseRequest, member: Member, form: RuleForm) -> HttpResponseBase | Refused:
    shown, read = ShownForm(request.POST), form.cleaned_data
    if not shown.is_valid():
        return Stale(_("Look at the movements first."), code="rule_changed")
    try:
        _rule, count = ignore_by_rule(
            pattern=read["pattern"], reason=read["reason"], account_id=read["account"],
            shown_count=shown.cleaned_data["shown_count"], shown_until=shown.cleaned_data["shown_until"], by=member.actor,
        )  # fmt: skip
    except Refused as refused:
        return refused
    said = ngettext("%(count)d movement is set aside.", "%(count)d movements are set aside.", count) % {"count": count}
    messages.success(request, said)
    return redirect("desk:ignore_rules")


@require_POST
@staff_page("decide")
def end_rule(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Offer a rule no more."""
    member = member_of(request)
    rule = rule_for(member.actor, pk)
    drop_rule(rule_id=rule.pk, by=member.actor)
    messages.success(request, _("The rule is gone; what it set aside stays so."))
    return redirect("desk:ignore_rules")
