"""Going round: open page after page as somebody, in both languages and at both widths, and collect what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, ViewportSize

from tests.browser import looks
from tests.browser.person import Person
from tests.browser.scenery import words_of_rows

NARROW, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)
PORTAL_TARGET, DESK_TARGET = 44, 24


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

    Each is seen wide in one language and narrow in the other, in turn; axe, the slow one, once, in Spanish. `thoroughly` wide and
    narrow, with axe, in this language too.
    """
    languages, found = looks.Languages(words_of_rows()), []
    for place, page in enumerate(pages):
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
        sizes = (WIDE, NARROW) if thoroughly else ((WIDE, NARROW)[(place + (who.language == "es")) % 2],)
        seen = look(who, languages, target=target, sizes=sizes, axe=thoroughly or who.language == "es")
        found += [f"{page} {who.language}: {each}" for each in seen]
    return found


def look(
    who: Person,
    languages: looks.Languages | None,
    *,
    target: int,
    sizes: tuple[ViewportSize, ...] = (WIDE, NARROW),
    axe: bool = True,
) -> list[str]:
    """What is wrong with the page that is open. Without `languages` nobody asks in which one it speaks."""
    page = who.page
    found = looks.headings(page) + (languages.mixed(page, who.language) if languages else [])
    for size in sizes:
        page.set_viewport_size(size)
        wrong = looks.too_wide(page)
        if axe:
            wrong += looks.barriers(page)
        if target == PORTAL_TARGET or size is WIDE:
            wrong += looks.too_small(page, target)
        found += [f"{size['width']}: {each}" for each in wrong]
    return found


def nothing_wrong(found: list[str]) -> None:
    """Fail with everything that was found, a line each."""
    assert not found, f"{len(found)} findings:\n" + "\n".join(found)
