"""Our own articles: Markdown files in `texts/<language>/<key>.md`, the same for every merchant, read once a process.

A file opens with its facts, between lines of three dashes: title, topic, place, summary, tags, author, date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from accounts.models import Language
from articles.models import KEY, Topic
from articles.shelf import Text

FOLDER = Path(__file__).resolve().parent / "texts"
FACTS = frozenset(("title", "topic", "place", "summary", "tags", "author", "date"))
LAST_PLACE = 999  # a merchant's own stand after ours


class BadFile(Exception):
    """One of our files is not as it must be; said when the first page of help is asked for, and by a test before that."""


@cache
def our_texts(language: str) -> Mapping[str, Text]:
    """Key → text, in the order of the page of help."""
    if language not in Language.values:
        return MappingProxyType({})
    found = [read_file(path) for path in FOLDER.joinpath(language).glob("*.md")]
    places = list(Topic)
    found.sort(key=lambda text: (places.index(text.topic), text.place, text.key))
    return MappingProxyType({text.key: text for text in found})


def our_keys() -> frozenset[str]:
    """The keys of all our articles, whatever their language."""
    return frozenset(key for language in Language.values for key in our_texts(language))


def read_file(path: Path) -> Text:
    """One of our files as a text. Raises `BadFile` with the file's name."""
    head, _, body = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    facts: dict[str, str] = {}
    for line in head.splitlines():
        name, _, value = line.partition(":")
        facts[name.strip()] = value.strip()
    if facts.keys() != FACTS or not body.strip() or not KEY.match(path.stem):
        raise BadFile(f"{path.parent.name}/{path.name}: {sorted(facts.keys() ^ FACTS)}")
    return Text(
        key=path.stem,
        language=path.parent.name,
        topic=Topic(facts["topic"]),
        place=int(facts["place"]),
        title=facts["title"],
        summary=facts["summary"],
        tags=facts["tags"],
        author=facts["author"],
        updated_on=dt.date.fromisoformat(facts["date"]),
        body=body.strip(),
    )
