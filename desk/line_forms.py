"""Forms of the bank's movements: filters, one entered by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Merchant
from banking.forms import AmountField
from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from desk.fields import ask_in, offer
from desk.forms import day_field
from orders.dates import today_at
from reconciliation.selectors import LineFilters

ANY = ("", pgettext_lazy("filter", "Any"))
IN, OUT = "in", "out"


def account_choices(accounts: list[ReceivingAccount]) -> list[tuple[object, str]]:
    """Accounts as choices, each with its currency."""
    return [(account.pk, f"{account} · {account.currency}") for account in accounts]


class LineFilterForm(forms.Form):
    """What a list of movements shows, from its address."""

    account = forms.TypedChoiceField(label=gettext_lazy("Account"), required=False, coerce=int, empty_value=None)
    use = forms.ChoiceField(
        label=pgettext_lazy("filter", "Use"),
        required=False,
        choices=[
            ANY,
            ("free", gettext_lazy("With free money")),
            ("used", gettext_lazy("Used in full")),
            ("returned", gettext_lazy("Returned by the bank")),
        ],
    )
    since = day_field(pgettext_lazy("dates", "From"), required=False)
    until = day_field(pgettext_lazy("dates", "to"), required=False)
    amount = AmountField(label=gettext_lazy("Amount"), required=False)
    q = forms.CharField(label=gettext_lazy("Reference or words"), required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data)
        accounts = account_choices(list(accounts_of(merchant, all_of_them=True)))
        offer(self, "account", [ANY, *accounts])

    def filters(self) -> LineFilters:
        """For the selector; call after `is_valid()`."""
        read = self.cleaned_data
        return LineFilters(
            account_id=read["account"],
            use=read["use"],
            booked_from=read["since"],
            booked_to=read["until"],
            amount=read["amount"],
            text=read["q"],
            page=read["page"] or 1,
        )


class LineForm(forms.Form):
    """One movement that no file brought; at the cash desk (`is_cash`) only its accounts, and only what comes in."""

    account = forms.TypedChoiceField(
        label=gettext_lazy("Account"), coerce=int, error_messages={"required": gettext_lazy("Choose the account.")}
    )
    booked_on = day_field(
        gettext_lazy("Booked on"),
        error_messages={
            "required": gettext_lazy("Write the day on which the bank booked it."),
            "invalid": gettext_lazy("We cannot read this date. Write it as day/month/year, for example 24/11/2026."),
        },
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[(IN, gettext_lazy("Money came in")), (OUT, gettext_lazy("Money went out"))],
        widget=forms.RadioSelect,
        initial=IN,
        required=False,
    )
    amount = AmountField(label=gettext_lazy("Amount"))
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=80)
    text = forms.CharField(label=gettext_lazy("Text of the bank"), required=False, max_length=500)
    payer_name = forms.CharField(label=gettext_lazy("Name of who paid"), required=False, max_length=200)
    payer_id = forms.CharField(label=gettext_lazy("Document of who paid"), required=False, max_length=30)
    origin_bank_code = forms.CharField(label=gettext_lazy("Code of the bank of origin"), required=False, max_length=10)
    is_another = forms.BooleanField(label=gettext_lazy("I looked: it is another movement"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why it is entered by hand"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write why this movement is entered by hand.")},
    )

    def __init__(self, data: Any = None, *, merchant: Merchant, is_cash: bool) -> None:
        super().__init__(data, initial={"booked_on": today_at(merchant)})
        self.is_cash = is_cash
        cash = ReceivingAccount.Kind.CASH
        self.accounts = {each.pk: each for each in accounts_of(merchant) if (each.kind == cash) == is_cash}
        offer(self, "account", account_choices(list(self.accounts.values())))
        if is_cash:
            for name in ("direction", "origin_bank_code", "text", "is_another"):
                del self.fields[name]
            self.fields["reason"].label = _("What was paid, and who took it")
            self.fields["reference"].label = _("Number of the cash receipt")
        chosen = str(self.data.get("account", "")) if self.is_bound else ""
        account = self.accounts.get(int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
        ask_in(self, "amount", account.currency if account else merchant.currency)

    @property
    def signed_amount(self) -> Decimal:
        """Positive for what came in."""
        amount: Decimal = self.cleaned_data["amount"]
        return -amount if self.cleaned_data.get("direction") == OUT else amount
