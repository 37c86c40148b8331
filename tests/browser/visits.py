"""Going round: open page after page as somebody, in both languages and at both widths, and collect what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from playwright.sync_api import Error, ViewportSize

from tests.browser import looks
from tests.browser.person import Person
from tests.browser.scenery import words_of_rows

NARROW, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)
BOTH = (WIDE, NARROW)
PORTAL_TARGET, DESK_TARGET = 44, 24


class Sizes(TypedDict, total=False):
    """At which sizes a page is seen, and at which by axe."""

    sizes: tuple[ViewportSize, ...]
    by_axe: tuple[ViewportSize, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page to look at: its name in the URLs, what it is about, and what is done on it before looking."""

    name: str
    args: tuple[Any, ...] = ()
    query: dict[str, Any] = field(default_factory=dict)
    act: Callable[[Person], None] | None = None
    status: int = 200

    def __str__(self) -> str:
        return (
            "/".join([self.name, *map(str, self.args)])
            + (f"?{self.query}" if self.query else "")
            + (" acted" if self.act else "")
        )


def go_round(who: Person, pages: Iterable[Page], *, target: int, thoroughly: bool = False) -> list[str]:
    """Look at each page; everything that is wrong, each with its page.

    In Spanish, the longer language, each is seen wide and narrow, and by axe, the slow one, at one of the widths. In English one
    is seen that changes when something is done on it; of the others the words are read. `thoroughly` everything in both.
    """
    languages, found = looks.Languages(words_of_rows()), []
    judged: set[str] | None = None if thoroughly else set()
    for place, page in enumerate(pages):
        if who.language == "en" and not page.act and not thoroughly:
            found += [f"{page} en: {each}" for each in read(who, page, languages)]
            continue
        who.page.set_viewport_size(WIDE)
        try:
            status = who.open(page.name, *page.args, **page.query)
            if status != page.status:
                found.append(f"{page}: answered {status} at {who.page.url}")
                continue
            if page.act:
                page.act(who)
                who.page.wait_for_load_state("load")
        except (Error, AssertionError) as error:
            found.append(f"{page}: {error}")
            continue
        seen = look(who, languages, target=target, judged=judged, **(Sizes() if thoroughly else share_of(who, place)))
        found += [f"{page} {who.language}: {each}" for each in seen]
    return found


def share_of(who: Person, place: int) -> Sizes:
    """At which sizes the page at this place of a round is seen, and at which by axe, when not everything is."""
    one = BOTH[place % 2]
    return Sizes(sizes=BOTH, by_axe=(one,)) if who.language == "es" else Sizes(sizes=(one,), by_axe=())


def read(who: Person, page: Page, languages: looks.Languages) -> list[str]:
    """What is wrong with the words of a page, which no browser has to draw for that."""
    answer = who.context.request.get(who.url(page.name, *page.args, **page.query))
    if answer.status != page.status:
        return [f"answered {answer.status} at {answer.url}"]
    said = looks.said_by(who.page, answer.text())
    return looks.headings(said) + languages.mixed(said, who.language)


def look(
    who: Person,
    languages: looks.Languages | None,
    *,
    target: int,
    sizes: tuple[ViewportSize, ...] = BOTH,
    by_axe: tuple[ViewportSize, ...] = BOTH,
    judged: set[str] | None = None,
) -> list[str]:
    """What is wrong with the page that is open, and what axe finds at some of the sizes (`judged`: see there). Without
    `languages` nobody asks in which one it speaks."""
    page = who.page
    said = looks.said_by(page)
    found = looks.headings(said) + (languages.mixed(said, who.language) if languages else [])
    for size in sizes:
        page.set_viewport_size(size)
        wrong = looks.too_wide(page)
        if size in by_axe:
            wrong += looks.barriers(page, judged)
        if target == PORTAL_TARGET or size is WIDE:
            wrong += looks.too_small(page, target)
        found += [f"{size['width']}: {each}" for each in wrong]
    return found


def nothing_wrong(found: list[str]) -> None:
    """Fail with everything that was found, a line each."""
    assert not found, f"{len(found)} findings:\n" + "\n".join(found)
