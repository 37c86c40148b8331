"""Files of the bank at the desk: sent, followed while they are read, looked at, brought in, undone; and their odd rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.import_forms import AccountForm, CorrectionForm, ImportForm, NoteForm, ReasonForm
from desk.import_view import columns_of, days_of, name_of_original, problems_of, progress_of, steps_of, told, totals_of
from desk.imports_together import files_together
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from files.views import HEADERS
from reconciliation import services
from reconciliation.import_words import rejection_of_file
from reconciliation.models import RejectedLine, StatementImport
from reconciliation.selectors.imports import import_for, import_pages, imports_for, rejected_for, rows_to_decide

MOST_IMPORTS = 10
State = StatementImport.State


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def import_lines(request: HouseRequest) -> HttpResponseBase:
    """Send one or several files. A file sent twice adds nothing: what is known is counted, not doubled."""
    member = member_of(request)
    is_sent = request.method == "POST"
    form = ImportForm(request.POST if is_sent else None, request.FILES if is_sent else None, merchant=member.merchant)
    refusals: list[str] = []
    if is_sent and form.is_valid():
        made = []
        for upload in form.cleaned_data["file"]:
            try:
                made.append(
                    services.receive_statement(
                        merchant=member.merchant,
                        account_id=form.cleaned_data["account"],
                        file_name=upload.name or "",
                        content=upload.read(),
                        by=member.actor,
                    )
                )
            except Refused as refused:
                refusals.append(f"{upload.name}: {refused.message}")
        if made:
            for refusal in refusals:
                messages.error(request, refusal)
            return redirect("desk:import", made[0].pk) if len(made) == 1 else redirect("desk:imports")
    context = {"form": form, "refusal": " ".join(refusals), "imports": imports_for(member.actor)[:MOST_IMPORTS]}
    return show(request, member, "desk/lines_import.html", context, status=BAD_INPUT if is_sent else 200)


@require_safe
@staff_page()
def show_imports(request: HouseRequest) -> HttpResponseBase:
    """All files, the newest first, each with what it waits for."""
    member = member_of(request)
    page = import_pages(member.actor, _page_number(request))
    is_working = any(made.is_working for made in page)
    template = "desk/_imports_page.html" if request.headers.get("HX-Request") else "desk/imports.html"
    ready = len(files_together(member).ready) if member.actor.can_decide else 0
    return show(request, member, template, {"page": page, "imports": page, "is_working": is_working, "ready": ready})


@require_safe
@staff_page()
def show_import(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One file: being read, to look at, brought in, or why it was not."""
    return _page(request, member_of(request), pk)


@require_safe
@staff_page()
def progress(request: HouseRequest, pk: int) -> HttpResponseBase:
    """How far a file is; once a job has done with it the page loads anew."""
    made = import_for(member_of(request).actor, pk)
    if not made.is_working:
        response = HttpResponse("")
        response.headers["HX-Refresh"] = "true"
        return response
    return render(request, "desk/_import_progress.html", {"made": made, **progress_of(made)})


@require_GET
@staff_page("decide")
def original(request: HouseRequest, pk: int) -> HttpResponseBase:
    """The file as the bank gave it: to save, never to be shown or run here."""
    member = member_of(request)
    try:
        made, content = services.fetch_original(import_id=pk, by=member.actor)
    except Refused as refused:
        return _page(request, member, pk, refusal=refused.message, status=status_of(refused))
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name_of_original(made)}"'
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response


