"""The pictures of the pages, taken into the folder that CONCILIA_SCREENS names; without it nothing is taken.

    CONCILIA_SCREENS=docs/screens make test ARGS=tests/browser/test_screens.py

The town, its people and the time are fixed, so a picture changes only when its page does.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from accounts.actors import Actor
from reconciliation.models import StatementImport
from reconciliation.services import propose_matches
from reports.models import ReportDraft
from tests.browser import walks
from tests.browser.person import Person
from tests.browser.scenery import Scenery, decide_next, grow_more
from tests.browser.town import TODAY, Town
from tests.browser.visits import NARROW, WIDE
from tests.jobs import run_due_jobs

pytestmark = pytest.mark.skipif(
    "CONCILIA_SCREENS" not in os.environ, reason="pictures are taken when CONCILIA_SCREENS says where to"
)
FOLDER = Path(settings.BASE_DIR) / os.environ.get("CONCILIA_SCREENS", "")
MOST_BYTES = 200_000
REFERENCE = "0045 7755 7244 2"


# What articles of help show (`articles/texts/`): parts of pages, by these names.
ARTICLE_PICTURES = (
    "code", "deposit", "desk-import", "desk-months", "desk-queue", "desk-reverse", "desk-ticket", "desk-workbench", "form-orders",
    "form-paper", "form-payment", "form-receipt", "form-reference", "form-totals", "form-withholding", "history", "home",
    "invite", "profile", "question", "sent", "sign-in", "statement", "support", "tickets",
)  # fmt: skip


def keep(who: Person, name: str, part: str = "") -> None:
    """The whole page as a small PNG, what sticks to the edge at its edge; or a part of it, for an article."""
    page, width = who.page, who.page.viewport_size["width"]
    shape = WIDE if width == WIDE["width"] else NARROW
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    for _ in range(2):  # a taller window may make room for more
        height = max(shape["height"], int(page.evaluate("document.documentElement.scrollHeight")))
        page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(150)
    picture = Image.open(io.BytesIO(page.screenshot(clip=around(page, part)) if part else page.screenshot()))
    page.set_viewport_size(shape)
    path = FOLDER / ("help" if part else "") / f"{name}-{who.language}-{width}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    few_colours(picture.convert("RGB")).save(path, optimize=True)
    assert path.stat().st_size <= MOST_BYTES, f"{path.name} has {path.stat().st_size} bytes"


def around(page: Any, part: str) -> Any:
    """Where a part of the page stands, with a little of what is around it."""
    box, window, margin = page.locator(part).first.bounding_box(), page.viewport_size, 0 if part == "main" else 16
    left, top = max(0, box["x"] - margin), max(0, box["y"] - margin)
    right = min(window["width"], box["x"] + box["width"] + margin)
    bottom = min(window["height"], box["y"] + box["height"] + margin)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def few_colours(picture: Image.Image) -> Image.Image:
    """A palette of 256: colours that fill areas stay exactly what they are, the edges of letters take the nearest of the rest."""
    often = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:160]
    rest = picture.quantize(256 - len(often), dither=Image.Dither.NONE).getpalette() or []
    palette = np.array([part for _count, colour in often for part in colour] + rest[: 3 * (256 - len(often))]).reshape(-1, 3)
    pixels = np.asarray(picture, dtype=np.int64).reshape(-1, 3)
    colours, places = np.unique(pixels @ [65536, 256, 1], return_inverse=True)
    parts = np.stack([colours // 65536, colours // 256 % 256, colours % 256], axis=1)
    nearest = [((each - palette) ** 2).sum(axis=1).argmin() for each in parts]
    made = Image.fromarray(np.array(nearest, dtype=np.uint8)[places].reshape(picture.height, picture.width), "P")
    made.putpalette(palette.astype(np.uint8).tobytes())
    return made


def each_shape(make: Callable[..., Person]) -> Iterator[Person]:
    """The same person in both languages and at both widths, one after the other."""
    for language in ("es", "en"):
        who = make(language=language)
        for shape in (WIDE, NARROW):
            who.page.set_viewport_size(shape)
            yield who


def fill_report(who: Person, town: Town) -> None:
    """The form as the mockup shows it: three orders, a little too much, a photo, the invoice on paper."""
    walks.tick_orders(who, *(town.orders[tail] for tail in ("4512", "4587", "4603")))
    walks.fill_transfer(who, reference=REFERENCE, paid_on=TODAY, amount="1.250,00" if who.language == "es" else "1,250.00")
    walks.add_photo(who, town.photo("1250.00", REFERENCE.replace(" ", "")))
    walks.wish_paper(who)
    walks.settled(who)
    run_due_jobs()


@pytest.mark.timeout(600)
def test_pictures_of_the_portal(scenery: Scenery) -> None:
    town = scenery.town

    def stranger(**kw: Any) -> Person:
        return town.person(None, **kw)

    def alicia(**kw: Any) -> Person:
        return town.alicia(phone=False, **kw)

    for who in each_shape(stranger):
        who.open("portal:home")
        keep(who, "public")
        who.open("account_login")
        keep(who, "login")
    for who in each_shape(alicia):
        who.open("portal:home")
        for tail in ("4512", "4587", "4603"):
            who.page.check(f'[name="orders"][value="{town.orders[tail].pk}"]')
        keep(who, "portal-home")
        for name, page, args in (
            ("orders", "portal:orders", ()), ("order", "portal:order", (town.orders["4401"].number,)),
            ("tickets", "portal:tickets", ()), ("ticket", "portal:ticket", (scenery.number("asked"),)),
        ):  # fmt: skip
            who.open(page, *args)
            keep(who, name)
        fill_report(who, town)
        keep(who, "report-form")
        walks.check(who)
        keep(who, "report-check")
        ReportDraft.objects.all().delete()
    decide_next(town, scenery)
    for who in each_shape(alicia):
        who.open("portal:report_sent", scenery.number("decision"))
        keep(who, "report-sent")


@pytest.mark.timeout(600)
def test_pictures_of_the_desk(scenery: Scenery) -> None:
    town = scenery.town
    decide_next(town, scenery)
    merchant = town.andina.merchant
    propose_matches(merchant=merchant, by=Actor.system(merchant))
    odd = StatementImport.objects.filter(merchant=merchant, lines_rejected__gt=0).latest("pk")

    def carmen(**kw: Any) -> Person:
        return town.staff("Carmen", **kw)

    customer = next(each for each in town.andina.customers if each.name == "Posada Los Frailejones")
    for who in each_shape(carmen):
        who.open("desk:ticket", scenery.number("decision"))
        who.page.wait_for_function("document.querySelector('[data-view-page] img').naturalWidth > 300")
        keep(who, "desk-ticket")
        for name, page, args in (
            ("desk-queue", "desk:queue", ()), ("desk-lines", "desk:lines", ()), ("desk-orders", "desk:orders", ()),
            ("desk-customer", "desk:customer", (town.customer.pk,)), ("desk-setup", "desk:setup", ()),
            ("desk-register", "desk:register", (customer.pk,)), ("desk-workbench", "desk:workbench", ()),
            ("desk-import", "desk:import", (odd.pk,)), ("desk-books", "desk:books", ()),
        ):  # fmt: skip
            who.open(page, *args)
            keep(who, name)


# --- Articles of help ------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_pictures_of_the_articles_for_customers(scenery: Scenery) -> None:
    town = scenery.town
    for who in each_shape(lambda **kw: town.person(None, **kw)):
        who.open("account_login")
        keep(who, "sign-in", "main")
        who.open("account_request_login_code")
        keep(who, "code", "main")
    for who in each_shape(lambda **kw: town.alicia(phone=False, **kw)):
        who.open("portal:home")
        keep(who, "home", "main")
        fill_report(who, town)
        for name, part in (
            ("form-orders", "#id_orders"), ("form-payment", "#t-0"), ("form-reference", ".field:has(> .reference-line)"),
            ("form-receipt", "[aria-labelledby=t-0-receipt-label]"), ("form-totals", "#totals"), ("form-paper", "#shipping"),
        ):  # fmt: skip
            keep(who, name, part)
        who.page.get_by_text(who.say("I have a withholding voucher")).first.click()
        walks.settled(who)
        keep(who, "form-withholding", "#withholding")
        ReportDraft.objects.all().delete()
    full = grow_more(scenery)
    for who in each_shape(lambda **kw: town.alicia(phone=False, **kw)):
        for name, page, args, part in (
            ("statement", "portal:account_statement", (), "main"), ("tickets", "portal:tickets", (), "main"),
            ("profile", "portal:profile", (), "main .card"), ("invite", "portal:contact_invite", (), "main"),
            ("question", "portal:ticket", (full.number("asked"),), ".card--ask"),
            ("history", "portal:ticket", (full.number("asked"),), "ol.timeline"),
            ("deposit", "portal:deposit", (full.offer.pk if full.offer else 0,), "main"),
            ("sent", "portal:report_sent", (full.number("decision"),), "main"),
        ):  # fmt: skip
            who.open(page, *args)
            keep(who, name, part)
        who.open("portal:support_new")
        who.fill("subject", who.say("Invoice on paper"))
        who.page.locator(".suggested").wait_for()
        keep(who, "support", "main")


@pytest.mark.timeout(900)
def test_pictures_of_the_articles_for_the_staff(scenery: Scenery) -> None:
    town = scenery.town
    decide_next(town, scenery)
    merchant = town.andina.merchant
    propose_matches(merchant=merchant, by=Actor.system(merchant))
    for who in each_shape(lambda **kw: town.staff("Ana", **kw)):
        for name, page, args in (
            ("desk-queue", "desk:queue", ()), ("desk-import", "desk:lines_import", ()), ("desk-workbench", "desk:workbench", ()),
            ("desk-months", "desk:periods", ()), ("desk-reverse", "desk:reverse", (scenery.number("verified"),)),
        ):  # fmt: skip
            who.open(page, *args)
            keep(who, name, "main")
        who.open("desk:ticket", scenery.number("decision"))
        who.page.wait_for_function("document.querySelector('[data-view-page] img').naturalWidth > 300")
        keep(who, "desk-ticket", "main")
