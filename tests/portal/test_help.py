"""Help: found by everybody, searched with anything, voted on once; articles are offered while a message is typed."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles import services
from articles.models import ArticleVote
from articles.selectors import counts_of
from articles.services import TextDraft
from portal.help import NEW_VISITORS_OF_AN_ADDRESS
from tests.cast import Cast, client_of

KEY = "sign-in-code"


def page(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_finds_articles_by_topic_and_by_words(cast: Cast) -> None:
    client, url = Client(), cast.url("portal:help")
    every = page(client, url)
    assert "Entrar sin contraseña, con un código" in every
    assert "Qué significa cada estado" in every
    assert "Revertir un pago" not in every
    found = page(client, url, q="codigo")
    assert "Entrar sin contraseña, con un código" in found
    assert "Pagar en otra moneda" not in found
    assert "Ningún artículo tiene todas esas palabras" in page(client, url, q="código zzzz")
    assert "No se encontró nada" in page(client, url, q="zzzz")
    assert "Si le descontó una retención" in page(client, url, tag="retención")


def test_the_staff_find_theirs(cast: Cast) -> None:
    assert "Revertir un pago" in page(client_of(cast.carol), cast.url("portal:help"))
    assert client_of(cast.carol).get(cast.url("portal:article", "staff-reverse")).status_code == 200
    assert Client().get(cast.url("portal:article", "staff-reverse")).status_code == 404


def test_an_article_speaks_the_readers_language_and_shows_its_pictures(cast: Cast) -> None:
    client = Client()
    for language, word, picture in (("es", "seis cifras", "code-es-1280.png"), ("en", "six digits", "code-en-1280.png")):
        client.cookies["django_language"] = language
        html = page(client, cast.url("portal:article", KEY))
        assert word in html
        assert picture in html
        assert cast.url("account_request_login_code") in html
        assert re.search(r'<button[^>]*name="useful" value="yes"', html)


def test_what_is_not_there_is_404(cast: Cast) -> None:
    for key in ("nothing-like-it", "..%2f..%2fsettings", "%3Cscript%3E", "x" * 300, "UPPER"):
        assert Client().get(cast.url("portal:help") + key + "/").status_code == 404


@pytest.mark.parametrize("text", ["' OR 1=1", "%00", "a" * 9000, "<script>alert(1)</script>", "🙂 :* & |", "\\"])
def test_hostile_searches_are_searches(cast: Cast, text: str) -> None:
    client, url = Client(), cast.url("portal:help")
    for name in ("q", "tag", "subject"):
        answer = client.get(url, {name: text}, headers={"HX-Request": "true"} if name == "subject" else {})
        assert answer.status_code in (200, 404)
        assert b"<script>alert" not in answer.content


def test_a_visitor_votes_once_and_may_change_their_mind(cast: Cast) -> None:
    client, url = Client(), cast.url("portal:article", KEY)
    for said in ("yes", "yes", "no"):
        assert client.post(url, {"useful": said}).status_code == 302
    client.post(url, {"useful": "no", "note": "Falta\x00 una foto"})
    assert ArticleVote.objects.get().note == "Falta una foto"
    html = page(client, url)
    assert "Gracias por decírnoslo" in html
    assert "Falta una foto" in html
    assert "A 0 de 1 persona" in html
    assert "Falta una foto" not in page(Client(), url)


def test_a_person_who_signed_in_is_one_visitor_on_every_device(cast: Cast) -> None:
    url = cast.url("portal:article", KEY)
    for _ in range(2):
        client_of(cast.alice).post(url, {"useful": "yes"})
    client_of(cast.bob).post(url, {"useful": "yes"})
    assert ArticleVote.objects.count() == 2


def test_a_forged_cookie_is_a_new_visitor_and_an_address_has_few_of_them(cast: Cast) -> None:
    url = cast.url("portal:article", KEY)
    for number in range(NEW_VISITORS_OF_AN_ADDRESS + 3):
        client = Client()
        client.cookies["help_visitor"] = f"somebody{number}:forged"
        assert client.post(url, {"useful": "yes"}).status_code == 302
    assert ArticleVote.objects.count() == NEW_VISITORS_OF_AN_ADDRESS


def test_bad_votes_change_nothing(cast: Cast) -> None:
    client = Client()
    for body in ({}, {"useful": "maybe"}, {"useful": ""}):
        assert client.post(cast.url("portal:article", KEY), body).status_code == 302
    assert client.post(cast.url("portal:article", "nothing-like-it"), {"useful": "yes"}).status_code == 404
    assert not ArticleVote.objects.exists()


def test_each_reading_is_counted_and_a_look_at_its_head_is_not(cast: Cast) -> None:
    client, url = Client(), cast.url("portal:article", KEY)
    for _ in range(3):
        client.get(url)
    client.head(url)
    assert counts_of(cast.merchant)[KEY].views == 3
    assert "abierto 4 veces" in page(client, url)
    assert "Lo más leído" in page(client, cast.url("portal:help"))


def test_articles_are_offered_while_a_message_is_typed(cast: Cast) -> None:
    client = client_of(cast.alice)
    assert 'hx-get="' + cast.url("portal:help") in page(client, cast.url("portal:support_new"))
    ask = {"subject": "Factura en papel", "text": "no me llega"}
    answer = client.get(cast.url("portal:help"), ask, headers={"HX-Request": "true"}).content.decode()
    assert "Recibir la factura fiscal en papel" in answer
    assert "<html" not in answer
    assert "staff" not in answer
    nothing = client.get(cast.url("portal:help"), {"subject": "zzzz"}, headers={"HX-Request": "true"})
    assert nothing.content.strip() == b""


def test_hostile_articles_of_a_merchant_are_clean(cast: Cast) -> None:
    bad = '<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) <b onclick="x">y</b>'
    draft = TextDraft(title="<script>alert(4)</script>", summary=bad[:200], tags='<b>,"x', body=bad, author="<i>")
    article = services.save_article(topic="owed", texts={"es": draft}, by=cast.ada)
    for html in (page(Client(), cast.url("portal:article", article.key)), page(Client(), cast.url("portal:help"), q="alert")):
        body = html.split("<main")[1]
        assert "<script>alert" not in body
        assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", body)
        assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', body))


def test_help_takes_as_many_queries_with_many_articles(cast: Cast) -> None:
    client, url = Client(), cast.url("portal:help")

    def count() -> int:
        client.get(url, {"q": "oficina"})
        with CaptureQueriesContext(connection) as captured:
            client.get(url, {"q": "oficina"})
            client.get(url)
            client.get(cast.url("portal:article", KEY))
        return len(captured)

    draft = TextDraft(title="En la oficina", body="Venga.")
    services.save_article(topic="owed", texts={"es": draft}, by=cast.ada)
    few = count()
    for _ in range(15):
        services.save_article(topic="owed", texts={"es": draft}, by=cast.ada)
    assert count() == few