@require_POST
@staff_page("decide")
def choose_account(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Say whose file it is."""
    member = member_of(request)
    form = AccountForm(request.POST, merchant=member.merchant)
    if not form.is_valid():
        return _page(request, member, pk, account_form=form, status=BAD_INPUT)
    chosen = form.cleaned_data["account"]
    return _act(request, member, pk, lambda: services.choose_account(import_id=pk, account_id=chosen, by=member.actor))


@require_POST
@staff_page("decide")
def commit(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Bring in what the preview shows."""
    member = member_of(request)
    return _act(request, member, pk, lambda: services.commit_import(import_id=pk, by=member.actor))


@require_POST
@staff_page("decide")
def release(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Accept a difference in the totals, with a note."""
    member = member_of(request)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, member, pk, note_form=form, status=BAD_INPUT)
    note = form.cleaned_data["note"]
    return _act(request, member, pk, lambda: services.release_held(import_id=pk, note=note, by=member.actor))


@require_POST
@staff_page("decide")
def reread(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Read the file again, with the account's profile as it is now."""
    member = member_of(request)
    return _act(request, member, pk, lambda: services.reread_statement(import_id=pk, by=member.actor))


@require_POST
@staff_page("decide")
def discard(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Put a file away of which nothing came in."""
    member = member_of(request)
    return _act(request, member, pk, lambda: services.discard_import(import_id=pk, by=member.actor), _("The file is discarded."))


@require_POST
@staff_page("decide")
def undo(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Take a whole import back, with a reason."""
    member = member_of(request)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, member, pk, undo_form=form, status=BAD_INPUT)
    reason = form.cleaned_data["reason"]
    return _act(
        request,
        member,
        pk,
        lambda: services.undo_import(import_id=pk, reason=reason, by=member.actor),
        _("The import is undone."),
    )


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def decide_row(request: HouseRequest, pk: int, row_pk: int) -> HttpResponseBase:
    """One row that asks for a person: correct it, say what it is, or leave it out with a reason."""
    member = member_of(request)
    row = rejected_for(member.actor, pk, row_pk)
    act = str(request.POST.get("act", "")) if request.method == "POST" else ""
    correction = CorrectionForm(request.POST if act == "correct" else None, row=row)
    leaving_out = ReasonForm(request.POST if act == "ignore" else None)
    refusal, status = "", 200
    if request.method == "POST":
        status = BAD_INPUT
        decide = _decision(member, row, act, correction, leaving_out)
        if decide is not None:
            try:
                decide()
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                return redirect("desk:import", pk)
    context = {
        "made": row.statement_import,
        "correction": correction,
        "leaving_out": leaving_out,
        "refusal": refusal,
        **told(row),
    }
    return show(request, member, "desk/import_row.html", context, status=status)


def _decision(
    member: Member, row: RejectedLine, act: str, correction: CorrectionForm, leaving_out: ReasonForm
) -> Callable[[], object] | None:
    """What the person pressed, ready to be done; None when the form is not complete."""
    if act in ("same", "other"):
        return lambda: services.decide_held(rejected_id=row.pk, is_same=act == "same", by=member.actor)
    if act == "ignore" and leaving_out.is_valid():
        reason = leaving_out.cleaned_data["reason"]
        return lambda: services.ignore_rejected(rejected_id=row.pk, reason=reason, by=member.actor)
    if act == "correct" and correction.is_valid():
        read = correction.cleaned_data
        return lambda: services.correct_rejected(
            rejected_id=row.pk, booked_on=read["booked_on"], amount=correction.signed_amount, texts=read, by=member.actor
        )
    return None


def _act(request: HouseRequest, member: Member, pk: int, act: Callable[[], object], said: str = "") -> HttpResponseBase:
    """Do something with a file, and show its page again: with the refusal where there is one."""
    try:
        act()
    except Refused as refused:
        return _page(request, member, pk, refusal=refused.message, status=status_of(refused))
    if said:
        messages.success(request, said)
    return redirect("desk:import", pk)


def _page(request: HouseRequest, member: Member, pk: int, *, status: int = 200, **forms: Any) -> HttpResponseBase:
    made = import_for(member.actor, pk)
    rows = rows_to_decide(made, _page_number(request))
    forms.setdefault("account_form", AccountForm(merchant=member.merchant))
    forms.setdefault("note_form", NoteForm())
    forms.setdefault("undo_form", ReasonForm())
    new = ngettext("Import %(count)d new line", "Import %(count)d new lines", made.lines_new) % {"count": made.lines_new}
    context = {
        "made": made,
        **progress_of(made),
        "steps": steps_of(made),
        "totals": totals_of(made),
        "problems": problems_of(made),
        "differs": any(problem["code"] != "elsewhere" for problem in made.problems),
        "days": days_of(made),
        "columns": columns_of(made),
        "rows": [told(row) for row in rows],
        "page": rows,
        "refused": rejection_of_file(**made.refusal) if made.refusal else "",
        "commit_label": new,
        "bound": next((form for form in forms.values() if getattr(form, "is_bound", False)), None),
        **forms,
    }
    return show(request, member, "desk/import.html", context, status=status)


def _page_number(request: HouseRequest) -> int:
    typed = str(request.GET.get("page", "1"))
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1
