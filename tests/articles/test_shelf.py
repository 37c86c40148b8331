"""A merchant's shelf: ours, hidden and replaced; its own; the search; votes and views."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed, Refused, Stale
from articles import services
from articles.models import Article, ArticleText, ArticleViews, ArticleVote
from articles.ours import our_texts
from articles.selectors import article_for, articles_for, counts_of, related_to, search, shelf_of
from articles.services import TextDraft
from tests.cast import Cast

SPANISH = TextDraft(
    title="Cómo pagar en la oficina", body="1. Venga a la ventanilla.\n2. Pregunte por Ñandú.", tags="Oficina, Caja"
)
KEY = "sign-in-code"


def keys(cast: Cast, text: str, language: str = "es", **kw: Any) -> list[str]:
    found, _has_all = search(cast.merchant, text, language, for_staff=kw.get("for_staff", False))
    return [each.key for each in found]


def test_everybody_sees_ours_and_the_staff_theirs_too(cast: Cast) -> None:
    public, staff = shelf_of(cast.merchant, "es", for_staff=False), shelf_of(cast.merchant, "es", for_staff=True)
    assert len(public) >= 20
    assert set(staff) - set(public) == {key for key, text in our_texts("es").items() if text.for_staff}
    assert article_for(cast.merchant, "staff-reverse", "es", for_staff=False) is None


def test_a_merchant_writes_its_own(cast: Cast, far: Cast) -> None:
    article = services.save_article(topic="owed", texts={"es": SPANISH}, by=cast.ada)
    assert article.key == "como-pagar-en-la-oficina"
    assert article.key in shelf_of(cast.merchant, "es", for_staff=False)
    assert article.key not in shelf_of(cast.merchant, "en", for_staff=False)
    assert article.key not in shelf_of(far.merchant, "es", for_staff=False)
    text = article_for(cast.merchant, article.key, "en", for_staff=False)
    assert text is not None
    assert (text.language, text.author) == ("es", cast.merchant.name)
    assert keys(cast, "ventanilla") == [article.key]
    assert keys(far, "ventanilla") != [article.key]


def test_two_with_the_same_title_have_keys_of_their_own(cast: Cast) -> None:
    made = [services.save_article(topic="owed", texts={"es": SPANISH}, by=cast.ada).key for _ in range(2)]
    assert made == ["como-pagar-en-la-oficina", "como-pagar-en-la-oficina-2"]


def test_ours_is_replaced_in_one_language_and_comes_back(cast: Cast) -> None:
    services.save_article(key=KEY, topic="entry", texts={"es": SPANISH}, by=cast.ada)
    assert shelf_of(cast.merchant, "es", for_staff=False)[KEY].title == SPANISH.title
    assert shelf_of(cast.merchant, "en", for_staff=False)[KEY].title == our_texts("en")[KEY].title
    assert KEY in keys(cast, "ventanilla")
    assert KEY not in keys(cast, "seis cifras código")
    assert services.drop_article(key=KEY, by=cast.ada)
    assert shelf_of(cast.merchant, "es", for_staff=False)[KEY].title == our_texts("es")[KEY].title
    assert not ArticleText.objects.exists()


def test_one_of_ours_is_hidden_and_shown_again(cast: Cast) -> None:
    services.hide_article(key=KEY, hidden=True, by=cast.ada)
    assert KEY not in shelf_of(cast.merchant, "es", for_staff=True)
    assert article_for(cast.merchant, KEY, "es", for_staff=True) is None
    assert KEY not in keys(cast, "código")
    services.hide_article(key=KEY, hidden=False, by=cast.ada)
    assert KEY in keys(cast, "código")


def test_only_administrators_change_articles(cast: Cast) -> None:
    for actor in (cast.dan, cast.sue, cast.otto, cast.alice):
        with pytest.raises(NotAllowed):
            services.save_article(topic="owed", texts={"es": SPANISH}, by=actor)
        with pytest.raises(NotAllowed):
            services.hide_article(key=KEY, hidden=True, by=actor)
        with pytest.raises(NotAllowed):
            articles_for(actor, "es")
    assert not Article.objects.exists()


def test_who_saves_over_somebody_elses_change_is_told(cast: Cast) -> None:
    article = services.save_article(topic="owed", texts={"es": SPANISH}, by=cast.ada)
    with pytest.raises(Stale):
        services.save_article(key=article.key, topic="owed", texts={"en": SPANISH}, version=0, by=cast.ada)
    assert [text.language for text in article.texts.all()] == ["es"]


def test_what_cannot_be_shown_is_refused(cast: Cast) -> None:
    for texts in ({}, {"es": TextDraft(title="x", body="[" * 1000)}):
        with pytest.raises(Refused):
            services.save_article(topic="owed", texts=texts, by=cast.ada)
    with pytest.raises(Refused):
        services.hide_article(key="nothing-like-it", hidden=True, by=cast.ada)
    assert not Article.objects.exists()


def test_the_search_knows_no_accents_no_endings_and_beginnings_of_words(cast: Cast) -> None:
    assert keys(cast, "codigo")[0] == keys(cast, "CÓDIGO")[0] == keys(cast, "códigos")[0] == KEY
    assert "withholding-voucher" in keys(cast, "retenc")
    assert keys(cast, "withholding", "en")[0] == "withholding-voucher"
    assert keys(cast, "retención de iva")[0] == "withholding-voucher"
    assert keys(cast, "olvidé la contraseña")[0] == "first-time"
    found, has_all = search(cast.merchant, "código zzzz", "es", for_staff=False)
    assert not has_all
    assert KEY in [text.key for text in found]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "'",
        "a & | ! ( ) :*",
        "\\",
        "'; DROP TABLE x; --",
        "%%",
        "\u202e",
        "a" * 5000,
        "🙂",
        "<->",
        "o",
        "_",
        "el la de",
    ],
)
def test_anything_may_be_searched_for(cast: Cast, text: str) -> None:
    for language in ("es", "en"):
        search(cast.merchant, text, language, for_staff=True)


def test_an_article_knows_its_neighbours(cast: Cast) -> None:
    shelf = shelf_of(cast.merchant, "es", for_staff=False)
    near = [text.key for text in related_to(shelf["sign-in-password"], shelf)]
    assert "sign-in-code" in near
    assert "sign-in-password" not in near
    assert len(near) <= 4


def test_a_visitor_has_one_vote_and_may_change_it(cast: Cast, far: Cast) -> None:
    for is_useful in (True, True, False):
        services.vote(merchant=cast.merchant, key=KEY, visitor="v1", is_useful=is_useful, note="Falta  una\nfoto", language="es")
    services.vote(merchant=cast.merchant, key=KEY, visitor="v2", is_useful=True, note="Gracias", language="es")
    counts = counts_of(cast.merchant, KEY)[KEY]
    assert (counts.useful, counts.not_useful, counts.votes) == (1, 1, 2)
    assert sorted(ArticleVote.objects.values_list("note", flat=True)) == ["", "Falta una foto"]
    assert counts_of(far.merchant) == {}


def test_views_are_counted_over_several_rows(cast: Cast) -> None:
    for _ in range(40):
        services.note_view(merchant=cast.merchant, key=KEY)
    assert counts_of(cast.merchant)[KEY].views == 40
    assert 1 < ArticleViews.objects.count() <= ArticleViews.SLOTS


def test_fifty_articles_take_as_many_queries_as_one(cast: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            articles_for(cast.ada, "es")
            shelf_of(cast.merchant, "es", for_staff=True)
            search(cast.merchant, "oficina", "es", for_staff=True)
        return len(captured)

    services.save_article(topic="owed", texts={"es": SPANISH}, by=cast.ada)
    search(cast.merchant, "oficina", "es", for_staff=True)  # our words are made once
    few = count()
    for _ in range(20):
        services.save_article(topic="owed", texts={"es": SPANISH, "en": SPANISH}, by=cast.ada)
    assert count() == few


@pytest.mark.django_db(transaction=True)
def test_two_who_replace_ours_at_once_do_not_break(cast: Cast) -> None:
    said: list[str] = []

    def save() -> None:
        try:
            services.save_article(key=KEY, topic="entry", texts={"es": SPANISH}, by=cast.ada)
            said.append("saved")
        except Stale:
            said.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["saved", "stale"]
    assert Article.objects.count() == 1


def ours_as_it_is() -> dict[str, TextDraft]:
    texts = {language: our_texts(language)[KEY] for language in ("es", "en")}
    return {each: TextDraft(title=t.title, body=t.body, summary=t.summary, tags=t.tags) for each, t in texts.items()}


def test_what_says_the_same_as_ours_is_not_kept(cast: Cast) -> None:
    services.save_article(key=KEY, topic="entry", texts=ours_as_it_is(), by=cast.ada)
    assert not Article.objects.exists()
    services.save_article(key=KEY, topic="entry", texts=ours_as_it_is() | {"es": SPANISH}, by=cast.ada)
    assert [text.language for text in ArticleText.objects.all()] == ["es"]


def test_saving_ours_unchanged_takes_nobody_elses_text_away_and_shows_nothing_hidden(cast: Cast) -> None:
    services.save_article(key=KEY, topic="entry", texts={"es": SPANISH}, by=cast.ada)
    with pytest.raises(Stale):
        services.save_article(key=KEY, topic="entry", texts=ours_as_it_is(), version=0, by=cast.ada)
    assert ArticleText.objects.get().title == SPANISH.title
    services.hide_article(key=KEY, hidden=True, by=cast.ada)
    version = Article.objects.get().version
    services.save_article(key=KEY, topic="entry", texts=ours_as_it_is(), version=version, by=cast.ada)
    assert not ArticleText.objects.exists()
    assert KEY not in shelf_of(cast.merchant, "es", for_staff=True)
    services.drop_article(key=KEY, by=cast.ada)
    assert Article.objects.get().is_hidden
