"""Every component in a real browser: no barrier that axe finds, no sideways scrolling, hidden scripts' help without scripts."""

from pathlib import Path
from typing import Any

import django_htmx
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from tests.look.components import render_components

HOUSE = "http://concilia.test"
PLACES = (Path(settings.BASE_DIR) / "static", Path(django_htmx.__file__).parent / "static")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def open_page(browser: Any, html: str, *, width: int, scripts: bool = True) -> Any:
    """A page whose files come from the tree, without any server."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(HOUSE).partition("?")[0]
        if path == "/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
            return
        found = [place / path.removeprefix("/static/") for place in PLACES if (place / path.removeprefix("/static/")).is_file()]
        route.fulfill(path=found[0]) if found else route.fulfill(status=404)

    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{HOUSE}/")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("base", "width"), [("portal/base.html", 360), ("portal/base.html", 1280), ("desk/base.html", 1280)])
def test_axe_finds_no_barrier(browser: Any, base: str, width: int, theme: str) -> None:
    page = open_page(browser, render_components(base=base, theme=theme), width=width)
    found = Axe().run(page, options=RULES).response["violations"]
    page.context.close()
    assert not [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("language", ["es", "en"])
def test_nothing_scrolls_sideways(browser: Any, width: int, language: str) -> None:
    page = open_page(browser, render_components(language=language), width=width)
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.context.close()
    assert over <= 0


def test_targets_of_the_portal_are_large_enough(browser: Any) -> None:
    page = open_page(browser, render_components(), width=360)
    small = page.evaluate(
        """[...document.querySelectorAll('button, .btn, .check-target, select, .input, summary')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 120))"""
    )
    page.context.close()
    assert small == []


def test_the_focus_goes_to_the_errors_first(browser: Any) -> None:
    page = open_page(browser, render_components(), width=360)
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "id_amount"
    page.context.close()


def test_the_box_above_ticks_all_below(browser: Any) -> None:
    page = open_page(browser, render_components(), width=1280)
    assert page.eval_on_selector("[data-check-all]", "box => box.indeterminate")
    page.check("[data-check-all]")
    assert page.locator('input[name="o"]:checked').count() == page.locator('input[name="o"]').count()
    page.context.close()


def test_menus_open_without_scripts_and_close_by_escape_with_them(browser: Any) -> None:
    page = open_page(browser, render_components(), width=1280, scripts=False)
    page.click("details.menu.top-wide > summary")
    assert page.is_visible("details.menu.top-wide button[value=en]")
    page.context.close()
    page = open_page(browser, render_components(), width=1280)
    page.click("details.menu.top-wide > summary")
    page.keyboard.press("Escape")
    assert not page.is_visible("details.menu.top-wide button[value=en]")
    page.context.close()
