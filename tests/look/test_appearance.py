"""The switch of colours, the tokens' contrast, and the weight of a page."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from config.accent import contrast
from config.appearance import choose_theme
from tests.look.components import render_components

ROOT = Path(settings.BASE_DIR)
TOKENS = (ROOT / "static/concilia/tokens.css").read_text(encoding="utf-8")
TEXT_ON = [
    (text, ground)
    for text, grounds in {
        "ink": ["bg", "surface"], "ink-2": ["bg", "surface", "accent-soft", "sunken"],
        "ink-3": ["bg", "surface", "accent-soft", "sunken"], "accent-text": ["bg", "surface", "accent-soft"],
        "on-accent": ["accent", "accent-hover"],
        "red": ["red-bg", "surface", "bg", "accent-soft"], "amber": ["amber-bg", "surface"],
        "green": ["green-bg", "surface", "bg"],
        "blue": ["blue-bg", "surface"], "plum": ["plum-bg", "surface"], "grey": ["grey-bg"],
    }.items()
    for ground in grounds
]  # fmt: skip


def palette(selector: str) -> dict[str, str]:
    block = TOKENS.split(selector, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#\w{6});", block))


@pytest.mark.parametrize(
    "selector", [':root, [data-bs-theme="light"] {', '[data-bs-theme="dark"] {', ":root:not([data-bs-theme]) {"]
)
def test_text_and_edges_can_be_told_from_their_ground(selector: str) -> None:
    colours = palette(selector)
    for text, ground in TEXT_ON:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for edge in ("line-strong", "accent"):
        assert contrast(colours[edge], colours["surface"]) >= 3
        assert contrast(colours[edge], colours["bg"]) >= 3


@pytest.mark.parametrize(("theme", "kept"), [("dark", "dark"), ("light", "light"), ("", ""), ("pink", "")])
def test_the_choice_of_colours_is_kept_in_a_cookie(theme: str, kept: str) -> None:
    answer = choose_theme(RequestFactory().post("/i18n/theme/", {"theme": theme, "next": "/andina/"}))
    assert answer.status_code == 302
    assert answer["Location"] == "/andina/"
    assert answer.cookies["theme"].value == kept


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_switch_leads_to_no_other_house(target: str) -> None:
    assert choose_theme(RequestFactory().post("/i18n/theme/", {"theme": "dark", "next": target}))["Location"] == "/"


def test_the_switch_answers_to_a_post_alone() -> None:
    assert choose_theme(RequestFactory().get("/i18n/theme/")).status_code == 405


@pytest.mark.django_db
def test_a_missing_page_is_in_our_look(client: Client) -> None:
    answer = client.get("/no-such-merchant/", HTTP_ACCEPT_LANGUAGE="es")
    assert answer.status_code == 404
    assert "Aquí no hay nada" in answer.content.decode()


def test_a_page_with_everything_it_needs_weighs_less_than_100_kilobytes() -> None:
    page = render_components()
    named = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
    package = Path(__import__("django_htmx").__file__).parent / "static"
    weight = len(gzip.compress(page.encode()))
    for name in named:
        place = ROOT / "static" / name
        weight += len(gzip.compress((place if place.exists() else package / name).read_bytes()))
    assert weight < 100_000, weight
