"""How the bank of an account writes its statements: begun with a ready-made layout, tried on a file, kept as versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from desk.acts import FORM_METHODS
from desk.profile_preview import Look, look_at
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from desk.samples import Sample, forget_sample, keep_sample, sample_of, try_import
from files.storage import storage_errors
from reconciliation.models import StatementProfile
from reconciliation.profile_forms import ProfileForm, facts_of
from reconciliation.selectors.imports import import_for
from reconciliation.selectors.profiles import layout_name, layouts_for, profile_of, read_with, version_for, versions_for
from reconciliation.services import restore_profile, save_profile
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile, ProfileInvalid

OWN = "own"


class SampleForm(forms.Form):
    """The file to try."""

    sample = forms.FileField(
        label=gettext_lazy("File to try"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("A statement of this account as the bank gives it. It is not imported."),
    )


@dataclass(frozen=True, kw_only=True)
class Editor:
    """What the page is about: an account, its versions, what is typed and the file that it is tried on."""

    account: ReceivingAccount
    versions: list[StatementProfile]
    form: ProfileForm
    sample: Sample | None
    sample_form: SampleForm

    @property
    def current(self) -> StatementProfile | None:
        return self.versions[0] if self.versions else None


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def edit_profile(request: HouseRequest, pk: int) -> HttpResponseBase:
    """The editor. A POST tries what is typed on the file, or keeps it as the next version; htmx gets the preview alone."""
    member = member_of(request)
    account = _account(member, pk)
    versions = versions_for(member.actor, account)
    if request.method != "POST":
        if request.GET.get("file"):
            _take_import(request, member, account)
        form = _blank_form(request, account, versions)
        return _page(request, member, Editor(
            account=account, versions=versions, form=form, sample=sample_of(request, pk), sample_form=SampleForm()
        ))  # fmt: skip
    act = request.POST.get("act", "try")
    if act == "forget":
        forget_sample(request, pk)
    sample_form = SampleForm(request.POST, request.FILES)
    editor = Editor(
        account=account,
        versions=versions,
        form=ProfileForm(request.POST),
        sample=_take_sample(request, member, pk, sample_form),
        sample_form=sample_form,
    )
    is_good = editor.form.is_valid()
    if request.htmx:
        return _preview_alone(request, editor)
    refusal, status = "", 200 if is_good and sample_form.is_valid() else BAD_INPUT
    profile = editor.form.profile
    if act == "keep" and is_good and profile is not None:
        try:
            kept = _keep(member, editor, profile)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            messages.success(request, _("Version %(version)d of the profile is in use.") % {"version": kept.version})
            made = editor.sample.import_id if editor.sample else 0
            if made:  # back to the file that waits to be read
                forget_sample(request, pk)
                return redirect("desk:import", made)
            return redirect("desk:profile", pk)
    return _page(request, member, editor, refusal=refusal, status=status)


@require_http_methods(FORM_METHODS)
@staff_page()
def show_version(request: HouseRequest, pk: int, version: int) -> HttpResponseBase:
    """One version to read; a POST takes it back, as a new version."""
    member = member_of(request)
    account = _account(member, pk)
    stored = version_for(member.actor, account, version)
    newest = versions_for(member.actor, account)[0]
    refusal, status = "", 200
    if request.method == "POST":
        if not member.actor.can_decide:
            raise NotAllowed
        based_on = request.POST.get("based_on", "")
        seen = int(based_on) if based_on.isascii() and based_on.isdigit() and len(based_on) < 9 else None
        try:
            made = restore_profile(account_id=pk, version=version, based_on=seen, by=member.actor)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            messages.success(request, _("Version %(version)d of the profile is in use.") % {"version": made.version})
            return redirect("desk:profile", pk)
    try:
        facts = facts_of(profile_of(stored))
    except ProfileInvalid:  # kept before a rule that it breaks
        facts = [(name, str(value)) for name, value in stored.settings.items()]
    context = {
        "account": account,
        "stored": stored,
        "newest": newest,
        "facts": facts,
        "read": read_with(member.actor, account).get(version, 0),
        "can": member.actor.can_decide and stored.pk != newest.pk,
        "refusal": refusal,
    }
    return show(request, member, "desk/profile_version.html", context, status=status)


def _account(member: Member, pk: int) -> ReceivingAccount:
    found = accounts_of(member.merchant, all_of_them=True).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _take_import(request: HttpRequest, member: Member, account: ReceivingAccount) -> None:
    """The file of an import of this account, as the address names it, is what the profile is tried on."""
    made = import_for(member.actor, key_of(request.GET["file"]) or 0)
    if made.account_id != account.pk or not made.raw_name:
        raise Http404
    try_import(request, account.pk, made)


def _blank_form(request: HttpRequest, account: ReceivingAccount, versions: list[StatementProfile]) -> ProfileForm:
    """Begun with the layout that the address names, else the version in use, else the layout of the account's bank."""
    based_on = versions[0].version if versions else 0
    wanted = request.GET.get("layout", "")
    if wanted and wanted != OWN and wanted not in LAYOUTS:
        raise Http404
    if not wanted and versions:
        stored = versions[0]
        try:
            profile = profile_of(stored)
        except ProfileInvalid:
            profile = None
        return ProfileForm(profile=profile, initial={"name": stored.name, "layout": stored.layout_key, "based_on": based_on})
    own, others = layouts_for(account)
    layout = LAYOUTS.get(wanted) if wanted else next(iter([*own, *others]), None) if own else LAYOUTS.get("simple")
    if wanted == OWN or layout is None:
        bare = Profile(format="simple")
        form = ProfileForm(profile=bare, initial={"name": _("Own profile"), "based_on": based_on, "format": "csv"})
        form.profile = None
        return form
    return ProfileForm(
        profile=layout.profile, initial={"name": layout_name(layout), "layout": layout.key, "based_on": based_on}
    )  # fmt: skip


