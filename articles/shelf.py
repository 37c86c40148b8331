"""What an article is to its readers, wherever it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from articles.models import Topic


@dataclass(frozen=True, kw_only=True)
class Text:
    """An article in one language. `place` orders those of a topic; `is_own`: the merchant wrote it."""

    key: str
    language: str
    topic: Topic
    title: str
    summary: str
    tags: str
    author: str
    updated_on: dt.date
    body: str = ""
    place: int = 0
    is_own: bool = False

    @property
    def tag_list(self) -> list[str]:
        return tags_of(self.tags)

    @property
    def for_staff(self) -> bool:
        return self.topic == Topic.STAFF


def tags_of(text: str) -> list[str]:
    """Tags as typed, separated by commas: each once, in lower case."""
    return list(dict.fromkeys(tag for each in text.split(",") if (tag := " ".join(each.split()).lower())))
