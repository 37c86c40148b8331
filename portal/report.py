"""Reporting a payment: the form, what it says while one types, the check page, and the page after sending.

The way is post → draft → check page → send → ticket, each step a redirect, so that reload, back and a second click do no harm.
A form that arrives without a session is stored for the person for whom it was made; they find it after signing in.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import HouseRequest, customer_page, sign_in_redirect
from accounts.errors import Refused
from accounts.models import Merchant
from portal.report_check import show_check
from portal.report_flow import Flow, correction_of
from portal.report_input import key_of, taken_out, typed_data, uploads_of
from portal.report_picture import ReportPicture
from portal.requests import visitor_of
from reports.drafts import latest_draft, rescue_draft
from reports.forms import ReportForm
from reports.forms.fields import read_key, read_uuid
from reports.models import ReportDraft
from reports.services import discard_draft, remove_draft_file, save_draft
from tickets.models import State
from tickets.selectors import ticket_for

CORRECTION_VERSION = 5  # of the UUID: drafts of corrections are found from their ticket, never offered at the start
MOST_TICKED = 500


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, which says what is wrong instead of answering."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a post carries no session or no valid CSRF token: it ended, or one signed in again in another tab.

    Such a form may do one thing: be stored as the draft of the person for whom it was made, whom its signed token names.
    """
    if not request.user.is_authenticated:
        return True
    check = _CsrfCheck(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _new, (), {}) is not None


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show_form(request: HttpRequest) -> HttpResponseBase:
    """A new report."""
    if request.method == "POST" and _comes_from_elsewhere(request):
        return _rescued(request)
    return _new(request)


@customer_page("report")
def _new(request: HouseRequest) -> HttpResponseBase:
    return _form_page(request, Flow(visitor=visitor_of(request)))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponseBase:
    """The check page of a new report."""
    if request.method == "POST" and _comes_from_elsewhere(request):
        return _rescued(request)
    return _check_new(request)


@customer_page("report")
def _check_new(request: HouseRequest) -> HttpResponseBase:
    return show_check(request, Flow(visitor=visitor_of(request)), again=_show)


def _flow_of(request: HouseRequest, number: str) -> Flow:
    """The correction of a ticket; only a rejected one is corrected."""
    visitor = visitor_of(request)
    return correction_of(visitor, ticket_for(visitor.actor, number))


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("report")
def correct(request: HouseRequest, number: str) -> HttpResponseBase:
    """A rejected report, to be corrected."""
    flow = _flow_of(request, number)
    if flow.ticket and flow.ticket.state != State.REJECTED:
        messages.info(request, _("Only a rejected report can be corrected and sent again."))
        return redirect("portal:ticket", number)
    return _form_page(request, flow)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("report")
def correct_check(request: HouseRequest, number: str) -> HttpResponseBase:
    """The check page of a correction."""
    return show_check(request, _flow_of(request, number), again=_show)


def _rescued(request: HttpRequest) -> HttpResponse:
    """Store a form that came without a session (or with an old one), and lead to its check page."""
    posted = dict(typed_data(request.POST).lists())
    merchant = request.merchant  # type: ignore[attr-defined]
    token = request.POST.get("token", "")
    try:
        draft = rescue_draft(token, posted, uploads_of(request.FILES), merchant=merchant)
    except Refused:
        # The file was not taken, or the form was sent already; what was typed is worth more.
        draft = _rescue_words(token, posted, merchant)
    if request.user.is_authenticated and draft is None:
        raise PermissionDenied  # a post from another site, or a form too old to be believed
    target = reverse("portal:report_check") + f"?draft={draft.key}" if draft else reverse("portal:report")
    if request.user.is_authenticated:
        return redirect(target)
    if draft:
        messages.info(request, _("Your session had ended. Your report is kept: sign in to send it."))
    return sign_in_redirect(request, target)


def _rescue_words(token: str, posted: dict[str, list[str]], merchant: Merchant) -> ReportDraft | None:
    try:
        return rescue_draft(token, posted, merchant=merchant)
    except Refused:
        return None


def _form_page(request: HouseRequest, flow: Flow) -> HttpResponseBase:
    if request.method == "POST":
        return _posted(request, flow)
    key = key_of(request)
    if key is not None:
        draft = flow.draft(key)
        if draft is not None:
            return _show(
                request, flow, flow.form_of_draft(draft), key, judged="check" in request.GET, saved=draft, recovered=True
            )
        sent = flow.sent_as(key)
        if sent is not None:
            return redirect("portal:report_sent", sent.number)
    if flow.ticket:
        key = flow.new_key()
        draft = flow.draft(key)
        if draft is not None and draft.data:
            return _show(request, flow, flow.form_of_draft(draft), key, judged=False, saved=draft, recovered=True)
        return _show(request, flow, flow.begun(draft=draft), key, judged=False)
    ticked = tuple(dict.fromkeys(read_key(text) for text in request.GET.getlist("orders")[:MOST_TICKED]))
    waiting = latest_draft(flow.customer, flow.visitor.user)
    if waiting is not None and waiting.key.version == CORRECTION_VERSION:
        waiting = None
    return _show(request, flow, flow.begun(ticked=ticked), flow.new_key(), judged=False, waiting=waiting)


