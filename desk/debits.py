"""Money that left the account: a deposit that the bank took back, a customer's credit that was paid out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.selectors import customer_for
from banking.money import format_number
from desk.acts import FORM_METHODS
from desk.debit_forms import RefundForm, RefundNoteForm, RefundReverseForm, ReturnForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from reconciliation.models import Refund
from reconciliation.selectors import credit_of
from reconciliation.selectors.payouts import Payable, payables_for
from reconciliation.selectors.returns import (
    Debit,
    debit_for,
    deposits_for_return,
    promised_to,
    refund_for,
    refunds_for,
    return_for,
)
from reconciliation.services import (
    RefundOutcome,
    ReturnOutcome,
    drop_refund,
    refund_credit,
    refuse_refund_reversal,
    request_refund,
    return_deposit,
    reverse_refund,
    sign_refund,
    sign_refund_reversal,
    undo_return,
)
from reconciliation.services.refund_rates import Payout, value_payout

PAGE_SIZE = 30


# --- Deposits that the bank took back --------------------------------------------------------


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def take_back(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Say which deposit a debit takes back."""
    member = member_of(request)
    debit = debit_for(member.actor, pk)
    candidates = deposits_for_return(member.actor, debit.line)
    may_take = [each for each in candidates if member.actor.can_sign or not each.tickets]
    data = request.POST if request.method == "POST" else None
    form = ReturnForm(data, merchant=member.merchant, candidates=candidates, may_take=may_take)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            read = form.cleaned_data
            try:
                outcome = return_deposit(
                    debit_line_id=pk,
                    deposit_line_id=read["deposit"],
                    reason_id=read["reason"],
                    note=read["note"],
                    by=member.actor,
                )
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _told_return(outcome))
                return redirect("desk:line", pk)
    context = {"debit": debit, "line": debit.line, "candidates": candidates, "may_take": may_take, "form": form}
    return show(request, member, "desk/debit_return.html", context | {"refusal": refusal}, status=status)


def _told_return(outcome: ReturnOutcome) -> str:
    numbers = ", ".join(ticket.number for ticket in outcome.tickets)
    if outcome.waits:
        return _("The return waits for the second signature on %(numbers)s. The deposit pays nothing else meanwhile.") % {
            "numbers": numbers
        }
    if not numbers:
        return _("The bank took this deposit back; it had paid nothing.")
    said = ngettext(
        "The deposit is returned; %(numbers)s is reversed.",
        "The deposit is returned; %(numbers)s are reversed.",
        len(outcome.tickets),
    )
    return said % {"numbers": numbers}


@require_POST
@staff_page("decide")
def undo(request: HouseRequest, pk: int) -> HttpResponseBase:
    """The pair was wrong."""
    member = member_of(request)
    pair = return_for(member.actor, pk)
    try:
        undo_return(return_id=pk, by=member.actor)
    except Refused as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, _("The two movements are apart again. What was reversed stays so: reopen its ticket."))
    return redirect("desk:line", pair.debit_line_id)


# --- Refunds ---------------------------------------------------------------------------------


@require_safe
@staff_page()
def show_refunds(request: HouseRequest) -> HttpResponseBase:
    """What is to be paid out or signed, and what was paid."""
    return _refunds_page(request, member_of(request))


