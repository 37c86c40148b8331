"""The queue's filters as they stand in the address, and the place that a person left, kept in their session."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Merchant
from banking.forms import AmountField
from banking.selectors import accounts_of
from desk.fields import offer
from reconciliation.selectors import QueueFilters
from reconciliation.selectors.queue import BANK_STATES, VIEWS
from reports.models import Transfer
from tickets.models import LIVE_STATES

SESSION_QUEUE = "desk_queue_of_{merchant_id}"
AGES = (1, 2, 3, 7, 15)


class QueueForm(forms.Form):
    """Everything in the address is checked here: what is not on the lists is refused, never passed on."""

    view = forms.ChoiceField(required=False, choices=[(view, view) for view in VIEWS])
    account = forms.TypedChoiceField(label=_("Account"), required=False, coerce=int, empty_value=None)
    bank = forms.ChoiceField(label=_("Bank of origin"), required=False)
    amount_from = AmountField(label=_("Amount from"), required=False)
    amount_to = AmountField(label=_("Amount to"), required=False)
    age = forms.TypedChoiceField(label=_("Waiting since"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(
        label=_("At the bank"),
        required=False,
        choices=[
            ("", pgettext_lazy("filter", "Any")),
            ("exact", _("Exact deposit")),
            ("possible", _("Possible deposits")),
            ("none", _("No deposit found")),
        ],
    )
    q = forms.CharField(label=_("Ticket, customer, order or reference"), required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def __init__(self, data: Any, *, merchant: Merchant) -> None:
        super().__init__(data)
        anything = ("", pgettext_lazy("filter", "Any"))
        accounts = [(account.pk, str(account)) for account in accounts_of(merchant, all_of_them=True)]
        offer(self, "account", [anything, *accounts])
        offer(self, "bank", [anything, *_banks_seen(merchant)])
        ages = [(days, _("more than %(days)d days") % {"days": days}) for days in AGES[1:]]
        offer(self, "age", [anything, (1, _("more than a day")), *ages])

    def filters(self) -> QueueFilters:
        """What was asked, for the selector; call after `is_valid()`."""
        read = self.cleaned_data
        return QueueFilters(
            view=read["view"] or "all",
            account_id=read["account"],
            bank_code=read["bank"],
            amount_from=read["amount_from"],
            amount_to=read["amount_to"],
            older_than_days=read["age"],
            bank_state=read["state"] if read["state"] in BANK_STATES else "",
            text=read["q"],
            page=read["page"] or 1,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the view is chosen."""
        return any(self.data.get(name) for name in ("account", "bank", "amount_from", "amount_to", "age", "state", "q"))


def _banks_seen(merchant: Merchant) -> list[tuple[str, str]]:
    """Banks of origin that live reports name."""
    live = Transfer.objects.filter(merchant=merchant, until_revision__isnull=True, report__ticket__state__in=LIVE_STATES)
    banks = live.filter(origin_bank__isnull=False).order_by("origin_bank__code")
    return [
        (code, f"{code} {name}") for code, name in banks.values_list("origin_bank__code", "origin_bank__short_name").distinct()
    ]


def remember(request: HttpRequest, merchant: Merchant) -> None:
    """Keep the address of the list, so that the way back leads to it and the next ticket is the next of it."""
    key, query = SESSION_QUEUE.format(merchant_id=merchant.pk), request.GET.urlencode()[:500]
    if request.session.get(key, "") != query:
        request.session[key] = query


def remembered(request: HttpRequest, merchant: Merchant) -> tuple[str, QueueFilters]:
    """The query string of the list that the person came from, and its filters; the whole queue when it makes no sense."""
    query = str(request.session.get(SESSION_QUEUE.format(merchant_id=merchant.pk), ""))
    if not query:
        return "", QueueFilters()
    form = QueueForm(QueryDict(query), merchant=merchant)
    return (query, form.filters()) if form.is_valid() else ("", QueueFilters())
