"""What the workbench shows as it stands in the address: account, month, view, order; and the place that a person left."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from desk.fields import offer
from desk.line_forms import account_choices
from desk.requests import Member, key_of
from orders.dates import today_at
from reconciliation.selectors.workbench import SORTS, VIEWS, Scope, WorkbenchFilters, busiest_account, span_of

SESSION_PLACE = "desk_workbench_of_{merchant_id}"
MOST_MONTHS = 36
ALL_MONTHS = "all"
SORT_WORDS = {
    "amount": _("Largest amount first"),
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
}


class WorkForm(forms.Form):
    """Everything in the address is checked here: what is not on the lists is refused, never passed on."""

    account = forms.TypedChoiceField(label=_("Account"), required=False, coerce=int, empty_value=None)
    month = forms.CharField(label=_("Month"), required=False, max_length=7)
    view = forms.ChoiceField(required=False, choices=[(view, view) for view in VIEWS])
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=list(SORT_WORDS.items()))
    q = forms.CharField(label=_("Amount, reference, ticket or customer"), required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def __init__(self, data: Any, *, accounts: Sequence[ReceivingAccount]) -> None:
        super().__init__(data)
        offer(self, "account", [("", ""), *account_choices(list(accounts))])

    def clean_month(self) -> str:
        """`2026-11`, `all` or nothing."""
        typed = str(self.cleaned_data["month"])
        if typed not in ("", ALL_MONTHS) and first_of(typed) is None:
            raise forms.ValidationError(_("Choose a month of the list."), code="month")
        return typed


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody stands: what is reconciled (`scope`, None while there is no account), what of it is listed, and the form."""

    form: WorkForm
    is_good: bool
    accounts: Sequence[ReceivingAccount]
    scope: Scope | None
    span: tuple[dt.date, dt.date] | None
    month: str
    filters: WorkbenchFilters

    def address(self, **changes: object) -> str:
        """The page's own address with something else chosen; nothing of the next list is skipped by an old page number."""
        asked: dict[str, object] = {
            "account": self.scope.account.pk if self.scope else "", "month": self.month, "view": self.filters.view,
            "sort": "" if self.filters.sort == "amount" else self.filters.sort, "q": self.filters.text,
            "page": "" if self.filters.page == 1 or changes else self.filters.page,
        }  # fmt: skip
        asked.update(changes)
        return reverse("desk:workbench") + "?" + urlencode({key: value for key, value in asked.items() if value != ""})

    @property
    def months(self) -> list[tuple[str, str]]:
        """Months with movements, the newest first, and all of them together."""
        if self.span is None:
            return []
        first, last = self.span[0].replace(day=1), self.span[1].replace(day=1)
        found: list[tuple[str, str]] = []
        while last >= first and len(found) < MOST_MONTHS:
            found.append((f"{last:%Y-%m}", date_format(last, "YEAR_MONTH_FORMAT").capitalize()))
            last = (last - dt.timedelta(days=1)).replace(day=1)
        return [*found, (ALL_MONTHS, str(_("All months")))]


def first_of(month: str) -> dt.date | None:
    """The first day of `2026-11`; None for what is no month."""
    try:
        return dt.datetime.strptime(month, "%Y-%m").date() if len(month) == 7 else None  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def place_of(request: HttpRequest, member: Member) -> Place:
    """What the address asks for, else where this person was last, else the account with the newest movement. Three queries.

    An address that names no account means the one on which this person works.
    """
    accounts = list(accounts_of(member.merchant, all_of_them=True))
    left = QueryDict(str(request.session.get(_key(member), "")))
    data: QueryDict = request.GET or left
    form = WorkForm(data, accounts=accounts)
    is_good = form.is_valid()
    if not is_good and data is not request.GET:
        form = WorkForm(QueryDict(), accounts=accounts)
        is_good = form.is_valid()
    read = form.cleaned_data if is_good else {}
    account = _account(member, accounts, read.get("account") or key_of(left.get("account")))
    span = span_of(member.actor, account) if account else None
    month, days = _days(member, read.get("month") or "", span)
    scope = Scope(account=account, first_day=days[0], last_day=days[1]) if account else None
    sort = read.get("sort") or "amount"
    filters = WorkbenchFilters(
        view=read.get("view") or "decide",
        sort=sort if sort in SORTS else "amount",
        text=read.get("q") or "",
        page=read.get("page") or 1,
    )
    return Place(
        form=form, is_good=is_good, accounts=accounts, scope=scope, span=span, month=month, filters=filters
    )  # fmt: skip


def remember(request: HttpRequest, member: Member, place: Place) -> None:
    """Keep the place, so that the way back leads to it."""
    query = place.address(page=place.filters.page).partition("?")[2][:500]
    if request.session.get(_key(member), "") != query:
        request.session[_key(member)] = query


def address_left(request: HttpRequest, member: Member) -> str:
    """The address of the list that this person came from."""
    query = str(request.session.get(_key(member), ""))
    return reverse("desk:workbench") + (f"?{query}" if query else "")


def _key(member: Member) -> str:
    return SESSION_PLACE.format(merchant_id=member.merchant.pk)


def _account(member: Member, accounts: Sequence[ReceivingAccount], chosen: int | None) -> ReceivingAccount | None:
    by_key = {account.pk: account for account in accounts}
    if chosen in by_key:
        return by_key[chosen]
    busiest = busiest_account(member.actor)
    return by_key.get(busiest) if busiest else next(iter(accounts), None)


def _days(member: Member, month: str, span: tuple[dt.date, dt.date] | None) -> tuple[str, tuple[dt.date, dt.date]]:
    """First and last day of what is chosen; of nothing, the month of the newest movement."""
    today = today_at(member.merchant)
    if month == ALL_MONTHS and span:
        return month, span
    first = first_of(month) or (span[1] if span else today).replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return f"{first:%Y-%m}", (first, last)
