"""By keyboard alone: the main job, a focus that is always seen and never behind a bar, shortcuts that can be switched off."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import walks
from tests.browser.person import Person
from tests.browser.scenery import Scenery, decide_next
from tests.browser.town import Town
from tests.browser.visits import NARROW, WIDE, nothing_wrong
from tickets.models import State

REFERENCE = "0045775572442"
MOST_TABS = 160

# What has the focus: how it is called, whether it shows that, and whether any of it can be seen (WCAG 2.4.7, 2.4.11).
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const rings = each => {
    const css = getComputedStyle(each);
    return (css.outlineStyle !== "none" && parseFloat(css.outlineWidth) >= 2) || css.boxShadow !== "none";
  };
  const label = one.closest("label") || one;
  const marked = [one, label, one.closest(".field-box, .search-box, .choice, .drop")].filter(Boolean).some(rings);
  const box = one.getBoundingClientRect();
  const places = [0.02, 0.5, 0.98].flatMap(x => [0.2, 0.5, 0.8].map(y => [box.left + box.width * x, box.top + box.height * y]));
  const seen = places.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && !top.matches("html, body, main") && (label.contains(top) || top.contains(one));
  });
  window.focusedOnes = window.focusedOnes || new Set();
  const again = window.focusedOnes.has(one);
  window.focusedOnes.add(one);
  return {marked, seen, again, what: one.outerHTML.replace(/\\s+/g, " ").slice(0, 110)};
}"""


def walk_by_tab(page: Any) -> list[str]:
    """Tab through the page; what got the focus without showing it, or out of sight."""
    found, count = [], 0
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0); window.focusedOnes = new Set()")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None or focus["again"]:
            break
        count += 1
        found += [] if focus["marked"] else [f"no ring: {focus['what']}"]
        found += [] if focus["seen"] else [f"out of sight: {focus['what']}"]
    return found if count > 3 else [*found, f"only {count} stops"]


@pytest.mark.timeout(600)
def test_the_focus_is_always_seen(scenery: Scenery) -> None:
    town = scenery.town
    decide_next(town, scenery)
    found: list[str] = []
    ticked = {"orders": town.orders["4401"].pk}
    for who, pages in (
        (town.alicia(phone=False), [("portal:home", (), {}), ("portal:orders", (), {}), ("portal:report", (), ticked),
                                    ("portal:ticket", (scenery.number("asked"),), {})]),
        (town.staff("Carmen"), [("desk:queue", (), {}), ("desk:ticket", (scenery.number("decision"),), {}),
                                ("desk:register", (town.customer.pk,), {})]),
    ):  # fmt: skip
        for name, args, query in pages:
            for size in (WIDE, NARROW):
                who.page.set_viewport_size(size)
                who.open(name, *args, **query)
                found += [f"{name} {size['width']}: {each}" for each in walk_by_tab(who.page)]
    nothing_wrong(found)


def tab_to(who: Person, selector: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(MOST_TABS):
        if who.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        who.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_the_main_job_is_done_by_keyboard_alone(town: Town) -> None:
    alicia = town.alicia(phone=False)
    keys = alicia.page.keyboard
    alicia.open("portal:orders")
    for tail in ("4512", "4587"):
        tab_to(alicia, f'[name="orders"][value="{town.orders[tail].pk}"]')
        keys.press("Space")
    tab_to(alicia, ".selection .btn-primary")
    keys.press("Enter")
    alicia.wait_for("portal:report")
    tab_to(alicia, f'[name="t-0-account"][value="{town.banesco.pk}"]')
    keys.press("Space")
    tab_to(alicia, '[name="t-0-origin_bank"]')
    keys.type("0134")
    tab_to(alicia, '[data-set="id_t-0-paid_on"]:last-of-type')
    keys.press("Enter")
    tab_to(alicia, '[name="t-0-reference"]')
    keys.type(REFERENCE)
    alicia.wait_until_quiet()
    tab_to(alicia, ".form-end .btn-primary")
    keys.press("Enter")
    alicia.wait_for("portal:report_check")
    tab_to(alicia, "main form .btn-primary")
    keys.press("Enter")
    alicia.page.wait_for_url(re.compile("/report/sent/"))
    number = walks.sent_number(alicia)

    # Carmen: down, take, open, verify.
    town.deposit("1174.35", REFERENCE)
    carmen = town.staff("Carmen")
    keys = carmen.page.keyboard
    carmen.open("desk:queue")
    keys.press("j")
    tab_to(carmen, "tr[data-row] button")
    keys.press("Enter")
    carmen.page.locator("tr[data-row]", has_text="Usted").wait_for()
    keys.press("j")
    keys.press("Enter")
    carmen.wait_for("desk:ticket", number)
    keys.press("a")
    assert carmen.page.evaluate("document.activeElement.id") == "verify-button"
    assert town.ticket(number).state == State.IN_REVIEW, "one key alone decides nothing"
    keys.press("Enter")
    carmen.page.locator("main .chip, main").get_by_text("Verificado").first.wait_for()
    assert town.ticket(number).state == State.VERIFIED


def test_shortcuts_can_be_switched_off(town: Town) -> None:
    walks.report(town.alicia(), town.orders["4587"], reference=REFERENCE)
    carmen = town.staff("Carmen")
    carmen.open("desk:queue")
    carmen.page.keyboard.press("?")
    carmen.page.locator("dialog[open]").wait_for()
    carmen.page.keyboard.press("Escape")
    carmen.press("Turn shortcuts off")
    carmen.page.locator("body[data-shortcuts=off]").wait_for()
    carmen.sees("Los atajos están apagados")
    carmen.page.keyboard.press("/")
    carmen.page.keyboard.press("j")
    assert carmen.page.evaluate("document.activeElement === document.body || document.activeElement.id === 'main'")
