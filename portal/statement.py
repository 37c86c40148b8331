"""The customer's statement of account: what was charged and paid between two days, on the screen, on paper or as a file."""

from __future__ import annotations

import datetime as dt

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused
from documents.downloads import as_download
from portal.requests import visitor_of
from reconciliation.books.statement import for_the_customer
from reconciliation.downloads import as_file
from reconciliation.exports import statement_export
from reconciliation.papers import statement_pdf
from reconciliation.selectors.books import statement_for
from reconciliation.span_forms import StatementForm
from reports.selectors import debt_of


@require_safe
@customer_page("see_orders")
def show_statement(request: HouseRequest) -> HttpResponseBase:
    """`?since=` and `?until=` narrow it, `?format=pdf|csv|xlsx` is the file. Six months without them."""
    visitor = visitor_of(request)
    form = StatementForm(request.GET or None, merchant=visitor.merchant, days=182)
    is_good = not form.is_bound or form.is_valid()
    read = dict(form.cleaned_data if form.is_bound and is_good else form.initial)
    statement = for_the_customer(statement_for(visitor.actor, visitor.customer, read["since"], read["until"]))
    refusal, status = "", 200 if is_good else 400
    if read.get("format") == "pdf":
        name = f"{visitor.customer.number}-{statement.since}-{statement.until}.pdf"
        return as_download(statement_pdf(visitor.actor, statement), name=name)
    if read.get("format"):
        try:
            return as_file(statement_export(visitor.actor, statement), read["format"])
        except Refused as refused:
            refusal, status = refused.message, 400
    context = {
        "form": form,
        "customer": visitor.customer,
        "statement": statement,
        "debt": debt_of(visitor.customer),
        "spans": _spans(form.today, read["since"], read["until"]),
        "refusal": refusal,
    }
    return render(request, "portal/statement.html", context, status=status)


def _spans(today: dt.date, since: dt.date, until: dt.date) -> list[tuple[str, dt.date, dt.date, bool]]:
    """Periods to choose with one click: name, first and last day, and whether it is the one shown."""
    month = today.replace(day=1)
    last = month - dt.timedelta(days=1)
    found = [
        (_("This month"), month, today),
        (_("Last month"), last.replace(day=1), last),
        (_("This year"), today.replace(month=1, day=1), today),
        (_("Last year"), dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)),
    ]
    return [(name, first, end, (first, end) == (since, until)) for name, first, end in found]
