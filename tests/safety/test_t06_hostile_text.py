"""T6: naughty strings in every text there is, and every page and letter opened in Chromium under the policy that people get.

No dialog, no report of the policy, no element or attribute that our templates did not write, and the text is there to be read.

Seen to fail: with `|safe` on an order's description, a customer's name, a message, a letter's quote, a bank's text; with
subjects of several lines.
"""

from __future__ import annotations

import logging
import mailbox
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from letters.rendering import build_message, render_letter
from tests.once import built_once
from tests.safety.actors import World, body_of, make_world
from tests.safety.hostile_world import hostile_letters, poison
from tests.safety.mirrors import MERCHANT
from tests.safety.naughty import MARKUP, NAUGHTY, fitting
from tests.safety.pages import Page, filled
from tests.safety.shown import Shown
from tests.safety.world import PICTURE

pytestmark = pytest.mark.browser


def hostile_world() -> World:
    world = make_world()
    poison(world)
    return world


built = built_once(hostile_world)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    logging.disable(logging.CRITICAL)
    yield built
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def shown(built: World, browser: Any) -> Iterator[Shown]:
    opened = Shown.in_browser(browser, built)
    yield opened
    opened.page.context.close()


def reader_of(page: Page) -> str:
    return "ada" if page.who.startswith("staff") else "stranger" if page.who in ("entry", "public") else "alice"


SAVED = {
    "desk:export_file", "desk:import_original", "portal:order_pdf", "portal:fiscal_document", "portal:ticket_receipt",
    "desk:order_pdf", "desk:fiscal_document", "desk:ticket_receipt",
}  # a browser saves these, and shows nothing  # fmt: skip
BORROWED = {"api:reference"}  # drawn by Swagger from a document in which stands nobody's text
SHOWN = [name for name, page in MERCHANT.items() if page.get == 200 and page.who != "file" and name not in SAVED | BORROWED]


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_full_of_hostile_text_shows_it_as_text(world: World, shown: Shown, name: str) -> None:
    page = MERCHANT[name]
    who = reader_of(page)
    url = filled(world, name, page)
    assert not shown.show(who, url)
    assert shown.status == page.get
    if "q" in page.query(world):
        assert not shown.show(
            who, f"{url}?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&state=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(2)%3E"
        )


@pytest.mark.parametrize(
    ("who", "name", "kind"), [("alice", "portal:orders", "order"), ("ada", "desk:orders", "order"), ("ada", "desk:lines", "line")]
)
def test_every_string_stands_in_its_list_to_be_read(world: World, shown: Shown, who: str, name: str, kind: str) -> None:
    text = ""
    for number in range(1, 8):
        assert not shown.show(who, f"{world.url(name)}?page={number}")
        text += shown.text() + "\n"
    seen = [each for each in MARKUP if " ".join(each.split()) in text]
    # Each row has other strings than it was made with (`poison` writes over them); most of the list must be there.
    assert len(seen) > len(MARKUP) * 0.7, (len(seen), len(MARKUP))


@pytest.mark.parametrize(
    "state", ["needs_information", "rejected", "waiting_for_bank", "verified", "reversed", "awaiting_approval", "reversing"]
)
def test_a_ticket_in_any_state_shows_hostile_text_as_text(world: World, shown: Shown, state: str) -> None:
    number = world.andina.alice.tickets[state].number
    assert not shown.show("alice", world.url("portal:ticket", number))
    assert not shown.show("ada", world.url("desk:ticket", number))


def test_a_draft_full_of_hostile_text_is_typed_back_as_text(world: World, shown: Shown) -> None:
    key = world.andina.alice.drafts["waiting"].key
    for name in ("portal:report", "portal:report_check"):
        assert not shown.show("alice", f"{world.url(name)}?draft={key}&check=1")


def test_the_far_house_and_the_front_door_too(world: World, shown: Shown) -> None:
    for who, url in (("stranger", "/"), ("stranger", "/litoral/"), ("far_alice", "/litoral/"), ("far_ada", "/litoral/staff/")):
        assert not shown.show(who, url)
    for url in (
        "/andina/%3Cscript%3Ealert(1)%3C/script%3E/",
        "/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/andina/orders/%3Csvg%20onload=alert(1)%3E/",
    ):
        assert not shown.show("alice", url)


# --- Through the forms -----------------------------------------------------------------------

FREE = {
    "city", "reference", "note_es", "institution", "source", "duplicate_of", "reference_point", "holder_tax_id", "question",
    "holder", "subject", "note_en", "payer_name", "description", "answer_note", "line-0-tax_name", "number", "tax_id",
    "payer_tax_id", "name", "origin_bank_code", "note", "address", "name_es", "name_en", "state", "text", "adjustment_note",
    "line-0-description", "payer_id",
}  # fmt: skip
TEXT_REASONS = ("desk:order_void", "desk:line_new")
ACTS = [name for name, page in MERCHANT.items() if page.acts and name.startswith(("portal", "desk"))]


