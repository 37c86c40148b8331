"""What every page must be: free of barriers that axe finds, no wider than the screen, in one language, large enough to touch."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from babel.messages.pofile import read_po
from django.conf import settings

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "elementRef": False,
}
RUN_AXE = """options => axe.run(document, options).then(found => found.violations.map(
    one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")))"""

# Every piece of text that is shown or read aloud, as (words, what carries it).
SHOWN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.replace(/\\s+/g, " ").trim();
    if (!words || parent.closest("script, style, template, [lang]:not(html), option, kbd")) continue;
    if (parent.checkVisibility && !parent.checkVisibility()) continue;
    found.push(words);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const one of document.body.querySelectorAll(`[${name}]`))
      if (!one.closest("template, [lang]:not(html)") && one.getAttribute(name).trim()) found.push(one.getAttribute(name).trim());
  found.push(document.title);
  return found;
}"""

# Controls lower than a finger, without links in running text (WCAG 2.5.8 excepts them). A field in a box is as high as its box.
SMALL = """least => [...document.querySelectorAll("button, .btn, select, summary, textarea, .check-target, .choice-head, " +
      ".pill, .nav a, .field-box, input:not([type=hidden]):not([type=checkbox]):not([type=radio])")]
    .filter(one => !one.parentElement.matches(".field-box"))
    .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(one => !one.closest(".visually-hidden, [aria-hidden=true]"))
    .filter(one => { const box = one.getBoundingClientRect(); return box.height > 1 && box.height < least - 0.5; })
    .map(one => Math.round(one.getBoundingClientRect().height) + "px " + one.outerHTML.slice(0, 120))"""

# What makes the page scroll sideways, and what is cut off by a box that hides the rest.
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth, all = [...document.body.querySelectorAll("*")];
  const beyond = one => one.getBoundingClientRect().right > room + 1 && one.checkVisibility();
  const wide = document.documentElement.scrollWidth > room ? all.filter(beyond) : [];
  const cuts = one => /hidden|clip/.test(getComputedStyle(one).overflowX) && one.clientWidth > 40 &&
      one.scrollWidth > one.clientWidth + 1 && !one.matches("select, input, textarea") &&
      getComputedStyle(one).textOverflow !== "ellipsis";
  return [...wide.slice(-3), ...all.filter(cuts)].map(one => one.outerHTML.replace(/\\s+/g, " ").slice(0, 120));
}"""

# A choice of language names each in its own.
LANGUAGE_NAMES = {"Español", "English"}
SPANISH = re.compile(r"\b(el|la|los|las|de|del|su|sus|por|para|con|una?|que|está|este|esta|en|no se|ningún|ninguna)\b", re.I)
ENGLISH = re.compile(r"\b(the|of|and|your|you|with|for|this|that|is|are|was|from|which|not|has|an|by|at)\b", re.I)


def barriers(page: Any) -> list[str]:
    """What axe finds."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    return [f"axe {each}" for each in page.evaluate(RUN_AXE, RULES)]


def too_wide(page: Any) -> list[str]:
    """What makes the page scroll sideways, or is cut off."""
    return [f"too wide: {each}" for each in page.evaluate(TOO_WIDE)]


def too_small(page: Any, least: int) -> list[str]:
    """Controls lower than `least` px."""
    return [f"low: {each}" for each in page.evaluate(SMALL, least)]


def headings(page: Any) -> list[str]:
    """A page has a title of its own and one first heading."""
    title, count = page.title().strip(), page.locator("h1").count()
    found = [] if count == 1 else [f"{count} first headings"]
    return found if title and not title.startswith("·") else [*found, f"no title: {title!r}"]


class Languages:
    """Tells whether a page speaks one language. `data`: texts of people and rows, which stay as they were written."""

    def __init__(self, data: set[str]) -> None:
        own = sorted((each for each in data if len(each) > 2), key=len, reverse=True)
        self.data = re.compile("|".join(re.escape(each) for each in own) or r"(?!)")

    def mixed(self, page: Any, language: str) -> list[str]:
        """Texts in the other language, and the page's own word about its language."""
        said = page.evaluate("document.documentElement.lang")
        found = [] if said == language else [f"lang={said}"]
        wrong, stops = (sources(), ENGLISH) if language == "es" else (translations(), SPANISH)
        for text in dict.fromkeys(page.evaluate(SHOWN)):
            words = text.replace("\xa0", " ")
            rest = self.data.sub("", words)
            if not rest.strip() or words in LANGUAGE_NAMES:
                continue
            if words in wrong or (rest == words and any(pattern.fullmatch(words) for pattern in patterns(language))):
                found.append(f"in the other language: {words!r}")
            elif len({each.lower() for each in stops.findall(rest)}) >= (1 if len(rest.split()) < 4 else 2):
                found.append(f"words of the other language: {words!r}")
        return found


@cache
def catalogue() -> tuple[tuple[str, str], ...]:
    """Every (English, Spanish) pair of the house; plurals give a pair for each form."""
    pairs = []
    for path in sorted(Path(settings.BASE_DIR).glob("*/locale/es/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or not message.string:
                    continue
                ids, strings = message.id, message.string
                several = zip(ids, strings, strict=False) if isinstance(ids, tuple | list) else [(ids, strings)]
                pairs += [(str(one), str(other)) for one, other in several]
    return tuple(pairs)


def _plain(texts: set[str]) -> frozenset[str]:
    return frozenset(" ".join(text.split()) for text in texts if "%(" not in text)


@cache
def sources() -> frozenset[str]:
    """English texts that differ in Spanish and are no Spanish text themselves."""
    return _plain({one for one, other in catalogue() if one != other} - {other for _one, other in catalogue()})


@cache
def translations() -> frozenset[str]:
    """Spanish texts that differ in English and are no English text themselves."""
    return _plain({other for one, other in catalogue() if one != other} - {one for one, _other in catalogue()})


@cache
def patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """Texts with places in them, in the language that a page in `language` must not show."""
    side = 0 if language == "es" else 1
    found = []
    for pair in catalogue():
        text = " ".join(pair[side].split())
        literal = re.sub(r"%\(\w+\)[sd]", "", text)
        if literal != text and pair[0] != pair[1] and len(re.findall(r"[^\W\d]{2,}", literal)) >= 2:
            found.append(re.compile(".+?".join(re.escape(part) for part in re.split(r"%\(\w+\)[sd]", text))))
    return tuple(found)
