"""Markdown as HTML that may stand on our pages: cleaned by an allow-list, whoever wrote it.

Two addresses are ours: `page:orders` leads to a page of the house, `article:states` to another article; the face knows where they
are. A picture is named by `screen:report-form`; there are no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown import Markdown

from articles.pictures import picture_of

Link = Callable[[str, str], str]  # ("page" | "article", name) → address, or "" where there is none

TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "img", "kbd", "li", "ol", "p", "pre", "s",
    "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}, "*": set()}
SCHEMES = {"https", "http", "mailto", "tel", "page", "article", "screen"}
HEADING = re.compile(r"<(/?)h([1-3])>")
IMG = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
AFTER_PART = re.compile(r"^( {3,}\S.*)\n(?=(?:\d{1,3}\.|[-*+]) )", re.MULTILINE)
PART = re.compile(r' ([a-z]+)="([^"]*)"')
# What makes the reader of Markdown slow or deep: its time grows with the square of these in one paragraph.
MOST_CHARACTERS, MOST_BRACKETS, MOST_NESTED, MOST_MARKS = 20_000, 400, 12, 2_000


def is_readable(body: str) -> bool:
    """Whether a text can be rendered, and in good time; asked when it is saved."""
    is_short = (
        len(body) <= MOST_CHARACTERS
        and body.count("[") + body.count("<") <= MOST_BRACKETS
        and sum(body.count(mark) for mark in "*_`") <= MOST_MARKS
        and not re.search(rf"^(?:[ \t]*>){{{MOST_NESTED},}}", body, re.MULTILINE)
        and not re.search(r"^[ \t]{48}", body, re.MULTILINE)
    )
    try:
        return is_short and bool(_html(body) or True)
    except RecursionError:  # lists in lists in lists
        return False


def render(body: str, *, language: str, link: Link) -> SafeString:
    """A text's Markdown as clean HTML, headings from the second level on, with pictures in `language`."""
    clean = nh3.clean(
        _html(body),
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=lambda tag, attribute, value: _attribute(tag, attribute, value, link),
    )
    clean = HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}>", clean)  # the title is the page's first heading
    # What is put in place of each picture is built of names of our own files and of escaped text.
    return mark_safe(IMG.sub(lambda found: _picture(found[1], language), clean))  # noqa: S308 - cleaned above


def _html(body: str) -> str:
    # A step may follow at once after the picture of the step before it, as everybody writes it.
    body = AFTER_PART.sub(r"\1\n\n", body)
    return str(Markdown(extensions=["tables", "sane_lists"], tab_length=3).convert(body))


def plain(body: str) -> str:
    """A text's words alone, for the search."""
    return " ".join(re.sub(r"!?\[([^\]]*)\]\([^)]*\)|[#*_>`|]", r" \1 ", body).split())


def pictures_in(body: str) -> set[str]:
    """The names of the pictures that a text shows."""
    return set(re.findall(r"\]\(screen:([^)\s]*)\)", body))


def links_in(body: str) -> set[tuple[str, str]]:
    """(kind, name) of the addresses of ours in a text."""
    return set(re.findall(r"\]\((page|article):([^)\s]*)\)", body))


def _attribute(tag: str, attribute: str, value: str, link: Link) -> str | None:
    scheme, _, name = value.partition(":")
    if tag == "img" and attribute == "src":
        return value if scheme == "screen" else None
    if tag == "a" and attribute == "href":
        if scheme in ("page", "article"):
            return link(scheme, name) or None
        return value if scheme != "screen" else None
    return value


def _picture(attributes: str, language: str) -> str:
    """A picture in the reader's language; nothing where there is no such picture."""
    found = dict(PART.findall(attributes))
    picture = picture_of(found.get("src", "").removeprefix("screen:"), language)
    if picture is None:
        return ""
    return format_html(
        '<picture><source media="(max-width: 640px)" srcset="{}" width="{}" height="{}">'
        '<img class="screen" src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async"></picture>',
        static(picture.narrow), picture.narrow_width, picture.narrow_height, static(picture.wide), picture.width,
        picture.height, mark_safe(found.get("alt", "").replace("<", "&lt;").replace(">", "&gt;")),  # noqa: S308 - nh3 escaped the rest
    )  # fmt: skip


def first_words(body: str, most: int = 160) -> str:
    """How a text begins, where it has no summary."""
    words = plain(body)
    return words if len(words) <= most else words[: words.rfind(" ", 0, most)] + "…"
