"""From one day to another, as pages of both faces ask for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant
from orders.dates import today_at
from orders.fields import DayField
from reconciliation.exports import Format

LONGEST_DAYS = 366 * 5
OLDEST = dt.date(2000, 1, 1)


class SpanForm(forms.Form):
    """From one day to another, both included; the last ninety days without them."""

    since = DayField(label=pgettext_lazy("dates", "From"), required=False)
    until = DayField(label=pgettext_lazy("dates", "Until"), required=False)

    def __init__(self, data: Any, *, merchant: Merchant, days: int = 90) -> None:
        self.today, self.days = today_at(merchant), days
        super().__init__(data, initial={"since": self.today - dt.timedelta(days=days), "until": self.today})

    def clean(self) -> dict[str, Any]:
        read: dict[str, Any] = self.cleaned_data
        if self.errors:
            return read
        read["until"] = read["until"] or self.today
        read["since"] = read["since"] or max(OLDEST, read["until"] - dt.timedelta(days=self.days))
        if read["since"] > read["until"]:
            self.add_error("since", _("The first day lies after the last one."))
        elif read["since"] < OLDEST or read["until"].year > self.today.year + 1:
            self.add_error("since", _("Choose days between 2000 and today."))
        elif (read["until"] - read["since"]).days > LONGEST_DAYS:
            self.add_error("since", _("Choose at most five years."))
        return read


class StatementForm(SpanForm):
    """A customer's statement of account, on the screen or as a file."""

    format = forms.ChoiceField(required=False, choices=[("", ""), *Format.choices, ("pdf", "PDF")])
