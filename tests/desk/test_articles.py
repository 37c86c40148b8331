"""The desk's pages of articles: written, previewed, hidden, put in place of ours, and taken away again."""

from __future__ import annotations

from typing import Any

from django.test import Client

from articles.models import Article, ArticleText
from articles.ours import our_texts
from articles.services import vote
from tests.cast import Cast, client_of

GOOD = {
    "topic": "owed", "author": "", "version": "0", "title_es": "Pagar en la oficina", "summary_es": "De 8 a 5.",
    "tags_es": "Oficina, Caja", "body_es": "1. Venga.\r\n2. Pague.",
    "title_en": "", "summary_en": "", "tags_en": "", "body_en": "",
}  # fmt: skip


def form_of(cast: Cast, client: Client, key: str) -> dict[str, Any]:
    form = client.get(cast.url("desk:article", key)).context["form"]
    return {name: "" if (value := form[name].value()) is None else value for name in form.fields}


def test_an_administrator_writes_an_article_and_customers_read_it(cast: Cast) -> None:
    ada = client_of(cast.ada)
    preview = ada.post(cast.url("desk:article_new"), GOOD | {"preview": "1"})
    assert preview.status_code == 200
    assert "<li>Venga.</li>" in preview.content.decode()
    assert not Article.objects.exists()
    assert ada.post(cast.url("desk:article_new"), GOOD).status_code == 302
    text = ArticleText.objects.get()
    assert (text.body, text.tags, text.author) == ("1. Venga.\n2. Pague.", "oficina, caja", cast.merchant.name)
    assert "Pagar en la oficina" in Client().get(cast.url("portal:help")).content.decode()
    assert "Pagar en la oficina" in ada.get(cast.url("desk:articles")).content.decode()


def test_what_is_missing_is_said_and_nothing_typed_is_lost(cast: Cast) -> None:
    ada = client_of(cast.ada)
    for wrong, sentence in (
        ({"body_es": ""}, "Escriba el texto o vacíe el título."), ({"title_es": ""}, "Escriba un título o vacíe el texto."),
        ({"title_es": "", "body_es": ""}, "al menos un idioma"), ({"body_es": "[" * 900}, "demasiado largo"),
        ({"topic": "other"}, "error-summary"), ({"title_es": "x" * 500}, "error-summary"),
    ):  # fmt: skip
        answer = ada.post(cast.url("desk:article_new"), GOOD | wrong)
        html = answer.content.decode()
        assert answer.status_code == 400, wrong
        assert sentence in html, wrong
        assert "De 8 a 5." in html
    assert not Article.objects.exists()


def test_ours_is_changed_in_one_language_and_given_back(cast: Cast) -> None:
    ada, url = client_of(cast.ada), cast.url("desk:article", "sign-in-code")
    body = form_of(cast, ada, "sign-in-code")
    assert ada.post(url, body | {"title_es": "Con un código"}).status_code == 302
    assert [(text.language, text.title) for text in ArticleText.objects.all()] == [("es", "Con un código")]
    assert ada.post(url, body | {"title_es": "Otra vez"}).status_code == 409
    fresh = form_of(cast, ada, "sign-in-code")
    assert ada.post(url, fresh | {"title_es": our_texts("es")["sign-in-code"].title}).status_code == 302
    assert not Article.objects.exists()


def test_articles_are_hidden_shown_and_removed(cast: Cast) -> None:
    ada, url = client_of(cast.ada), cast.url("desk:articles")
    for act, seen in (("hide", 302), ("show", 200), ("drop", 200)):
        assert ada.post(url, {"key": "sign-in-code", "act": act}).status_code == 302
        assert Client().get(cast.url("portal:article", "sign-in-code")).status_code == seen
    for body in ({"key": "nothing", "act": "hide"}, {"act": "hide"}, {"key": "sign-in-code", "act": "burn"}, {}):
        assert ada.post(url, body).status_code == 302
    assert not Article.objects.exists()


def test_what_readers_missed_stands_beside_the_text(cast: Cast, far: Cast) -> None:
    vote(merchant=cast.merchant, key="sign-in-code", visitor="v", is_useful=False, note="Falta <b>esto</b>", language="es")
    assert "Falta &lt;b&gt;esto" in client_of(cast.ada).get(cast.url("desk:article", "sign-in-code")).content.decode()
    assert "esto&lt;" not in client_of(far.ada).get(far.url("desk:article", "sign-in-code")).content.decode()


def test_another_house_has_no_part_in_it(cast: Cast, far: Cast) -> None:
    client_of(cast.ada).post(cast.url("desk:article_new"), GOOD)
    key = Article.objects.get().key
    assert client_of(far.ada).get(far.url("desk:article", key)).status_code == 404
    client_of(far.ada).post(far.url("desk:articles"), {"key": key, "act": "drop"})
    assert Article.objects.filter(key=key).exists()
    assert Client().get(far.url("portal:article", key)).status_code == 404
