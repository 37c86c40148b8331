"""T20: a forwarded header counts only when a proxy of ours wrote it."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.proxy import TrustedProxyMiddleware


def seen_through(count: int, settings: Any, **headers: str) -> HttpRequest:
    """The request as the pages see it, with `count` trusted proxies."""
    settings.TRUSTED_PROXY_COUNT = count
    seen: list[HttpRequest] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.5")
    TrustedProxyMiddleware(page)(request)
    return seen[0]


def test_t20_without_a_proxy_nothing_is_believed(settings: Any) -> None:
    request = seen_through(0, settings, **{"x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https", "x-real-ip": "1.2.3.4"})
    assert request.META["REMOTE_ADDR"] == "10.0.0.5"
    assert not request.is_secure()
    assert not [name for name in request.META if "FORWARDED" in name]


def test_t20_with_one_proxy_the_last_hop_is_the_client(settings: Any) -> None:
    request = seen_through(1, settings, **{"x-forwarded-for": "9.9.9.9, 1.2.3.4", "x-forwarded-proto": "https"})
    assert request.META["REMOTE_ADDR"] == "1.2.3.4"
    assert request.is_secure()


def test_t20_with_two_proxies_it_is_the_last_but_one(settings: Any) -> None:
    request = seen_through(2, settings, **{"x-forwarded-for": "9.9.9.9, 1.2.3.4, 10.0.0.9"})
    assert request.META["REMOTE_ADDR"] == "1.2.3.4"
    assert not request.is_secure()


@pytest.mark.parametrize("text", ["", "nonsense", "1.2.3.4, ", "<script>", "1.2.3.4\r\nX: y"])
def test_t20_a_header_without_an_address_changes_nothing(settings: Any, text: str) -> None:
    assert seen_through(1, settings, **{"x-forwarded-for": text}).META["REMOTE_ADDR"] == "10.0.0.5"
