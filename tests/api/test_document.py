"""The OpenAPI document and the page on which it is read and tried."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.cast import Cast, client_of

pytestmark = pytest.mark.django_db


def test_the_document_is_the_same_for_every_house_but_for_where_it_is(cast: Cast, far: Cast) -> None:
    first, second = (json.loads(Client().get(f"/{each.merchant.slug}/api/v1/openapi.json").content) for each in (cast, far))
    assert first.pop("servers") == [{"url": f"/{cast.merchant.slug}"}]
    assert second.pop("servers") == [{"url": f"/{far.merchant.slug}"}]
    assert first == second
    assert "/api/v1/orders/{number}/void/" in first["paths"]
    assert first["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of the house, made by an administrator: `ck_…`."}
    }
    for path, operations in first["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "patch"):
                assert operation["summary"], path
                assert operation["security"] == [{"key": []}], path
                assert {"401", "403", "429"} <= set(operation["responses"]), path


def test_the_reference_is_for_staff_and_brings_everything_from_here(cast: Cast) -> None:
    page = client_of(cast.otto).get(f"/{cast.merchant.slug}/api/").content.decode()
    assert f'data-document="/{cast.merchant.slug}/api/v1/openapi.json"' in page
    assert "//cdn" not in page
    assert client_of(cast.alice).get(f"/{cast.merchant.slug}/api/").status_code == 403
