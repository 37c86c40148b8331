"""Links of a page's rows say what Django's own lookup says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch, reverse, set_urlconf

from accounts.links import links_to


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    set_urlconf("config.merchant_urls")
    with override_script_prefix("/NUMBER-house/"):
        yield
    set_urlconf(None)


@pytest.mark.parametrize("number", ["B-12", "NUMBER", "2026_004", "INV/2026/0042", "..", "a%2Fb", "ñ &<\"'", "x.y", "A\n"])
def test_a_row_leads_where_its_number_leads(number: str) -> None:
    assert links_to("portal:order")(number) == reverse("portal:order", args=[number])


def test_a_route_that_ends_after_the_number() -> None:
    assert links_to("desk:claim_row")("B-12") == reverse("desk:claim_row", args=["B-12"])


def test_what_a_route_does_not_take_is_refused_all_the_same() -> None:
    with pytest.raises(NoReverseMatch):
        links_to("desk:ticket")("a/b")
