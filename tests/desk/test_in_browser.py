"""The decision page in a real Chromium under the real policy: receipt, choices, dialogs, keys; the queue's keys.

Requests of the page are answered by Django's own test client, so that no server runs.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from reports.content import ReportContent
from tests.cast import client_of
from tests.factories import make_content, make_report
from tests.files.makers import make_ready_file
from tests.reconciliation.scene import Scene
from tickets.models import State, Ticket
from tickets.services import claim, release

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
ORIGIN = "http://testserver"


class Desk:
    """One person's browser at the desk."""

    def __init__(self, page: Any, scene: Scene, client: Client) -> None:
        self.page, self.scene, self.client = page, scene, client
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        # Playwright calls back in a context of its own, which would have a database connection of its own.
        self.context = contextvars.copy_context()
        page.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        request = route.request
        path = request.url.removeprefix(ORIGIN)
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/").split("?")[0])
            route.fulfill(path=Path(str(found))) if found else route.fulfill(status=404)
            return
        headers = {name: value for name, value in request.headers.items() if name.startswith("hx-")}
        kind, body = request.headers.get("content-type", ""), request.post_data_buffer or b""
        status, content, kept = self.context.copy().run(self._ask, request.method, path, body, kind, headers)
        route.fulfill(status=status, body=content, headers=kept)

    def _ask(self, method: str, path: str, body: bytes, kind: str, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """What Django answers; redirects are followed, as the page would."""
        if method == "POST":
            answer: Any = self.client.generic("POST", path, body, kind, headers=headers)
            if answer.status_code == 302:
                answer = self.client.get(answer.headers["Location"])
        else:
            answer = self.client.get(path, headers=headers)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kept = ("Content-Type", "Content-Security-Policy")
        return answer.status_code, content, {name: answer[name] for name in kept if name in answer}

    def open(self, name: str, *args: Any) -> None:
        self.page.goto(ORIGIN + self.scene.cast.url(name, *args))

    def bar(self) -> str:
        return str(self.page.locator(".bar--decide").inner_text())


@pytest.fixture
def desk(scene: Scene, browser: Any) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-VE")
    desk = Desk(context.new_page(), scene, client_of(scene.cast.carol))
    yield desk
    context.close()
    assert desk.complaints == []


def with_receipts(scene: Scene) -> Ticket:
    """A report of 40 dollars with two receipts, in Carol's hands, and two deposits that may be it."""
    files = [make_ready_file(customer=scene.cast.a, name=f"pago{number}.jpg") for number in (1, 2)]
    order = scene.order("40.00")
    content: ReportContent = make_content(
        scene.cast.account, [order], transfer={"file_keys": tuple(file.key for file in files), "reference_raw": "0045775572442"}
    )
    ticket = make_report(scene.cast.alice, content)
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    return ticket


def test_the_receipt_is_enlarged_turned_and_turned_over(desk: Desk, scene: Scene) -> None:
    ticket = with_receipts(scene)
    desk.open("desk:ticket", ticket.number)
    page = desk.page
    shown = page.locator("[data-view-page]:not([hidden])")
    assert shown.count() == 1
    before = shown.bounding_box()
    page.keyboard.press("+")
    assert page.locator("[data-view-percent]").inner_text() == "125 %"
    assert shown.bounding_box()["width"] > before["width"] * 1.2
    page.keyboard.press("-")
    page.keyboard.press("o")
    assert "rotate(90deg)" in shown.locator("img").get_attribute("style")
    page.keyboard.press("n")
    assert "pago2.jpg, 2 / 2" in page.locator("[data-view-place]").inner_text()
    page.click('[data-view="contrast"]')
    assert page.locator('[data-view="contrast"]').get_attribute("aria-pressed") == "true"


def test_a_choice_tells_its_effect_before_anything_happens(desk: Desk, scene: Scene) -> None:
    ticket = with_receipts(scene)
    exact = scene.line("40.00", reference="0045775572442")
    less = scene.line("39.50", reference="0045775572442")
    desk.open("desk:ticket", ticket.number)
    page = desk.page
    page.check(f'input[form="choose"][value="{exact.pk}"]')
    page.locator("#verify-button", has_text="40,00").wait_for()
    assert "1 orden pagada" in desk.bar()
    page.check(f'input[form="choose"][value="{less.pk}"]')
    page.locator("#verify-button", has_text="39,50").wait_for()
    assert "segunda persona" in desk.bar()
    assert scene.state(ticket) == State.IN_REVIEW


def test_keys_open_dialogs_and_only_focus_what_moves_money(desk: Desk, scene: Scene) -> None:
    ticket = with_receipts(scene)
    scene.line("40.00", reference="0045775572442")
    desk.open("desk:ticket", ticket.number)
    page = desk.page
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "verify-button"
    assert scene.state(ticket) == State.IN_REVIEW
    page.keyboard.press("r")
    page.wait_for_selector("#act-dialog[open] #act form")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("Escape")
    assert not page.locator("#act-dialog").evaluate("dialog => dialog.open")
    page.keyboard.press("i")
    page.wait_for_selector("#act-dialog[open] [name=question]")
    page.check('#act [name="fields_asked"][value="reference"]')
    page.fill("#act [name=question]", "¿Cuál es la referencia?")
    page.click("#act .btn-primary")
    page.wait_for_load_state("networkidle")
    assert scene.state(ticket) == State.NEEDS_INFORMATION


def test_shortcuts_are_off_for_who_switched_them_off(desk: Desk, scene: Scene) -> None:
    ticket = with_receipts(scene)
    user = scene.cast.carol.user
    assert user is not None
    user.uses_shortcuts = False
    user.save()
    desk.open("desk:ticket", ticket.number)
    desk.page.keyboard.press("r")
    desk.page.wait_for_timeout(300)
    assert not desk.page.locator("#act-dialog").evaluate("dialog => dialog.open")


def test_rows_of_the_queue_are_walked_and_opened_by_keys(desk: Desk, scene: Scene) -> None:
    first, second = scene.report("10.00"), scene.report("20.00")
    desk.open("desk:queue")
    for key in ("j", "j"):
        desk.page.keyboard.press(key)
    assert second.number in desk.page.evaluate("document.activeElement.innerText")
    desk.page.keyboard.press("k")
    assert first.number in desk.page.evaluate("document.activeElement.innerText")


def test_a_key_takes_the_ticket_of_the_row(desk: Desk, scene: Scene) -> None:
    ticket = scene.report("10.00")
    release(ticket_id=ticket.pk, by=scene.cast.carol)
    desk.open("desk:queue")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("t")
    desk.page.locator(f"#row-{ticket.pk}", has_text="Usted, hasta").wait_for()
    assert ticket.number in desk.page.evaluate("document.activeElement.innerText")
    assert scene.state(ticket) == State.IN_REVIEW


def test_nothing_runs_over_on_a_wide_screen(desk: Desk, scene: Scene) -> None:
    """At 1280 and 360 pixels tests/browser/test_desk_pages.py looks."""
    ticket = with_receipts(scene)
    line = scene.line("40.00", reference="0045775572442")
    order = scene.order("12.00")
    cast = scene.cast
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    pages: list[tuple[str, list[Any]]] = [
        ("queue", []), ("ticket", [ticket.number]), ("reject", [ticket.number]), ("verify_other", [ticket.number]), ("lines", []),
        ("line", [line.pk]), ("line_new", []), ("lines_import", []), ("orders", []), ("order", [order.number]), ("order_new", []),
        ("customers", []), ("customer", [cast.a.pk]), ("customer_new", []), ("register", [cast.a.pk]), ("conversations", []),
        ("setup", []), ("rates", []), ("search", []),
    ]  # fmt: skip
    for name, args in pages:
        desk.open(f"desk:{name}", *args)
        over = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, name
