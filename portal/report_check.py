"""The check page: every datum with a way to change it, warnings, and the one button that sends. And the page after it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused, Stale
from accounts.selectors import recipients_of
from banking.models import PaymentMethod
from orders.dates import today_at
from portal.report_flow import Flow
from portal.report_input import key_of, typed_data
from portal.requests import visitor_of
from portal.ticket_rows import rows_of, with_reports
from reports.findings import Finding
from reports.forms import ReportForm
from reports.forms.fields import read_uuid
from reports.receipts import files_of
from reports.selectors import orders_in_review, report_of
from reports.services import discard_draft
from reports.surcharge import surcharge_label, surcharge_within
from tickets.selectors import ticket_for, tickets_for


def show_check(request: HouseRequest, flow: Flow, *, again: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    """Show what will be sent, or send it. `again` shows the form when something has to be put right first."""
    if request.method == "POST":
        return _send(request, flow, again)
    key = key_of(request)
    draft = flow.draft(key)
    if key is None or draft is None:
        sent = flow.sent_as(key) if key else None
        if sent is not None:
            return redirect("portal:report_sent", sent.number)
        messages.warning(request, _("There is no report to check here. Begin again, or look at your tickets."))
        return redirect(flow.form_url)
    form = flow.form_of_draft(draft)
    if not form.is_valid():
        return redirect(f"{flow.form_url}?draft={key}&check=1")
    return _check_page(request, flow, form, unconfirmed=[])


def _check_page(
    request: HouseRequest, flow: Flow, form: ReportForm, *, unconfirmed: list[Finding], refusal: str = "", status: int = 200
) -> HttpResponseBase:
    key = form.send_key
    files = files_of(form.customer, form.content.file_keys)
    context = {
        "flow": flow,
        "form": form,
        "key": key,
        "token": flow.token(key) if key else "",
        "examined": form.examined,
        "transfers": [
            {"form": each, "content": content, "method": each.method_now, "account": form.offer.accounts.get(content.account_id),
             "bank": form.offer.banks.get(content.origin_bank_id or 0), "prefix": each.prefix,
             "files": [files[file_key] for file_key in content.file_keys if file_key in files],
             "surcharge": surcharge_of(each.method_now, content.amount, each.currency),
             "value": form.examined.values.get(place) if form.examined else None}
            for place, (each, content) in enumerate(zip(form.used, form.content.transfers, strict=True), start=1)
        ],
        "vouchers": [
            {"content": content, "kind": form.offer.withholding_kinds.get(content.kind_id), "prefix": each.prefix,
             "files": [files[file_key] for file_key in content.file_keys if file_key in files]}
            for each, content in zip(form.vouchers, form.content.withholdings, strict=True)
        ],
        "content": form.content,
        "warnings": [warning for warning in form.warnings if not warning.confirm],
        "to_confirm": [
            {"finding": warning, "mark": mark_of(warning), "missing": warning in unconfirmed}
            for warning in form.warnings
            if warning.confirm
        ],
        "refusal": refusal,
        "form_url": f"{flow.form_url}?draft={key}",
    }  # fmt: skip
    return render(request, "portal/report_check.html", context, status=status)


def surcharge_of(method: PaymentMethod | None, amount: Decimal, currency: str) -> dict[str, Any] | None:
    """The surcharge within an amount by this method, by its name; None without any."""
    if method is None or not method.surcharge_per_cent:
        return None
    return {"label": surcharge_label(method), "share": surcharge_within(amount, method.surcharge_per_cent, currency)}


def mark_of(warning: Finding) -> str:
    """How the tick for a warning is posted."""
    return f"{warning.code}:{warning.field}"


def _send(request: HouseRequest, flow: Flow, again: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    key = read_uuid(request.POST.get("key", ""))
    if key is None:
        return redirect(flow.form_url)
    form = flow.form(typed_data(request.POST), draft=flow.draft(key))
    if not form.is_valid():
        sent = flow.sent_as(key)
        if sent is not None:
            return redirect("portal:report_sent", sent.number)
        return again(request, flow, form, key, judged=True, saved=flow.draft(key), status=409 if _is_stale(form) else 422)
    ticks = set(request.POST.getlist("confirm"))
    unconfirmed = [warning for warning in form.warnings if warning.confirm and mark_of(warning) not in ticks]
    if unconfirmed:
        return _check_page(request, flow, form, unconfirmed=unconfirmed, status=422)
    try:
        ticket = flow.send(key, form.content)
    except Refused as refused:
        status = 409 if isinstance(refused, Stale) or refused.code == "key_reused" else 422
        return _check_page(request, flow, form, unconfirmed=[], refusal=refused.message, status=status)
    if flow.ticket:
        discard_draft(customer=flow.customer, key=key, by=flow.visitor.actor)
    return redirect("portal:report_sent", ticket.number)


def _is_stale(form: ReportForm) -> bool:
    """Whether something about an order changed between the page and its sending."""
    from reports.examined import STALE_CODES

    return any(problem.code in STALE_CODES for problem in (form.examined.problems if form.examined else ()))


@require_safe
@customer_page("report")
def show_sent(request: HouseRequest, number: str) -> HttpResponseBase:
    """The ticket number, and what happens next until when."""
    visitor = visitor_of(request)
    ticket = ticket_for(visitor.actor, number)
    view = report_of(visitor.actor, ticket)
    today = today_at(visitor.merchant)
    orders = [allocation.order for allocation in view.allocations]
    covered = orders_in_review(visitor.merchant, [order.pk for order in orders])
    emails = [recipient.email for recipient in recipients_of(visitor.customer)]
    context = {
        "ticket": ticket,
        "view": view,
        "row": next(iter(rows_of(with_reports(tickets_for(visitor.actor)).filter(pk=ticket.pk)))),
        "states": {order.pk: order.display_state(today, in_review=order.pk in covered) for order in orders},
        "email": visitor.user.email if visitor.user.email in emails else next(iter(emails), ""),
    }
    return render(request, "portal/report_sent.html", context)
