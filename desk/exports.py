"""Tables of the books as files, and a customer's statement of account on the screen or as a file."""

from __future__ import annotations

import tempfile

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.selectors import customer_for
from desk.books_forms import ExportForm, StatementForm
from desk.requests import BAD_INPUT, member_of, show, status_of
from orders.dates import today_at
from reconciliation.exports import MOST_IN_A_SHEET, Export, Format, Table, csv_lines, export_for, statement_export, write_xlsx
from reconciliation.selectors.books import statement_for
from reports.selectors import debt_of

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


@require_safe
@staff_page("export")
def show_exports(request: HouseRequest) -> HttpResponseBase:
    """Choose what is taken away, of which days and account. With `?table=` the file itself."""
    member = member_of(request)
    is_asked = "table" in request.GET
    form = ExportForm(request.GET if is_asked else None, merchant=member.merchant)
    refusal, status = "", 200
    if is_asked:
        status = BAD_INPUT
        if form.is_valid():
            read = form.cleaned_data
            export = export_for(member.actor, Table(read["table"]), read["since"], read["until"], read["account"])
            try:
                return as_file(export, read["format"])
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
    context = {"form": form, "refusal": refusal, "most": MOST_IN_A_SHEET, "today": today_at(member.merchant)}
    return show(request, member, "desk/books_exports.html", context, status=status)


@require_safe
@staff_page()
def account_statement(request: HouseRequest, pk: int) -> HttpResponseBase:
    """A customer's statement of account between two days; `?format=csv|xlsx` is the file."""
    member = member_of(request)
    customer = customer_for(member.actor, pk)
    form = StatementForm(request.GET or None, merchant=member.merchant)
    is_good = not form.is_bound or form.is_valid()
    read = dict(form.cleaned_data if form.is_bound and is_good else form.initial)
    statement = statement_for(member.actor, customer, read["since"], read["until"])
    refusal, status = "", 200 if is_good else BAD_INPUT
    if read.get("format"):
        try:
            return as_file(statement_export(member.actor, statement), read["format"])
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
    context = {"form": form, "customer": customer, "statement": statement, "debt": debt_of(customer), "refusal": refusal}
    return show(request, member, "desk/books_statement.html", context, status=status)


def as_file(export: Export, kind: str) -> HttpResponseBase:
    """The download: CSV is written while it is sent, a workbook is made first. Raises `Refused(too_many_rows)`."""
    name = f"{export.name}.{kind}"
    answer: StreamingHttpResponse
    if kind == Format.CSV:
        answer = StreamingHttpResponse(csv_lines(export), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{_plain_name(name)}"'
    else:
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
        write_xlsx(export, file)
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=_plain_name(name), content_type=XLSX_TYPE)
    for header, value in HEADERS.items():
        answer[header] = value
    return answer


def _plain_name(name: str) -> str:
    """A file name of letters that every system takes: numbers of customers may hold anything."""
    return "".join(each if each.isascii() and (each.isalnum() or each in ".-_") else "-" for each in name)[-120:]
