"""What every page must be: free of barriers that axe finds, no wider than the screen, in one language, large enough to touch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import axe_playwright_python
from babel.messages.pofile import read_po
from django.conf import settings

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
AXE_AT_HAND = f"window.loadAxe = () => {{ {AXE} }};"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "elementRef": False,
}
# Contrast, which takes axe most of its time, is a matter of colours and sizes alone: where those that one sees together were
# judged before, it is not asked again.
RUN_AXE = """async ([options, judged]) => {
  if (!window.axe) loadAxe();
  const told = found => found.violations.map(
      one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | "));
  if (judged === null) return {found: told(await axe.run(document, options)), judged: []};
  const known = new Set(judged), fresh = new Set(), asked = [], grounds = new Map();
  const ground = one => {
    if (!one) return "";
    if (!grounds.has(one)) {
      const css = getComputedStyle(one), parts = [css.backgroundColor, css.backgroundImage, css.opacity, css.position];
      const own = parts.join() === "rgba(0, 0, 0, 0),none,1,static" ? "" : "/" + parts.join();
      grounds.set(one, ground(one.parentElement) + own);
    }
    return grounds.get(one);
  };
  const says = one => one.matches("input, select, textarea") ||
      [...one.childNodes].some(each => each.nodeType === Node.TEXT_NODE && each.data.trim());
  for (const one of document.body.querySelectorAll("*")) {
    if (!says(one) || !one.checkVisibility()) continue;
    const css = getComputedStyle(one), key = [css.color, css.fontSize, css.fontWeight, ground(one)].join();
    if (known.has(key)) continue;
    asked.push(one);
    fresh.add(key);
  }
  const found = told(await axe.run(document, {...options, rules: {"color-contrast": {enabled: false}}}));
  if (asked.length) found.push(...told(await axe.run({include: asked}, {...options, runOnly: ["color-contrast"]})));
  return {found, judged: [...fresh]};
}"""

# What a page says: its language, its title, how many first headings, and every piece of text that is shown or read aloud.
# Of a page that came as text nothing is hidden.
SAYS = """html => {
  const page = html === null ? document : new DOMParser().parseFromString(html, "text/html"), texts = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.replace(/\\s+/g, " ").trim();
    if (!words || parent.closest("script, style, template, [lang]:not(html), option, kbd")) continue;
    if (html === null && !parent.checkVisibility()) continue;
    texts.push(words);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const one of page.body.querySelectorAll(`[${name}]`))
      if (!one.closest("template, [lang]:not(html)") && one.getAttribute(name).trim()) texts.push(one.getAttribute(name).trim());
  texts.push(page.title);
  return {language: page.documentElement.lang, title: page.title, headings: page.querySelectorAll("h1").length, texts};
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


def barriers(page: Any, judged: set[str] | None = None) -> list[str]:
    """What axe finds. `judged`: colours whose contrast needs no second look; those of this page are added."""
    if not page.evaluate("typeof loadAxe === 'function'"):
        page.context.add_init_script(AXE_AT_HAND)
        page.evaluate(AXE_AT_HAND)
    answer = page.evaluate(RUN_AXE, [RULES, None if judged is None else sorted(judged)])
    if judged is not None:
        judged.update(answer["judged"])
    return [f"axe {each}" for each in answer["found"]]


def too_wide(page: Any) -> list[str]:
    """What makes the page scroll sideways, or is cut off."""
    return [f"too wide: {each}" for each in page.evaluate(TOO_WIDE)]


def too_small(page: Any, least: int) -> list[str]:
    """Controls lower than `least` px."""
    return [f"low: {each}" for each in page.evaluate(SMALL, least)]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a page says."""

    language: str
    title: str
    headings: int
    texts: list[str]


def said_by(page: Any, html: str | None = None) -> Said:
    """What the open page says, or one that came as text."""
    return Said(**page.evaluate(SAYS, html))


def headings(said: Said) -> list[str]:
    """A page has a title of its own and one first heading."""
    title, found = said.title.strip(), [] if said.headings == 1 else [f"{said.headings} first headings"]
    return found if title and not title.startswith("·") else [*found, f"no title: {title!r}"]


class Languages:
    """Tells whether a page speaks one language. `data`: texts of people and rows, which stay as they were written."""

    def __init__(self, data: set[str]) -> None:
        own = sorted((each for each in data if len(each) > 2), key=len, reverse=True)
        self.without_data = cache(partial(re.compile("|".join(re.escape(each) for each in own) or r"(?!)").sub, ""))

    def mixed(self, said: Said, language: str) -> list[str]:
        """Texts in the other language, and the page's own word about its language."""
        found = [] if said.language == language else [f"lang={said.language}"]
        stops = ENGLISH if language == "es" else SPANISH
        for text in dict.fromkeys(said.texts):
            words = text.replace("\xa0", " ")
            rest = self.without_data(words)
            if not rest.strip() or words in LANGUAGE_NAMES:
                continue
            if stands_in_the_other(words, language, filled_in=rest == words):
                found.append(f"in the other language: {words!r}")
            elif len({each.lower() for each in stops.findall(rest)}) >= (1 if len(rest.split()) < 4 else 2):
                found.append(f"words of the other language: {words!r}")
        return found


@cache
def stands_in_the_other(words: str, language: str, *, filled_in: bool) -> bool:
    """Whether the catalogue has this text in the language that a page in `language` must not show."""
    texts = sources() if language == "es" else translations()
    return words in texts or (filled_in and any(pattern.fullmatch(words) for pattern in patterns(language)))


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
