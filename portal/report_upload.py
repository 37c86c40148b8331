"""Receipts travel as soon as they are chosen, each on its own, into the draft of the form."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused
from files.checks import check_upload
from portal.requests import visitor_of
from reports.drafts import draft_of, files_by_position
from reports.forms.fields import read_uuid
from reports.models import VOUCHER_FILES
from reports.services import remove_draft_file, save_draft


@require_POST
@customer_page("report")
def upload(request: HouseRequest, key: uuid.UUID, position: int) -> JsonResponse:
    """Keep `file` for the transfer at `position` (from 1), or for a voucher (`VOUCHER_FILES` more), in place of `replaces`;
    or forget `remove`. See `receipt.js`.
    """
    visitor = visitor_of(request)
    if not 1 <= position <= VOUCHER_FILES + 10:
        raise Http404
    for name in ("remove", "replaces"):
        old = read_uuid(request.POST.get(name, ""))
        if old is not None:
            with suppress(Http404):  # Gone already: that is what was asked for.
                remove_draft_file(customer=visitor.customer, key=key, file_key=old, by=visitor.actor)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({}) if "remove" in request.POST else JsonResponse({"error": _("Choose a file.")}, status=400)
    draft = draft_of(visitor.customer, visitor.user, key)
    try:
        sha256 = check_upload(file).sha256
        draft = save_draft(
            customer=visitor.customer, key=key, data=draft.data if draft else {}, uploads={position: [file]}, by=visitor.actor
        )
    except Refused as refused:
        return JsonResponse({"error": refused.message}, status=409 if refused.code == "already_sent" else 400)
    kept = next((each for each in files_by_position(draft).get(position, []) if each.sha256 == sha256), None)
    if kept is None:
        raise Http404
    return JsonResponse({"key": str(kept.key), "name": kept.original_name, "thumb_url": reverse("files:thumb", args=[kept.key])})