def _refunds_page(request: HouseRequest, member: Member, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
    refunds = refunds_for(member.actor)
    page = Paginator(refunds.exclude(state__in=Refund.OPEN), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"to_do": list(refunds.filter(state__in=Refund.OPEN)), "page": page, "refusal": refusal, "member": member.user}
    return show(request, member, "desk/refunds.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def refund(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Say whose credit a debit paid out; `?q=` looks for the customer. What leaves one in another currency is shown first."""
    member = member_of(request)
    debit = debit_for(member.actor, pk)
    search, currency = request.GET.get("q", "")[:100], debit.line.currency
    payables = payables_for(member.actor, debit.line, debit.left, search)
    fitting = [each.key for each in payables if each.fits]
    left = format_number(debit.left, currency, get_language() or "es")
    initial = {"amount": left, "to": fitting[0] if len(fitting) == 1 else None}
    form = RefundForm(request.POST if request.method == "POST" else None, currency=currency, payables=payables, initial=initial)
    refusal, status, payout = "", 200, None
    if not form.is_bound and initial["to"]:
        payout = _payout(form.payables[initial["to"]], debit, debit.left)
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            chosen = form.payables[form.cleaned_data["to"]]
            try:
                payout = _payout(chosen, debit, form.cleaned_data["amount"])
                if payout.rate is None or form.cleaned_data["agreed"] == form.ask_for(payout) or payout.amount > chosen.amount:
                    outcome = refund_credit(
                        customer_id=chosen.customer.pk, debit_line_id=pk, amount=payout.paid, currency=payout.currency,
                        leaves=payout.amount, note=form.cleaned_data["note"],
                        refund_id=chosen.refund.pk if chosen.refund else None, by=member.actor,
                    )  # fmt: skip
                    messages.success(request, _told_refund(outcome))
                    return redirect("desk:line", pk)
                status = 200
            except Refused as refused:
                refusal, status, payout = refused.message, status_of(refused), None
    context = {
        "debit": debit,
        "line": debit.line,
        "payables": payables,
        "payout": payout if payout is not None and payout.rate is not None else None,
        "agreed": form.ask_for(payout) if payout is not None else "",
        "search": search,
        "form": form,
        "refusal": refusal,
    }
    return show(request, member, "desk/debit_refund.html", context, status=status)


def _payout(chosen: Payable, debit: Debit, paid: Decimal) -> Payout:
    """What `paid` of the debit takes from the chosen credit. Raises `Refused(other_currency)`."""
    return value_payout(paid, debit.line, chosen.way.currency, whole=[chosen.amount])


def _told_refund(outcome: RefundOutcome) -> str:
    name = {"customer": outcome.refund.customer.name}
    return {
        Refund.State.PAID: _("The credit of %(customer)s is paid out.") % name,
        Refund.State.WAITING: _("The refund to %(customer)s waits for the second signature.") % name,
        Refund.State.REVERSING: _("The reversal of the refund waits for the second signature. Until then it stands."),
        Refund.State.REVERSED: _("The refund is taken back: %(customer)s has the credit again.") % name,
    }[Refund.State(outcome.refund.state)]


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def note_refund(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Note that a customer's credit shall be paid out, and where to."""
    member = member_of(request)
    customer = customer_for(member.actor, pk)
    credits = credit_of(customer)
    form = RefundNoteForm(request.POST if request.method == "POST" else None, credits=credits, merchant=member.merchant)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                request_refund(customer_id=pk, by=member.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("Noted. It stands here until the movement that paid it arrives."))
                return redirect("desk:refunds")
    promised = promised_to(customer)
    context = {
        "customer": customer,
        "credits": [(credit, promised.get(credit.currency)) for credit in credits],
        "form": form,
        "refusal": refusal,
    }
    return show(request, member, "desk/refund_note.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("sign")
def reverse(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take a refund back, with a reason; above the limit another person signs."""
    member = member_of(request)
    found = refund_for(member.actor, pk)
    form = RefundReverseForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                outcome = reverse_refund(refund_id=pk, note=form.cleaned_data["note"], by=member.actor)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _told_refund(outcome))
                return redirect("desk:refunds")
    context: dict[str, Any] = {"refund": found, "form": form, "refusal": refusal}
    return show(request, member, "desk/refund_reverse.html", context, status=status)


def _at_once(request: HouseRequest, pk: int, act: Callable[[Member], str]) -> HttpResponseBase:
    """An act without a form: done and told, or refused above the list."""
    member = member_of(request)
    refund_for(member.actor, pk)
    try:
        said = act(member)
    except Refused as refused:
        return _refunds_page(request, member, refusal=refused.message, status=status_of(refused))
    messages.success(request, said)
    return redirect("desk:refunds")


@require_POST
@staff_page("sign")
def sign(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Sign a refund that somebody else prepared."""
    return _at_once(request, pk, lambda member: _told_refund(sign_refund(refund_id=pk, by=member.actor)))


@require_POST
@staff_page("decide")
def drop(request: HouseRequest, pk: int) -> HttpResponseBase:
    """It will not be paid, or is not signed."""

    def act(member: Member) -> str:
        drop_refund(refund_id=pk, by=member.actor)
        return _("The refund is dropped; the credit stays as it is.")

    return _at_once(request, pk, act)


@require_POST
@staff_page("sign")
def sign_reversal(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Sign that a refund is taken back."""
    return _at_once(request, pk, lambda member: _told_refund(sign_refund_reversal(refund_id=pk, by=member.actor)))


@require_POST
@staff_page("sign")
def keep(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Do not sign: the refund stands."""

    def act(member: Member) -> str:
        refuse_refund_reversal(refund_id=pk, by=member.actor)
        return _("The reversal was not signed; the refund stands.")

    return _at_once(request, pk, act)
