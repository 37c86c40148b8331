"""The OpenAPI document, and the page on which it is read and tried: for staff, under the house's own security policy."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from accounts.access import HouseRequest, staff_page

PLACE = "/{house}"


@require_safe
@staff_page()
def show_reference(request: HouseRequest) -> HttpResponseBase:
    """Every address with its fields; with a key typed in, calls are made from here."""
    return render(request, "api/reference.html", {"document": reverse("api:document")})


@require_safe
def show_document(request: HttpRequest) -> HttpResponse:
    """The document, the same for every house but for where it is. It tells nothing about anybody: no key is needed."""
    root = reverse("api:reference").removesuffix("api/")
    return JsonResponse({**_document(), "servers": [{"url": root.rstrip("/") or "/"}]})


@cache
def _document() -> dict[str, Any]:
    from api import urls

    with translation.override("en"):
        found = SchemaGenerator(patterns=_with_prefix(urls.urlpatterns)).get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # ships no types
    return dict(found)


def _with_prefix(patterns: list[Any]) -> list[Any]:
    from django.urls import include, path

    shown = [each for each in patterns if each.name not in ("reference", "document", "nowhere")]
    return [path("api/", include(shown))]
