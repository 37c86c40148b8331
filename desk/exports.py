"""Tables of the books as files (large ones written by a job), and a customer's statement of account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.books_forms import ExportForm
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from documents.downloads import as_download
from files.storage import signed_address, signs_addresses, storage_errors
from orders.dates import today_at
from reconciliation.books.statement import for_the_customer
from reconciliation.downloads import HEADERS, TYPES, as_file, plain_name
from reconciliation.export_words import why_failed
from reconciliation.exports import MOST_IN_A_SHEET, Table, export_for, statement_export
from reconciliation.models import ExportFile
from reconciliation.papers import statement_pdf
from reconciliation.selectors.books import statement_for
from reconciliation.selectors.exports import MOST_SHOWN, export_files_for, ready_export_for
from reconciliation.services.exports import KEPT_FOR, MOST_AT_ONCE, request_export
from reconciliation.span_forms import StatementForm
from reports.selectors import debt_of


@require_http_methods(FORM_METHODS)
@staff_page("export")
def show_exports(request: HouseRequest) -> HttpResponseBase:
    """Choose what is taken away; what was asked for stands below. A small table is the answer itself, also to `?table=`."""
    member = member_of(request)
    is_sent = request.method == "POST"
    data = request.POST if is_sent else request.GET if "table" in request.GET else None
    form = ExportForm(data, merchant=member.merchant)
    refusal, status, is_large = "", 200, False
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                done = _taken(request, member, form.cleaned_data, may_ask=is_sent)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                if done is not None:
                    return done
                is_large, status = True, 200
    made = list(export_files_for(member.actor)[:MOST_SHOWN])
    context: dict[str, Any] = {
        "form": form,
        "refusal": refusal,
        "most": number_format(MOST_IN_A_SHEET, force_grouping=True),
        "at_once": number_format(MOST_AT_ONCE, force_grouping=True),
        "days": KEPT_FOR.days,
        "today": today_at(member.merchant),
        "is_large": is_large,
        "made": [
            {"row": each, "name": dict(Table.choices).get(each.table, each.table), "why": why_failed(each.failure)}
            for each in made
        ],
        "is_waiting": any(each.is_under_way for each in made),
    }
    return show(request, member, "desk/books_exports.html", context, status=status)


def _taken(request: HouseRequest, member: Member, read: dict[str, Any], *, may_ask: bool) -> HttpResponseBase | None:
    """The file, or the way to the list where a job's file will stand; None for a large one that nobody may ask for yet."""
    table = Table(read["table"])
    export = export_for(member.actor, table, read["since"], read["until"], read["account"])
    if export.count <= MOST_AT_ONCE:
        return as_file(export, read["format"])
    if not may_ask:
        return None
    request_export(
        table=table, since=read["since"], until=read["until"], account_id=read["account"], kind=read["format"],
        language=(get_language() or "es")[:2], by=member.actor,
    )  # fmt: skip
    said = _("These are %(count)d rows: the file is being written. You may leave this page; it will stand here.")
    messages.success(request, said % {"count": export.count})
    return redirect("desk:exports")


@require_safe
@staff_page("export")
def export_file(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A file that a job wrote, streamed from the folder, or an address of the storage that works for five minutes."""
    made = ready_export_for(member_of(request).actor, pk)
    name, kind = _file_name(made), TYPES.get(made.format, "application/octet-stream")
    if signs_addresses(default_storage):
        address = signed_address(made.place, content_type=kind, disposition=f'attachment; filename="{name}"')
        return HttpResponseRedirect(address, headers={key: HEADERS[key] for key in ("Cache-Control", "Referrer-Policy")})
    try:
        content = default_storage.open(made.place)
    except storage_errors() as missing:
        raise Http404 from missing
    return FileResponse(content, as_attachment=True, filename=name, content_type=kind, headers=HEADERS)


def _file_name(made: ExportFile) -> str:
    return plain_name(f"{made.table}-{made.since}-{made.until}.{made.format}")


@require_safe
@staff_page()
def account_statement(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A customer's statement of account between two days; `?format=pdf|csv|xlsx` is the file."""
    member = member_of(request)
    customer = customer_for(member.actor, pk)
    form = StatementForm(request.GET or None, merchant=member.merchant)
    is_good = not form.is_bound or form.is_valid()
    read = dict(form.cleaned_data if form.is_bound and is_good else form.initial)
    statement = statement_for(member.actor, customer, read["since"], read["until"])
    refusal, status = "", 200 if is_good else BAD_INPUT
    if read.get("format") == "pdf":
        name = f"{customer.number}-{statement.since}-{statement.until}.pdf"
        with translation.override(customer.language):
            return as_download(statement_pdf(member.actor, for_the_customer(statement)), name=name)
    if read.get("format"):
        try:
            return as_file(statement_export(member.actor, statement), read["format"])
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
    context = {"form": form, "customer": customer, "statement": statement, "debt": debt_of(customer), "refusal": refusal}
    return show(request, member, "desk/books_statement.html", context, status=status)
