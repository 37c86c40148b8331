"""A paper as the answer to a request: saved, never shown by the browser, never kept by anything in between."""

from __future__ import annotations

from django.http import HttpResponse

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def as_download(content: bytes, *, name: str, content_type: str = "application/pdf") -> HttpResponse:
    """The download. `name` may hold anything: what not every system takes becomes a dash."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in ".-_") else "-" for each in name)[-120:]
    answer = HttpResponse(content, content_type=content_type, headers=HEADERS)
    answer["Content-Disposition"] = f'attachment; filename="{plain}"'
    return answer
