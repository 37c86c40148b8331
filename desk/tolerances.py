"""What an administrator allows a deposit to lack or be over, by account and method: the list, a form to add, a button to end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.models import Merchant
from banking.models import ReceivingAccount
from banking.selectors import accounts_of, methods_of
from desk.acts import FORM_METHODS
from desk.compare import plain_number
from desk.fields import ask_in, offer
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from orders.fields import FigureField, ZeroAmountField
from reconciliation.models import Tolerance
from reconciliation.selectors.tolerances import tolerances_for
from reconciliation.services import drop_tolerance, set_tolerance
from reconciliation.services.tolerances import MOST_PER_MILLE
from reconciliation.tolerances import LONGEST_NOTE

# A figure of percent has one decimal: what is stored are thousandths.
MOST_PER_CENT = Decimal(MOST_PER_MILLE) / 10


class ToleranceForm(forms.Form):
    """What may lack or be over, for which reason. Shares are asked in percent."""

    method = forms.TypedChoiceField(label=gettext_lazy("Method"), required=False, coerce=int, empty_value=None)
    reason = forms.ChoiceField(
        label=gettext_lazy("Why may the amounts differ?"),
        choices=Tolerance.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why the amounts may differ.")},
    )
    less = ZeroAmountField(label=gettext_lazy("May lack"), required=False)
    less_per_cent = FigureField(
        label=gettext_lazy("Or, in percent of the payment"),
        help_text=gettext_lazy("Whichever is more. At most 10 %, with one decimal."),
        most=MOST_PER_CENT,
        places=1,
        required=False,
    )
    more = ZeroAmountField(
        label=gettext_lazy("May be over"),
        required=False,
        help_text=gettext_lazy("Only for a rounding: what a customer pays too much is theirs."),
    )
    more_per_cent = FigureField(
        label=gettext_lazy("Or over, in percent of the payment"), most=MOST_PER_CENT, places=1, required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("Stands in the books beside each difference, for example which bank keeps the fee."),
    )

    def __init__(self, data: Any, *, merchant: Merchant, account: ReceivingAccount) -> None:
        super().__init__(data)
        own = methods_of(merchant, all_of_them=True).filter(pk__in=account.method_ids)
        every = ("", pgettext_lazy("payment methods", "All methods"))
        offer(self, "method", [every, *[(method.pk, method.name) for method in own]])
        ask_in(self, "less", account.currency)
        ask_in(self, "more", account.currency)

    def to_data(self) -> dict[str, Any]:
        """As `set_tolerance` takes it."""
        read = self.cleaned_data
        return {
            "method_id": read["method"],
            "reason": read["reason"],
            "less": read["less"] or Decimal(0),
            "more": read["more"] or Decimal(0),
            "less_per_mille": int((read["less_per_cent"] or 0) * 10),
            "more_per_mille": int((read["more_per_cent"] or 0) * 10),
            "note": read["note"],
        }


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_tolerances(request: HouseRequest, pk: int) -> HttpResponseBase:
    """What is allowed for an account now; POST allows another difference, or that of a method anew."""
    member = member_of(request)
    account = _account(member, pk)
    form = ToleranceForm(request.POST if request.method == "POST" else None, merchant=member.merchant, account=account)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                set_tolerance(account_id=account.pk, by=member.actor, **form.to_data())
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("Allowed from the next time that matches are looked for."))
                return redirect("desk:tolerances", account.pk)
    context = {
        "account": account,
        "form": form,
        "rows": [_told(each) for each in tolerances_for(member.actor, account)],
        "refusal": refusal,
    }
    return show(request, member, "desk/tolerances.html", context, status=status)


@require_POST
@staff_page("administer")
def end_tolerance(request: HouseRequest, pk: int, tolerance: int) -> HttpResponseBase:
    """Allow it no longer."""
    member = member_of(request)
    account = _account(member, pk)
    if not tolerances_for(member.actor, account).filter(pk=tolerance).exists():
        messages.warning(request, _("This difference is no longer allowed."))
        return redirect("desk:tolerances", account.pk)
    try:
        drop_tolerance(tolerance_id=tolerance, by=member.actor)
    except Refused as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, _("No longer allowed; what was settled under it stays."))
    return redirect("desk:tolerances", account.pk)


def _account(member: Member, pk: int) -> ReceivingAccount:
    found = next((each for each in accounts_of(member.merchant, all_of_them=True) if each.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _told(row: Tolerance) -> dict[str, Any]:
    """A row with its shares in percent, as people write them."""
    shares = {name: getattr(row, name) for name in ("less_per_mille", "more_per_mille")}
    return {"row": row, **{name: plain_number(Decimal(share) / 10) if share else "" for name, share in shares.items()}}