def _posted(request: HouseRequest, flow: Flow) -> HttpResponseBase:
    """What was typed is kept first, whatever it is worth; then it is judged."""
    key = read_uuid(request.POST.get("key", "")) or flow.new_key()
    data = typed_data(request.POST)
    is_final = not request.POST.get("act")
    draft = flow.draft(key)
    form = flow.form(data, request.FILES, draft=draft)
    picture = flow.picture(form, key, judged=is_final, fills_blank=not is_final)
    refusal, status = "", 422
    try:
        draft = _keep(flow, key, data, form, taken_out(request.POST))
    except Refused as refused:
        sent = flow.sent_as(key)
        refusal, status = refused.message, 409 if sent else 422
    if is_final and picture.is_sound and not refusal:
        return redirect(f"{flow.check_url}?draft={key}")
    if draft is not None:
        form.attach(draft)
    picture = ReportPicture(form, judged=is_final, offered=picture.transfers[0].offered, upload_url=flow.upload_url(key))
    return _render(request, flow, picture, key, saved=draft, refusal=refusal, status=status if is_final else 200)


def _keep(flow: Flow, key: uuid.UUID, data: QueryDict, form: ReportForm, gone: list[uuid.UUID]) -> ReportDraft:
    """Save the draft: words, the files that are sound, without those that were taken out."""
    by = flow.visitor.actor
    typed = dict(data.lists())
    for file_key in gone:
        try:
            remove_draft_file(customer=flow.customer, key=key, file_key=file_key, by=by)
        except Http404:
            continue
    return save_draft(customer=flow.customer, key=key, data=typed, uploads=form.uploads, by=by)


def _show(
    request: HouseRequest,
    flow: Flow,
    form: ReportForm,
    key: uuid.UUID,
    *,
    judged: bool,
    saved: ReportDraft | None = None,
    recovered: bool = False,
    waiting: ReportDraft | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    picture = flow.picture(form, key, judged=judged)
    return _render(request, flow, picture, key, saved=saved, recovered=recovered, waiting=waiting, refusal=refusal, status=status)


def _render(
    request: HouseRequest,
    flow: Flow,
    picture: ReportPicture,
    key: uuid.UUID,
    *,
    saved: ReportDraft | None,
    recovered: bool = False,
    waiting: ReportDraft | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    context = {
        "flow": flow,
        "picture": picture,
        "key": key,
        "token": flow.token(key),
        "saved_at": saved.changed_at if saved else None,
        "recovered": recovered,
        "waiting_draft": waiting,
        "refusal": refusal,
    }
    return render(request, "portal/report.html", context, status=status)


# --- While one types -------------------------------------------------------------------------


@require_POST
@customer_page("report")
def live(request: HouseRequest, number: str = "") -> JsonResponse:
    """Sums and sentences for what is typed so far, and the draft kept. `values`: fields that are still ours."""
    flow = _flow_of(request, number) if number else Flow(visitor=visitor_of(request))
    key = read_uuid(request.POST.get("key", ""))
    if key is None:
        raise Http404
    data = typed_data(request.POST)
    form = flow.form(data, draft=flow.draft(key))
    picture = flow.picture(form, key, judged=False)
    saved = None
    with suppress(Refused):  # It was sent already, in another tab: sending again says so.
        saved = save_draft(customer=flow.customer, key=key, data=dict(data.lists()), by=flow.visitor.actor)
    context = {"flow": flow, "picture": picture, "saved_at": timezone.now() if saved else None, "actor": flow.visitor.actor}
    return JsonResponse(
        {
            "values": _offered_values(picture),
            "parts": _parts(request, picture, context),
            "kind": picture.kind,
            "may_wish": bool(picture.shipping.get("allowed")),
            "saved": saved is not None,
        }
    )


def _offered_values(picture: ReportPicture) -> dict[str, str]:
    """Fields that follow the sums, with their hidden copies."""
    values: dict[str, str] = {}
    for row in picture.rows:
        values[f"offered-{row.pk}"] = row.offered
        if row.offered or not row.ticked:
            values[row.allocation_name] = row.allocation
    for each in picture.transfers:
        values[f"{each.prefix}-offered"] = each.offered
        if each.offered and each.amount.value == each.offered:
            values[f"{each.prefix}-amount"] = each.offered
    return values


def _parts(request: HttpRequest, picture: ReportPicture, context: dict[str, Any]) -> dict[str, str]:
    """Parts of the page by id, as the server writes them."""
    whole = {
        "totals": "_report_totals",
        "phone-total": "_report_phone_total",
        "draft-saved": "_report_saved",
        "shipping-state": "_report_shipping_state",
        "order-warnings": "_report_order_warnings",
    }
    parts: dict[str, str] = {}
    for name, template in whole.items():
        parts[name] = render_to_string(f"portal/{template}.html", context, request)
    pieces = {
        "amount-live": "_report_amount_live",
        "date-live": "_report_date_live",
        "reference-hint": "_report_reference_hint",
        "reference-live": "_report_reference_live",
    }
    if picture.withholdings:
        parts["withheld-live"] = render_to_string("portal/_report_withheld_live.html", context, request)
    for each in picture.transfers:
        for name, template in pieces.items():
            parts[f"{each.prefix}-{name}"] = render_to_string(f"portal/{template}.html", context | {"t": each}, request)
        parts[f"{each.prefix}-symbol"] = each.symbol
    return parts


@require_POST
@customer_page("report")
def discard(request: HouseRequest) -> HttpResponseBase:
    """Forget a draft."""
    visitor = visitor_of(request)
    key = read_uuid(request.POST.get("key", ""))
    if key is not None:
        discard_draft(customer=visitor.customer, key=key, by=visitor.actor)
        messages.success(request, _("The report that you had not sent was discarded."))
    return redirect("portal:home")
