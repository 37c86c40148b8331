"""receipt.js in a real Chromium: uploads on choosing, drops the place a photo was taken at, and loses nothing when that fails."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from PIL import Image

from tests.files import hostile

pytestmark = pytest.mark.browser

ORIGIN = "http://receipts.test"
PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Receipts</title>
<link rel="stylesheet" href="/static/vendor/bootstrap/bootstrap-reboot.min.css">
<link rel="stylesheet" href="/static/concilia/tokens.css"><link rel="stylesheet" href="/static/concilia/base.css">
<main class="page"><h1>Comprobante</h1>
<form method="post" action="/send" enctype="multipart/form-data">
<input type="hidden" name="csrfmiddlewaretoken" value="token-of-the-page">
<input name="reference" aria-label="Ref" value="0045">
<label for="id_t-0-receipt">Comprobante</label>{field}
<button class="btn btn-primary" id="send">Enviar</button></form></main>
<script src="/static/concilia/receipt.js"></script>
</html>"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; form-action 'self'"
)


class Server:
    """Answers the page's requests and keeps what was posted."""

    def __init__(self) -> None:
        self.uploads: list[bytes] = []
        self.sent: list[bytes] = []
        self.answer: Callable[[int], tuple[int, str]] = lambda number: (
            200, json.dumps({"key": f"key-{number}", "name": "x.jpg", "thumb_url": "/thumb.jpg"})
        )  # fmt: skip
        self.language = "es"

    def __call__(self, route: Any) -> None:
        request = route.request
        path = request.url.removeprefix(ORIGIN)
        if path == "/upload":
            body = request.post_data_buffer or b""
            self.uploads.append(body)
            status, text = self.answer(len(self.uploads))
            route.fulfill(status=status, body=text, content_type="application/json")
        elif path == "/send":
            self.sent.append(request.post_data_buffer or b"")
            route.fulfill(status=200, body="<title>sent</title>", content_type="text/html")
        elif path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=found) if found else route.fulfill(status=404)
        elif path == "/":
            with translation.override(self.language):
                field = render_to_string(
                    "files/_receipt_field.html",
                    {"name": "t-0-receipt", "field_id": "id_t-0-receipt", "key_name": "t-0-file", "upload_url": "/upload"},
                )
            html = PAGE.format(language=self.language, field=field)
            route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        else:
            route.fulfill(status=404)

    def pictures(self) -> list[bytes]:
        """The JPEGs that were uploaded."""
        return [body[body.index(b"\xff\xd8\xff") : body.rindex(b"\xff\xd9") + 2] for body in self.uploads]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    tab.route("**/*", server)
    tab.goto(ORIGIN + "/")
    yield tab
    context.close()
    assert errors == []


def choose(page: Any, *files: tuple[str, str, bytes]) -> None:
    payload = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    page.set_input_files('input[type="file"]', payload)


def uploaded(page: Any, count: int) -> None:
    """Wait until that many files are named in the form."""
    page.locator('input[name="t-0-file"]').nth(count - 1).wait_for(state="attached")


PHOTO = ("foto.jpg", "image/jpeg", hostile.jpeg_with_gps())


def form_body(page: Any, server: Server) -> bytes:
    page.click("#send")
    page.wait_for_url(ORIGIN + "/send")
    return server.sent[0]


def test_a_chosen_photo_is_uploaded_at_once_without_its_place_and_named_in_the_form(page: Any, server: Server) -> None:
    choose(page, PHOTO)
    page.wait_for_selector('input[name="t-0-file"][value="key-1"]', state="attached")
    assert b"token-of-the-page" in server.uploads[0]
    (picture,) = server.pictures()
    assert b"Exif" not in picture
    assert b"Secret" not in picture
    # Upright as the phone meant it: 800 × 600 with orientation 6.
    assert Image.open(io.BytesIO(picture)).size == (600, 800)
    assert "foto.jpg" in page.text_content("[data-receipts-live]")
    body = form_body(page, server)
    assert b"key-1" in body
    assert b"0045" in body
    assert b"\xff\xd8\xff" not in body


def test_large_photos_are_made_smaller(page: Any, server: Server) -> None:
    choose(page, ("grande.jpg", "image/jpeg", hostile.jpeg(3000, 4000)))
    page.wait_for_selector('input[name="t-0-file"]', state="attached")
    assert Image.open(io.BytesIO(server.pictures()[0])).size == (1500, 2000)


def test_a_pdf_goes_as_it_is(page: Any, server: Server) -> None:
    choose(page, ("recibo.pdf", "application/pdf", hostile.pdf()))
    page.wait_for_selector('input[name="t-0-file"]', state="attached")
    assert hostile.pdf() in server.uploads[0]


