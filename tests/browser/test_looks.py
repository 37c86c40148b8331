"""The checks of pages find what they are for: each on a page that has the fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import looks

PAGE = """<!doctype html><html lang="es"><head><title>Órdenes · Andina</title><style>a {{ color: #777 }}</style></head>
<body><main><h1>Órdenes</h1>{body}</main></body></html>"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def show(page: Any, body: str = "<p>Nada que ver</p>") -> None:
    page.set_content(PAGE.format(body=body))


def test_a_sound_page_has_no_findings(page: Any) -> None:
    show(page)
    speech = looks.Languages(set())
    assert looks.barriers(page) + looks.too_wide(page) + looks.too_small(page, 44) + looks.headings(looks.said_by(page)) == []
    assert speech.mixed(looks.said_by(page), "es") == []


def test_barriers_are_found(page: Any) -> None:
    show(page, '<img src="x.png"><p style="color:#999;background:#fff">gris</p><input name="a">')
    assert {each.split(":")[0] for each in looks.barriers(page)} >= {"axe image-alt", "axe color-contrast", "axe label"}


def test_contrast_is_judged_once_for_the_same_colours(page: Any) -> None:
    judged: set[str] = set()
    show(page, '<p style="color:#999;background:#fff">gris</p>')
    assert [each for each in looks.barriers(page, judged) if "color-contrast" in each]
    assert not [each for each in looks.barriers(page, judged) if "color-contrast" in each]
    for other in (
        '<p style="color:#9a9a9a;background:#fff">otro gris</p>', '<section style="background:#555"><p>oscuro</p></section>',
        '<p style="opacity:.4">pálido</p>', '<input aria-label="a" value="x" style="color:#aaa;background:#fff">',
    ):  # fmt: skip
        show(page, other)
        assert [each for each in looks.barriers(page, judged) if "color-contrast" in each], other


def test_what_is_too_wide_or_too_small_is_found(page: Any) -> None:
    show(page, '<div style="width:500px">ancho</div><button style="height:20px">x</button>')
    assert "ancho" in looks.too_wide(page)[-1]
    show(
        page,
        '<section style="overflow:hidden"><p style="width:500px">cortado</p></section><button style="height:20px">x</button>',
    )
    assert "cortado" in looks.too_wide(page)[-1]
    assert len(looks.too_small(page, 44)) == 1


def test_a_page_without_title_or_heading_is_found(page: Any) -> None:
    page.set_content("<title> · Andina</title><h2>x</h2>")
    assert len(looks.headings(looks.said_by(page))) == 2


def test_the_other_language_is_found(page: Any) -> None:
    speech = looks.Languages({"Hosting for the win"})
    show(page, '<p>Send payment report</p><p>Answer before 24 Nov</p><p title="It is of the bank">Hosting for the win</p>')
    found = speech.mixed(looks.said_by(page), "es")
    assert [each for each in found if "Send payment report" in each]
    assert [each for each in found if "of the bank" in each]
    assert not [each for each in found if "Hosting" in each]
    show(page, "<p>Enviar reporte de pago</p>")
    assert len(speech.mixed(looks.said_by(page), "en")) >= 2  # lang="es", and the words


def test_the_words_of_a_page_that_no_browser_draws_are_read_too(page: Any) -> None:
    speech = looks.Languages(set())
    said = looks.said_by(page, PAGE.format(body="<p hidden>Send payment report</p><option>Send answer</option>"))
    assert (said.language, said.headings) == ("es", 1)
    assert [each for each in speech.mixed(said, "es") if "Send payment report" in each]
    assert "Send answer" not in said.texts
