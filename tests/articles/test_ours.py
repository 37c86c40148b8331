"""Our own articles: the same in both languages, each link leads somewhere, each picture is one that the browser's tests take."""

from __future__ import annotations

import pytest
from django.conf import settings

from articles.addresses import PAGES
from articles.models import Topic
from articles.ours import BadFile, our_keys, our_texts, read_file
from articles.pictures import NARROW, WIDE, picture_of
from articles.rendering import is_readable, links_in, pictures_in
from tests.browser.test_screens import ARTICLE_PICTURES

LANGUAGES = ("es", "en")
EVERY = [text for language in LANGUAGES for text in our_texts(language).values()]


def test_each_article_stands_in_both_languages_at_the_same_place() -> None:
    spanish, english = our_texts("es"), our_texts("en")
    assert list(spanish) == list(english)
    assert len(spanish) >= 24
    for key, text in spanish.items():
        assert (text.topic, text.place, pictures_in(text.body)) == (
            english[key].topic, english[key].place, pictures_in(english[key].body),
        )  # fmt: skip
        assert links_in(text.body) >= links_in(english[key].body), key
    assert {text.topic for text in EVERY} == set(Topic)


def test_each_article_is_short_tagged_and_signed() -> None:
    for text in EVERY:
        assert text.title
        assert 20 < len(text.summary) <= 240, text.key
        assert len(text.tag_list) >= 3, text.key
        assert text.author
        assert is_readable(text.body)
        assert len(text.body.split()) < 450, text.key


def test_each_link_of_ours_leads_somewhere() -> None:
    for text in EVERY:
        for kind, name in links_in(text.body):
            assert name in (PAGES if kind == "page" else our_keys()), (text.language, text.key, name)


def test_each_picture_is_taken_by_the_browsers_test_and_is_there() -> None:
    named = {name for text in EVERY for name in pictures_in(text.body)}
    assert named == set(ARTICLE_PICTURES)
    for name in named:
        for language in LANGUAGES:
            assert picture_of(name, language), (name, language)
    taken = {f"{name}-{language}-{width}.png" for name in named for language in LANGUAGES for width in (WIDE, NARROW)}
    assert {path.name for path in settings.SCREENS_DIR.glob("*.png")} == taken


def test_a_file_that_lacks_a_fact_says_which(tmp_path: object) -> None:
    path = settings.BASE_DIR / "articles" / "texts" / "es" / "sign-in-code.md"
    broken = type(path)(str(tmp_path)) / "broken.md"
    broken.write_text(path.read_text(encoding="utf-8").replace("author: ", "writer: "), encoding="utf-8")
    with pytest.raises(BadFile, match=r"author.*writer"):
        read_file(broken)
