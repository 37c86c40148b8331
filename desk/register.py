"""Registering a report for a customer who called, wrote or came: the same form and rules as the customer's own.

Form → draft → check page → send → ticket, each step a redirect. What was typed and uploaded is kept as the staff member's draft.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.models import Customer
from accounts.selectors import customer_for
from banking.models import PaymentMethod
from banking.money import SYMBOLS, convert, format_number
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, CONFLICT, Member, member_of, show, status_of
from orders.dates import today_at
from reports.drafts import draft_data, draft_of
from reports.examined import STALE_CODES
from reports.forms import RegisterForm
from reports.forms.fields import read_key, read_uuid
from reports.forms.withholding import withheld_so_far
from reports.models import ReportDraft
from reports.rates import dated_rate
from reports.receipts import files_of
from reports.selectors import ticket_of_key
from reports.services import save_draft, submit_report
from reports.surcharge import surcharge_label, surcharge_within, with_surcharge

MOST_TICKED = 500


@require_http_methods(FORM_METHODS)
@staff_page("register")
def fill(request: HouseRequest, pk: int) -> HttpResponseBase:
    """The form; `?orders=` ticks orders, `?draft=` goes on with what was kept."""
    member = member_of(request)
    customer = _customer(member, pk)
    if request.method == "POST":
        return _posted(request, member, customer)
    draft = _draft(member, customer, request.GET.get("draft"))
    if draft is not None:
        form = RegisterForm(draft_data(draft), customer=customer, draft=draft)
        if "check" not in request.GET:
            form.skip_checks()
        else:
            form.is_valid()
        return _show(request, member, customer, form)
    ticked = [read_key(text) for text in request.GET.getlist("orders")[:MOST_TICKED]]
    return _show(request, member, customer, RegisterForm(customer=customer, ticked=ticked))


@require_http_methods(FORM_METHODS)
@staff_page("register")
def check(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Everything once more, and the button that sends. Sent twice it leads to the ticket that it became."""
    member = member_of(request)
    customer = _customer(member, pk)
    if request.method == "POST":
        return _send(request, member, customer)
    draft = _draft(member, customer, request.GET.get("draft"))
    if draft is None:
        return redirect("desk:register", pk)
    form = RegisterForm(draft_data(draft), customer=customer, draft=draft)
    if not form.is_valid():
        return redirect(f"{reverse('desk:register', args=[pk])}?draft={draft.key}&check=1")
    return _show_check(request, member, customer, form)


def _customer(member: Member, pk: int) -> Customer:
    customer = customer_for(member.actor, pk)
    customer.merchant = member.merchant
    return customer


def _draft(member: Member, customer: Customer, key: object) -> ReportDraft | None:
    read = read_uuid(key)
    return draft_of(customer, member.user, read) if read else None


def _posted(request: HouseRequest, member: Member, customer: Customer) -> HttpResponseBase:
    """Keep what was typed first, whatever it is worth; then judge it, unless only the page shall change."""
    data = request.POST.copy()
    key = read_uuid(data.get("key")) or uuid.uuid4()
    data["key"] = str(key)
    sent = ticket_of_key(customer, key)
    if sent is not None:
        messages.info(request, _("This form was sent already and became ticket %(ticket)s.") % {"ticket": sent.number})
        return redirect("desk:ticket", sent.number)
    form = RegisterForm(data, request.FILES, customer=customer, draft=_draft(member, customer, key))
    only_shown = any(name in data for name in ("add_transfer", "remove_transfer", "add_withholding", "update"))
    is_good = form.is_valid() and not only_shown
    refusal, status = "", BAD_INPUT
    try:
        draft = save_draft(customer=customer, key=key, data=dict(data.lists()), uploads=form.uploads, by=member.actor)
    except Refused as refused:
        return _show(request, member, customer, form, refusal=refused.message, status=status_of(refused))
    if is_good:
        return redirect(f"{reverse('desk:register_check', args=[customer.pk])}?draft={key}")
    if only_shown:
        _offer_sum(form, data)
        form = RegisterForm(data, customer=customer, draft=draft)
        form.skip_checks()
        status = 200
    form.attach(draft)
    return _show(request, member, customer, form, refusal=refusal, status=status)