def test_when_the_upload_fails_the_form_carries_the_file(page: Any, server: Server) -> None:
    server.answer = lambda number: (502, "<html>bad gateway</html>")
    choose(page, PHOTO)
    page.wait_for_selector("[data-receipts-again]:not([hidden])")
    body = form_body(page, server)
    assert b'name="t-0-receipt"; filename="foto.jpg"' in body
    assert b"\xff\xd8\xff" in body
    assert b'name="t-0-file"' not in body


def test_trying_again_uploads_it_after_all(page: Any, server: Server) -> None:
    fine = server.answer
    server.answer = lambda number: (503, "") if number == 1 else fine(number)
    choose(page, PHOTO)
    page.click("[data-receipts-again]")
    page.wait_for_selector('input[name="t-0-file"][value="key-2"]', state="attached")
    assert b"\xff\xd8\xff" not in form_body(page, server)


def test_what_the_server_refuses_is_said_and_not_sent(page: Any, server: Server) -> None:
    server.answer = lambda number: (400, json.dumps({"error": "Esto es una página web."}))
    choose(page, ("x.pdf", "application/pdf", hostile.HTML))
    page.wait_for_selector("[data-receipts-problem]:not([hidden])")
    assert page.text_content("[data-receipts-problem]") == "Esto es una página web."
    assert page.locator("[data-receipts-item]").count() == 0
    assert b"<!DOCTYPE" not in form_body(page, server)


def test_wrong_types_are_refused_before_they_are_sent(page: Any, server: Server) -> None:
    choose(page, ("carta.docx", "application/msword", b"PK"), ("dibujo.svg", "image/svg+xml", hostile.SVG))
    assert "dibujo.svg" in page.text_content("[data-receipts-problem]")
    assert server.uploads == []
    assert b"PK" not in form_body(page, server)


def test_rotating_sends_the_turned_picture_in_place_of_the_first(page: Any, server: Server) -> None:
    choose(page, PHOTO)
    page.wait_for_selector('input[value="key-1"]', state="attached")
    page.click("[data-receipts-turn]")
    page.wait_for_selector('input[value="key-2"]', state="attached")
    assert re.search(rb'name="replaces"\r\n\r\nkey-1', server.uploads[1])
    assert Image.open(io.BytesIO(server.pictures()[1])).size == (800, 600)
    assert page.locator('input[name="t-0-file"]').count() == 1


def test_removing_takes_it_out_of_the_form_and_says_so(page: Any, server: Server) -> None:
    choose(page, PHOTO)
    page.wait_for_selector('input[value="key-1"]', state="attached")
    page.click("[data-receipts-remove]")
    page.locator("[data-receipts-item]").wait_for(state="detached")
    page.wait_for_timeout(100)
    assert b'name="remove"' in server.uploads[1]
    assert "foto.jpg" in page.text_content("[data-receipts-live]")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    assert b"key-1" not in form_body(page, server)


def test_a_sixth_file_is_one_too_many(page: Any, server: Server) -> None:
    choose(page, *[(f"{n}.pdf", "application/pdf", hostile.pdf()) for n in range(6)])
    uploaded(page, 5)
    assert not page.is_hidden("[data-receipts-problem]")


def test_pasting_and_dropping_upload_too(page: Any, server: Server) -> None:
    page.evaluate(
        """(bytes) => {
            const make = () => new File([new Uint8Array(bytes)], 'pegado.pdf', {type: 'application/pdf'});
            for (const kind of ['paste', 'drop']) {
                const data = new DataTransfer(); data.items.add(make());
                const event = kind === 'paste'
                    ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true})
                    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
                document.querySelector('[data-receipts-drop]').dispatchEvent(event);
            }
        }""",
        list(hostile.pdf()),
    )
    uploaded(page, 2)


def test_without_javascript_it_is_a_file_input(browser: Any, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.route("**/*", server)
    tab.goto(ORIGIN + "/")
    assert tab.is_visible('input[type="file"]')
    assert tab.locator("button:visible").count() == 1
    choose(tab, PHOTO)
    body = form_body(tab, server)
    assert hostile.jpeg_with_gps() in body
    context.close()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_looks_right_and_axe_finds_nothing(
    browser: Any, server: Server, language: str, width: int, request: pytest.FixtureRequest
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    server.language = language
    context = browser.new_context(viewport={"width": width, "height": 740}, has_touch=width == 360, is_mobile=width == 360)
    tab = context.new_page()
    tab.route("**/*", server)
    tab.goto(ORIGIN + "/")
    choose(tab, ("comprobante.jpg", "image/jpeg", hostile.jpeg()))
    tab.wait_for_selector('input[name="t-0-file"]', state="attached")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(tab)
    assert results.violations_count == 0, results.generate_report()
    shots = request.config.rootpath / "test-artifacts" / "files"
    shots.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=str(shots / f"receipt-{language}-{width}.png"), full_page=True)
    context.close()


def test_the_script_is_small() -> None:
    assert Path(str(finders.find("concilia/receipt.js"))).stat().st_size < 20_000
