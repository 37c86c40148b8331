"""What an article's Markdown becomes: clean HTML whoever wrote it, in good time (T6)."""

from __future__ import annotations

import re
import time

import pytest

from articles.rendering import is_readable, render
from tests.safety.naughty import MARKUP, NAUGHTY

ALLOWED = re.compile(
    r"</?(?:a|blockquote|br|code|em|h[234]|hr|img|kbd|li|ol|p|picture|pre|s|source|strong|su[bp]|table|tbody|td|th|thead|tr|ul)"
    r"(?: (?:href|rel|start|src|srcset|media|width|height|alt|class|loading|decoding)=\"[^\"<>]*\")*>"
)


def shown(body: str, language: str = "es") -> str:
    return render(body, language=language, link=lambda kind, name: f"/andina/{kind}/{name}/" if name != "nowhere" else "")


def test_steps_with_pictures_stay_one_list() -> None:
    html = shown("1. Uno\n   ![Aquí](screen:sign-in)\n2. Dos\n\n# Más\n\n> **Nota.** Bien.\n")
    assert html.count("<ol>") == 1
    assert html.count("<li>") == 2
    assert "<h2>Más</h2>" in html
    assert "<blockquote>" in html


def test_links_lead_into_the_house_and_unknown_ones_are_plain_words() -> None:
    html = shown("[a](page:orders) [b](article:ticket-states) [c](page:nowhere) [d](https://banco.example/)")
    assert 'href="/andina/page/orders/"' in html
    assert 'href="/andina/article/ticket-states/"' in html
    assert '<a rel="noopener noreferrer">c</a>' in html
    assert 'href="https://banco.example/"' in html


MADE = ("{}", "# {}", "1. {}", "[{}](x)", "[x]({})", "![{}](screen:sign-in)", "> {}", "|{}|\n|-|\n|a|")
OWN = ("javascript:alert(1)", 'x" onmouseover="alert(1)', "<img src=//evil.example/x onerror=alert(1)>")


@pytest.mark.parametrize("made", MADE)
def test_hostile_text_becomes_text(made: str) -> None:
    for bad in (*MARKUP, *NAUGHTY, *OWN):
        html = shown(made.replace("{}", bad.replace("\x00", "")))
        assert "<" not in ALLOWED.sub("", html), (made, bad, html)
        links = re.findall(r'(?:href|src|srcset)="([^"]*)"', html)
        assert not [link for link in links if re.match(r"\s*(?:javascript|vbscript|data):", link, re.I)], (made, bad)
        assert "evil.example/x" not in " ".join(re.findall(r'src="([^"]*)"', html))


def test_what_takes_long_or_nests_deep_is_refused_and_the_rest_is_quick() -> None:
    bad = ("[" * 500, "*a " * 2100, "> " * 13 + "a", " " * 50 + "a", "1. " * 2000, "a" * 20_001)
    assert not any(is_readable(each) for each in bad)
    start = time.perf_counter()
    for heavy in ("[" * 390, "# a\n" * 800, "|a" * 400 + "\n" + "|-" * 400, "- a\n" * 800, "\\" * 20_000):
        assert is_readable(heavy)
        shown(heavy)
    assert time.perf_counter() - start < 12