def _offer_sum(form: RegisterForm, data: QueryDict) -> None:
    """A blank first amount becomes the sum of the ticked orders, in the currency of the chosen account."""
    first = form.transfers.forms[0]
    total, withheld = form.totals.get(first.currency), withheld_so_far(form.vouchers)
    if total and withheld:
        own = form.vouchers[0].currency
        rate = dated_rate(form.merchant, own, first.currency, today_at(form.merchant)) if first.currency != own else None
        rest = max(Decimal(0), form.totals[own] - withheld)
        total = rest if rate is None else convert(rest, rate.rate, first.currency)
    if total and first.method_now:
        total = with_surcharge(total, first.method_now.surcharge_per_cent, first.currency)
    name = first.add_prefix("amount")
    if total and not data.get(name):
        data[name] = format_number(total, first.currency, get_language() or "es")


def _send(request: HouseRequest, member: Member, customer: Customer) -> HttpResponseBase:
    key = read_uuid(request.POST.get("key"))
    if key is None:
        return redirect("desk:register", customer.pk)
    form = RegisterForm(request.POST, customer=customer, draft=_draft(member, customer, key))
    if not form.is_valid():
        sent = ticket_of_key(customer, key)
        if sent is not None:
            messages.info(request, _("This form was sent already and became ticket %(ticket)s.") % {"ticket": sent.number})
            return redirect("desk:ticket", sent.number)
        return _show(request, member, customer, form, status=CONFLICT if _is_stale(form) else BAD_INPUT)
    if any(warning.confirm for warning in form.warnings) and not request.POST.get("confirmed"):
        said = _("Please tick that you looked at the warnings.")
        return _show_check(request, member, customer, form, refusal=said, status=BAD_INPUT)
    try:
        ticket, made = submit_report(
            merchant=member.merchant,
            customer=customer,
            key=key,
            content=form.content,
            channel=form.cleaned_data["channel"],
            by=member.actor,
        )
    except Refused as refused:
        status = CONFLICT if refused.code == "key_reused" else status_of(refused)
        return _show_check(request, member, customer, form, refusal=refused.message, status=status)
    if made:
        messages.success(request, _("The report is registered as %(ticket)s; the customer was told.") % {"ticket": ticket.number})
    return redirect("desk:ticket", ticket.number)


def _is_stale(form: RegisterForm) -> bool:
    """Whether something about an order changed between the page and its sending."""
    return any(problem.code in STALE_CODES for problem in (form.examined.problems if form.examined else ()))


def _show(
    request: HouseRequest, member: Member, customer: Customer, form: RegisterForm, *, refusal: str = "", status: int = 200
) -> HttpResponseBase:
    transfers = [(each, SYMBOLS.get(each.currency, each.currency)) for each in form.transfers.forms]
    surcharges = [(each, surcharge_label(each)) for each in form.offer.methods.values() if each.surcharge_per_cent]
    context = {"form": form, "customer": customer, "refusal": refusal, "transfers": transfers, "surcharges": surcharges}
    return show(request, member, "desk/register.html", context, status=status)


def _surcharge(method: PaymentMethod | None, amount: Decimal, currency: str) -> tuple[str, Decimal] | None:
    """Name and share of the surcharge within an amount; None without any."""
    if method is None or not method.surcharge_per_cent:
        return None
    return surcharge_label(method), surcharge_within(amount, method.surcharge_per_cent, currency)


def _show_check(
    request: HouseRequest, member: Member, customer: Customer, form: RegisterForm, *, refusal: str = "", status: int = 200
) -> HttpResponseBase:
    files = files_of(customer, form.content.file_keys)
    transfers = [
        {
            "content": content,
            "method": each.method_now,
            "account": form.offer.accounts.get(content.account_id),
            "bank": form.offer.banks.get(content.origin_bank_id or 0),
            "surcharge": _surcharge(each.method_now, content.amount, each.currency),
            "files": [files[file_key] for file_key in content.file_keys if file_key in files],
        }
        for each, content in zip(form.used, form.content.transfers, strict=True)
    ]
    vouchers = [
        {
            "content": content,
            "kind": form.offer.withholding_kinds.get(content.kind_id),
            "files": [files[file_key] for file_key in content.file_keys if file_key in files],
        }
        for content in form.content.withholdings
    ]
    examined = form.examined
    context = {
        "vouchers": vouchers,
        "form": form,
        "customer": customer,
        "refusal": refusal,
        "transfers": transfers,
        "content": form.content,
        "examined": examined,
        "shares": [(due, examined.allocations.get(due.order_id)) for due in examined.dues] if examined else [],
        "channel": dict(form.fields["channel"].choices).get(form.cleaned_data["channel"], ""),  # type: ignore[attr-defined]
        "needs_tick": any(warning.confirm for warning in form.warnings),
        "form_url": f"{reverse('desk:register', args=[customer.pk])}?draft={form.send_key}",
    }
    return show(request, member, "desk/register_check.html", context, status=status)
