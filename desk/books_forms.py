"""What the pages of the books are asked: an account, a day, a part, a month, a file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Merchant
from banking.selectors import accounts_of
from desk.fields import offer
from desk.forms import day_field
from desk.line_forms import account_choices
from orders.dates import today_at
from reconciliation.books.difference import Part
from reconciliation.exports import Format, Table
from reconciliation.span_forms import OLDEST, SpanForm

ALL = ("", gettext_lazy("All accounts"))


def _account_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=gettext_lazy("Account"), required=False, coerce=int, empty_value=None)


def _fill_accounts(form: forms.Form, merchant: Merchant) -> None:
    choices = [ALL, *account_choices(list(accounts_of(merchant, all_of_them=True)))]
    offer(form, "account", choices)


class BooksForm(forms.Form):
    """The overview: of all accounts or one."""

    account = _account_field()

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data)
        _fill_accounts(self, merchant)


class DayForm(forms.Form):
    """One account on one day, and the part of its difference that is listed."""

    day = day_field(gettext_lazy("At the end of"), required=False)
    part = forms.ChoiceField(required=False, choices=[("", ""), *Part.choices])
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data)
        self.today = today_at(merchant)

    def clean_day(self) -> dt.date:
        day: dt.date | None = self.cleaned_data["day"]
        if day is not None and not OLDEST <= day <= self.today:
            raise forms.ValidationError(_("Choose a day between 2000 and today."))
        return day or self.today


class ExportForm(SpanForm):
    """Which table of the books, of which account and days, as what."""

    table = forms.ChoiceField(label=gettext_lazy("What"), choices=Table.choices)
    account = _account_field()
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Format.choices)

    field_order = ("table", "account", "since", "until", "format")

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data, merchant=merchant, days=30)
        _fill_accounts(self, merchant)


class CloseForm(forms.Form):
    """The month to be closed, as `2026-10`, and a note."""

    month = forms.DateField(label=gettext_lazy("Month"), input_formats=("%Y-%m",), widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("For whoever looks at this month later."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReopenForm(forms.Form):
    """Why a closed month must be opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Why it must be opened again"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
