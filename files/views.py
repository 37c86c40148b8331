"""Private files over HTTP: re-encoded copies alone, to those who may see them, under one fixed type."""

from __future__ import annotations

import uuid
from typing import cast

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import lacks_second_factor
from accounts.actors import Actor
from files.models import StoredFile
from files.selectors import file_for
from files.services import note_view
from files.storage import signed_address, signs_addresses, storage_errors

CONTENT_TYPE = "image/jpeg"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
SLOWEST_POLL_S = 30


@require_safe
def show_page(request: HttpRequest, key: uuid.UUID, page: int) -> HttpResponseBase:
    """One page as JPEG; `?download=1` saves it instead of showing it. Looks of staff are noted."""
    actor, file = _file_asked_for(request, key)
    if not 1 <= page <= file.copy_count:
        raise Http404
    if request.method == "GET":
        note_view(file=file, by=actor)
    return _answer(file, str(page), download="download" in request.GET)


@require_safe
def show_thumb(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The small picture of the first page."""
    _actor, file = _file_asked_for(request, key)
    if not file.is_ready:
        raise Http404
    return _answer(file, "thumb", download=False)


@require_safe
def show_status(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The fragment that stands for a file while its copies are made; asks for itself, ever more slowly, until they are."""
    _actor, file = _file_asked_for(request, key)
    asked = request.GET.get("n", "0")
    times = min(int(asked), SLOWEST_POLL_S) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    response = render(request, "files/_thumb.html", {"file": file, "asked": times + 1})
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _file_asked_for(request: HttpRequest, key: uuid.UUID) -> tuple[Actor, StoredFile]:
    """Who looks, and at what; strangers, and staff without their second factor, get the 404 of a file that never was."""
    actor = cast("Actor | None", getattr(request, "actor", None))
    if actor is None or lacks_second_factor(actor):
        raise Http404
    return actor, file_for(actor, key)


def _answer(file: StoredFile, copy: str, *, download: bool) -> HttpResponseBase:
    """Stream the copy from a folder, or send the browser to S3 with an address that works for five minutes."""
    # The name is ours: what the sender called the file never reaches a header.
    name = f"receipt-{str(file.key)[:8]}-{copy}.jpg"
    stored = file.copy_name(copy)
    if signs_addresses(default_storage):
        disposition = f'{"attachment" if download else "inline"}; filename="{name}"'
        address = signed_address(stored, content_type=CONTENT_TYPE, disposition=disposition)
        return HttpResponseRedirect(address, headers={key: HEADERS[key] for key in ("Cache-Control", "Referrer-Policy")})
    try:
        content = default_storage.open(stored)
    except storage_errors() as missing:
        raise Http404 from missing
    return FileResponse(content, as_attachment=download, filename=name, content_type=CONTENT_TYPE, headers=HEADERS)
