"""The taxes whose withholding vouchers a merchant takes: added, renamed, switched off by an administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from banking.forms import WithholdingKindForm
from banking.selectors import withholding_kinds_of
from banking.services import save_withholding_kind
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, member_of, show, status_of


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_withholding(request: HouseRequest, pk: int | None = None) -> HttpResponseBase:
    """Add or change a withholding. One that was used is switched off, never erased."""
    member = member_of(request)
    kind = withholding_kinds_of(member.merchant, all_of_them=True).filter(pk=pk).first() if pk is not None else None
    if pk is not None and kind is None:
        raise Http404
    initial = {name: getattr(kind, name) for name in WithholdingKindForm.base_fields} if kind else None
    form = WithholdingKindForm(request.POST if request.method == "POST" else None, initial=initial)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                kept = save_withholding_kind(merchant=member.merchant, kind_id=pk, by=member.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("The withholding %(name)s is kept.") % {"name": kept})
                return redirect("desk:setup")
    context = {"form": form, "title": kind.name if kind else _("New withholding"), "refusal": refusal}
    return show(request, member, "desk/setup_form.html", context, status=status)
