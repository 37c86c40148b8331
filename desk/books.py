"""The books at a glance: balances, what is old, how long decisions take, the last proof; and one account's difference."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from desk.books_forms import BooksForm, DayForm
from desk.charts import ageing_bars, day_chart, decision_bars, span_words
from desk.requests import BAD_INPUT, member_of, show
from orders.dates import today_at
from reconciliation.books.balances import AccountBalance
from reconciliation.books.difference import PAGE_SIZE, Part
from reconciliation.books.moment import one_moment
from reconciliation.selectors import books
from reconciliation.services import prove_soon

CLOSINGS_SHOWN = 14


@require_safe
@staff_page()
def show_books(request: HouseRequest) -> HttpResponseBase:
    """Bank against books by account, and everything that is not reconciled by age; `?account=` for one."""
    member = member_of(request)
    form = BooksForm(request.GET, merchant=member.merchant)
    is_good = form.is_valid()
    account_id = form.cleaned_data["account"] if is_good else None
    with one_moment():
        balances = [each for each in books.balances_for(member.actor) if account_id in (None, each.account.pk)]
        ageing = books.ageing_for(member.actor, account_id)
        days = books.deposits_by_day_for(member.actor, account_id)
        times = books.decision_times_for(member.actor, account_id)
    context = {
        "form": form,
        "account_id": account_id,
        "balances": [each for each in balances if each.lines or each.account.is_active],
        "ageing": ageing,
        "deposits": ageing_bars(ageing.deposits),
        "reports": ageing_bars(ageing.reports),
        "chart": day_chart(days),
        "times": times,
        "time_bars": decision_bars(times),
        "median": span_words(times.median),
        "slowest": span_words(times.slowest_tenth),
        "audit": books.last_audit_for(member.actor),
        "next_month": books.next_to_close(member.actor),
        "reopening": books.reopening_for(member.actor),
        "can_decide": member.actor.can_decide,
        "can_export": member.actor.can_export,
    }
    return show(request, member, "desk/books.html", context, status=200 if is_good else BAD_INPUT)


@require_POST
@staff_page("decide")
def prove(request: HouseRequest) -> HttpResponseBase:
    """Have the books proved now, by a job."""
    prove_soon(by=member_of(request).actor)
    messages.success(request, _("The books are being proved. The result will stand here in a moment."))
    return redirect("desk:books")


@require_safe
@staff_page()
def show_account(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One account at the end of a day: bank, books, and the lines between them."""
    member = member_of(request)
    form = DayForm(request.GET, merchant=member.merchant)
    is_good = form.is_valid()
    day = form.cleaned_data["day"] if is_good else today_at(member.merchant)
    wanted = form.cleaned_data["part"] if is_good else ""
    number = (form.cleaned_data["page"] if is_good else None) or 1
    with one_moment():
        balance = books.balance_for(member.actor, pk, day)
        counts = _counts(balance)
        part = Part(wanted) if wanted else next((each for each in Part if counts[each]), Part.DEPOSITS)
        page = Paginator(range(counts[part]), PAGE_SIZE).get_page(number)
        items = books.difference_for(member.actor, balance, part, page.number)
    context = {
        "form": form,
        "balance": balance,
        "part": part,
        "parts": [(each, counts[each]) for each in Part],
        "steps": _steps(balance, counts),
        "items": items,
        "rejected": books.rejected_for(member.actor, balance) if part == Part.UNREAD else [],
        "page": page,
        "closings": books.closings_for(member.actor, pk)[:CLOSINGS_SHOWN],
        "is_today": day == today_at(member.merchant),
    }
    return show(request, member, "desk/books_account.html", context, status=200 if is_good else BAD_INPUT)


def _counts(balance: AccountBalance) -> dict[Part, int]:
    return {
        Part.DEPOSITS: balance.count_in,
        Part.DEBITS: balance.count_out,
        Part.BY_HAND: balance.count_by_hand,
        Part.UNREAD: 1 if balance.unread else 0,
    }


def _steps(balance: AccountBalance, counts: dict[Part, int]) -> list[dict[str, Any]]:
    """From the bank's balance to the books', a part at a time."""
    moved = {
        Part.DEPOSITS: -balance.free_in,
        Part.DEBITS: -balance.free_out,
        Part.BY_HAND: balance.by_hand,
        Part.UNREAD: -balance.unread,
    }
    return [{"part": part, "amount": amount, "count": counts[part]} for part, amount in moved.items() if counts[part]]
