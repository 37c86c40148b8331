"""The profile's editor in a real Chromium: the preview follows each change, beside fields that say what is wrong; axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.cast import client_of
from tests.desk.test_in_browser import ORIGIN, Desk
from tests.desk.test_profiles import sample, typed
from tests.reconciliation.scene import Scene

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.fixture
def editor(scene: Scene, browser: Any) -> Iterator[Desk]:
    """Carol's editor with a file tried on it, at the width of a desk."""
    client = client_of(scene.cast.carol)
    context = browser.new_context(locale="es-VE", viewport={"width": 1280, "height": 900})
    desk = Desk(context.new_page(), scene, client)
    address = scene.cast.url("desk:profile", scene.cast.account.pk)
    client.post(address, {**typed(), "act": "try", "sample": sample()})
    client.post(address, {**typed(), "act": "keep"})
    desk.page.goto(ORIGIN + address)
    yield desk
    assert desk.complaints == []
    context.close()


def test_the_preview_follows_each_change(editor: Desk) -> None:
    page = editor.page
    preview = page.locator("#preview")
    assert "2 movimientos leídos" in preview.inner_text()
    page.select_option("#id_date_choice", "%m/%d/%Y")
    preview.get_by_text("El archivo no se puede leer así.").wait_for()
    page.select_option("#id_date_choice", "%d/%m/%Y")
    preview.get_by_text("2 movimientos leídos").wait_for()


def test_an_error_comes_beside_its_field_and_goes_again(editor: Desk) -> None:
    page = editor.page
    page.fill("#id_column_amount", "")
    page.locator("#id_column_date").focus()  # leaving the field is the change
    page.locator("#id_column_amount-error").wait_for()
    assert page.evaluate("document.activeElement.id") == "id_column_date"
    page.fill("#id_column_amount", "Monto")
    page.locator("#id_column_date").focus()
    page.locator("#id_column_amount-error").wait_for(state="detached")
    page.locator("#preview").get_by_text("2 movimientos leídos").wait_for()


def test_a_kind_of_file_shows_its_own_settings(editor: Desk) -> None:
    page = editor.page
    assert page.locator("#id_separator").is_visible()
    assert not page.locator("#id_row_length").is_visible()
    page.select_option("#id_format", "fixed")
    page.locator("#id_row_length").wait_for()
    assert not page.locator("#id_separator").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(editor: Desk, width: int) -> None:
    editor.page.set_viewport_size({"width": width, "height": 900})
    found = Axe().run(editor.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    overflow = editor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