def _take_sample(request: HttpRequest, member: Member, pk: int, form: SampleForm) -> Sample | None:
    """The file that came along, kept; else the one of before."""
    upload = form.cleaned_data.get("sample") if form.is_valid() else None
    if upload:
        try:
            return keep_sample(request, member, pk, upload)
        except storage_errors():
            form.add_error("sample", _("The file could not be kept just now. Try again in a moment."))
    return sample_of(request, pk)


def _keep(member: Member, editor: Editor, profile: Profile) -> StatementProfile:
    read = editor.form.cleaned_data
    return save_profile(
        account_id=editor.account.pk,
        settings=profile.to_json(),
        layout_key=read["layout"],
        name=read["name"],
        based_on=read["based_on"],
        by=member.actor,
    )


def _look(editor: Editor) -> Look | None:
    profile = editor.form.profile
    return look_at(editor.sample, profile, editor.account) if editor.sample and profile else None


def _preview_alone(request: HttpRequest, editor: Editor) -> HttpResponse:
    """The preview, and beside it each field that has an error now or had one when the page last spoke."""
    form = editor.form
    now = form.names_with_errors
    before = [name for name in request.POST.get("shown_errors", "").split(",") if name in form.fields]
    context = {
        **_context(editor),
        "changed": [form[name] for name in dict.fromkeys([*now, *before]) if not form[name].is_hidden],
        "is_partial": True,
        "has_new_sample": bool(request.FILES) or request.POST.get("act") == "forget",
    }
    return render(request, "desk/_profile_preview.html", context)


def _context(editor: Editor) -> dict[str, Any]:
    return {
        "account": editor.account,
        "form": editor.form,
        "current": editor.current,
        "next_version": (editor.current.version if editor.current else 0) + 1,
        "sample": editor.sample,
        "sample_form": editor.sample_form,
        "look": _look(editor),
        "shown_errors": ",".join(editor.form.names_with_errors) if editor.form.is_bound else "",
    }


def _page(request: HouseRequest, member: Member, editor: Editor, *, refusal: str = "", status: int = 200) -> HttpResponse:
    own, others = layouts_for(editor.account)
    read = read_with(member.actor, editor.account)
    context = {
        **_context(editor),
        "refusal": refusal,
        "own_layouts": [(each.key, layout_name(each)) for each in own],
        "other_layouts": [(each.key, layout_name(each)) for each in others],
        "chosen_layout": editor.form["layout"].value() or "",
        "versions": [(each, read.get(each.version, 0)) for each in editor.versions],
    }
    return show(request, member, "desk/profile.html", context, status=status)