def bodies(world: World, name: str, serial: int) -> list[dict[str, Any]]:
    """The good body with a string in every field, then in those alone that take any text; files are called by one too."""
    good = dict(MERCHANT[name].data(world))
    free = FREE | ({"reason"} if name in TEXT_REASONS else set())

    def bad(value: Any, place: int) -> Any:
        if isinstance(value, list) and value and hasattr(value[0], "read"):
            return [SimpleUploadedFile(f"{fitting(serial + place, 100, only=MARKUP).replace('/', '')}.jpg", PICTURE)]
        if hasattr(value, "read") or isinstance(value, list):
            return value
        return fitting(serial + place, 20, only=MARKUP) if place % 3 else fitting(serial + place, 60, only=MARKUP)

    everything = {each: bad(value, place) for place, (each, value) in enumerate(good.items())}
    texts = {each: bad(value, place) if each in free else value for place, (each, value) in enumerate(good.items())}
    return [everything, texts]


@pytest.fixture(scope="module")
def seen_before() -> set[str]:
    """Templates that the browser was given with what was typed."""
    return set()


@pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", ACTS)
def test_hostile_text_through_a_form_comes_back_as_text(
    world: World, shown: Shown, seen_before: set[str], name: str, thoroughly: bool
) -> None:
    """What was kept is shown by the pages above; what was refused and typed back the browser sees here, each template once,
    `thoroughly` after each act."""
    page = MERCHANT[name]
    url = filled(world, name, page)
    for is_kept, body in enumerate(bodies(world, name, ACTS.index(name) * 5)):
        with world.undone():
            answer = world.ask(page.by, "post", url, body)
            assert answer.status_code < 500
            if answer.status_code == 302:
                target = answer.headers["Location"]
                answer, where = world.ask(page.by, "get", target), target
                if answer.status_code != 200:
                    continue
            else:
                where = url
            text = body_of(answer)
            if "json" in answer.headers.get("Content-Type", "") or "Content-Disposition" in answer.headers:
                continue
            raw = [each for each in MARKUP if each in text and ("<" in each or '"' in each) and each != escape(each)]
            assert not raw, name
            template = f"{answer.templates[0].name} {is_kept}" if answer.templates else ""
            if thoroughly or (where == url and template not in seen_before):
                seen_before.add(template)
                assert not shown.show(page.by, where, given=answer)


# --- Letters ---------------------------------------------------------------------------------


def test_every_kind_of_letter_shows_hostile_text_as_text(world: World, shown: Shown, settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.DEMO_MAIL_DIR = True, tmp_path / "mail"
    box = mailbox.Maildir(settings.DEMO_MAIL_DIR, create=True)
    letters = hostile_letters(world)
    for letter in letters:
        for language in ("es", "en"):
            letter.language = language
            rendered = render_letter(letter)
            letter.subject, letter.text, letter.html = rendered.subject, rendered.text, rendered.html
            message = build_message(letter).message()
            assert not [each for each in MARKUP if each in rendered.html and "<" in each]
        box.add(message.as_bytes())
    assert len(letters) > 10
    assert not shown.show("stranger", "/demo/letters/")
    shown.page.context.add_init_script("window.__letter = location.pathname.endsWith('/html/')")
    for key in box.keys():  # noqa: SIM118 - a mailbox is no dict
        assert not shown.show("stranger", f"/demo/letters/{key}/")
        assert not shown.show("stranger", f"/demo/letters/{key}/html/")


def test_no_text_of_a_letter_makes_a_header_of_its_own(world: World) -> None:
    for letter in hostile_letters(world, "a\r\nBcc: x5q@x.example\u2028Cc: y\n"):
        rendered = render_letter(letter)
        letter.subject, letter.text, letter.html = rendered.subject, rendered.text, rendered.html
        assert not {"\n", "\r", "\u2028"} & set(rendered.subject)
        message = build_message(letter).message()
        assert not {"bcc", "cc"} & {name.lower() for name in message.keys()}  # noqa: SIM118 - a message is no dict


# --- The test itself -------------------------------------------------------------------------


def test_a_text_that_comes_to_life_would_be_seen(world: World, shown: Shown) -> None:
    """Each way of watching sees what it watches for."""
    for text, sign in (
        ("<img src=x onerror=alert(6)>", "policy"),
        ("<img src=x onerror=alert(6)>", "alive"),
        ("<x5q-element>", "alive"),
        ("<img src=//x5q.example/x.png>", "policy"),
    ):
        answer = world.ask("stranger", "get", world.url("portal:about"))
        answer.content = answer.content.replace(b"</main>", text.encode() + b"</main>")
        assert [each for each in shown.show("stranger", world.url("portal:about"), given=answer) if sign in each], text
    loose = world.ask("stranger", "get", world.url("portal:about"))
    loose.content = loose.content.replace(b"</main>", b"<script>alert(1)</script></main>")
    del loose.headers["Content-Security-Policy"]
    assert [each for each in shown.show("stranger", world.url("portal:about"), given=loose) if "dialog" in each]
    assert len(NAUGHTY) > 120
