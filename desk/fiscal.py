"""Fiscal documents at the desk: all of them, those that ask for a credit note, the series, and those of one order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.setup_models import FiscalPolicy
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from orders.fiscal import DIGITS, asking_credit_note, draw_credit_note, series_of, set_series
from orders.fiscal_attach import NumbersOutcome, attach_fiscal_document, import_fiscal_numbers
from orders.fiscal_forms import AttachForm, CreditNoteForm, ExternalNoteForm, NumbersForm, SeriesForm
from orders.fiscal_selectors import documents_of, list_documents
from orders.models import FiscalDocument, Order
from orders.selectors import order_for

QUERY_LENGTH = 100
MOST_ASKING = 50


@require_http_methods(FORM_METHODS)
@staff_page()
def show_fiscal(request: HouseRequest) -> HttpResponseBase:
    """All documents, newest first; what asks for a credit note on top. POST `act=numbers` (a CSV) or `act=series`."""
    member = member_of(request)
    act = request.POST.get("act", "")
    numbers = NumbersForm(request.POST, request.FILES) if act == "numbers" else NumbersForm()
    series = SeriesForm(request.POST) if act == "series" else SeriesForm()
    refusal, status, outcome = "", 200, NumbersOutcome()
    if request.method == "POST":
        status = BAD_INPUT
        try:
            if act == "numbers" and numbers.is_valid():
                outcome = import_fiscal_numbers(content=numbers.cleaned_data["file"].read(), by=member.actor)
                if not outcome.errors:
                    messages.success(request, _told(outcome))
                    return redirect("desk:fiscal")
            elif act == "series" and series.is_valid():
                read = series.cleaned_data
                set_series(kind=read["kind"], prefix=read["begins_with"], next_value=read["next_value"], by=member.actor)
                messages.success(request, _("The series is set."))
                return redirect("desk:fiscal")
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
    text = request.GET.get("page", "1")
    page_number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    query = request.GET.get("q", "").replace("\x00", "").strip()[:QUERY_LENGTH]
    context = {
        "page": list_documents(member.actor, query=query, page=page_number),
        "query": query,
        "asking": asking_credit_note(member.merchant).order_by("pk")[:MOST_ASKING],
        "series": [
            (each.get_kind_display(), each.prefix, f"{each.next_value:0{DIGITS}d}")
            for each in series_of(member.merchant).values()
        ],
        "is_external": member.merchant.fiscal_policy == FiscalPolicy.EXTERNAL,
        "policy": FiscalPolicy(member.merchant.fiscal_policy).label,
        "numbers_form": numbers,
        "series_form": series,
        "outcome": outcome,
        "refusal": refusal,
        "refused_form": series if act == "series" else numbers,
    }
    return show(request, member, "desk/fiscal.html", context, status=status)


def _told(outcome: NumbersOutcome) -> str:
    new = ngettext("%(count)d number was attached.", "%(count)d numbers were attached.", outcome.new) % {"count": outcome.new}
    if not outcome.known:
        return new
    known = ngettext("%(count)d was there already.", "%(count)d were there already.", outcome.known)
    return f"{new} {known % {'count': outcome.known}}"


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def order_fiscal(request: HouseRequest, number: str) -> HttpResponseBase:
    """One order's next document: attach what another system wrote, or draw the credit note that is asked for."""
    member = member_of(request)
    order = order_for(member.actor, number)
    documents = documents_of(order)
    standing = next((each for each in documents if not each.is_credit_note and not hasattr(each, "credit_note")), None)
    form, act = _next_form(request, member, order, standing)
    refusal, status = "", 200
    if form is not None and form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                made = act(form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                said = _("%(number)s stands at the order, and the customer is written to.")
                messages.success(request, said % {"number": made.number})
                return redirect("desk:order", order.number)
    elif request.method == "POST":
        raise NotAllowed
    context = {"order": order, "documents": documents, "standing": standing, "form": form, "refusal": refusal}
    return show(request, member, "desk/order_fiscal.html", context, status=status)


def _next_form(
    request: HouseRequest, member: Member, order: Order, standing: FiscalDocument | None
) -> tuple[forms.Form | None, Callable[[dict[str, Any]], FiscalDocument]]:
    """What may come next for this order, and the act that makes it; no form where nothing may."""
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    is_external = member.merchant.fiscal_policy == FiscalPolicy.EXTERNAL

    def attach(read: dict[str, Any]) -> FiscalDocument:
        cancels = standing.pk if standing and "reason" in read else None
        return attach_fiscal_document(order_id=order.pk, cancels_id=cancels, by=member.actor, **read)

    def credit(read: dict[str, Any]) -> FiscalDocument:
        return draw_credit_note(document_id=standing.pk if standing else 0, reason=read["reason"], by=member.actor)

    if standing is not None and not standing.is_external:
        is_asked = asking_credit_note(member.merchant).filter(pk=standing.pk).exists()
        return (CreditNoteForm(data) if is_asked else None), credit
    if not is_external or (standing is None and order.voided_at):
        return None, attach
    if standing is None:
        return AttachForm(data, files), attach
    if (request.POST if data else request.GET).get("act") == "credit":
        return ExternalNoteForm(data, files), attach
    # The same number again: only the files that are missing are taken.
    return AttachForm(data, files, initial={"number": standing.number, "dated_on": standing.dated_on}), attach


def fiscal_of(member: Member, order: Order) -> dict[str, object]:
    """What the order's page shows of its fiscal documents, and whether accounting may do something about them."""
    documents = documents_of(order)
    standing = next((each for each in documents if not each.is_credit_note and not hasattr(each, "credit_note")), None)
    asks = standing is not None and asking_credit_note(member.merchant).filter(pk=standing.pk).exists()
    is_external = member.merchant.fiscal_policy == FiscalPolicy.EXTERNAL
    may = member.actor.can_decide and (asks or (is_external and (standing is not None or not order.voided_at)))
    return {"documents": documents, "asks_credit_note": asks, "may_attach": may, "standing": standing, "is_external": is_external}
