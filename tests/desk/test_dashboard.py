"""The page of figures: each role sees its own, numbers agree with the lists, queries are constant."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast, client_of
from tests.factories import make_order
from tests.reports.conftest import Scene, scene
from tickets.figures import support_figures_for
from tickets.models import Conversation
from tickets.services import close_conversation, open_conversation, post_message
from tickets.services.talks import rate_conversation

__all__ = ["scene"]


def talk(cast: Cast) -> Conversation:
    return open_conversation(merchant=cast.merchant, customer=cast.a, subject="Consulta", text="Hola", by=cast.alice)


def count_queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_each_role_sees_the_figures_of_its_work(scene: Scene) -> None:
    cast = scene.cast
    scene.report(make_order(scene.customer, "20.00"))
    for actor, accounting, support in (
        (cast.carol, True, False), (cast.dan, True, False), (cast.sue, False, True), (cast.ada, True, True),
        (cast.otto, True, True),
    ):  # fmt: skip
        html = client_of(actor).get(cast.url("desk:dashboard")).content.decode()
        assert ("Abonos por día" in html) == accounting, actor.role
        assert ("Conversaciones abiertas" in html) == support, actor.role
        assert "Sin tomar" in html
    assert client_of(cast.alice).get(cast.url("desk:dashboard")).status_code == 403


def test_supports_figures_agree_with_what_happened(cast: Cast, far: Cast) -> None:
    waiting, answered, closed = talk(cast), talk(cast), talk(cast)
    talk(far)
    Conversation.objects.filter(pk=waiting.pk).update(last_message_at=timezone.now() - dt.timedelta(hours=30))
    post_message(conversation_id=answered.pk, text="Buenas", by=cast.sue)
    close_conversation(conversation_id=closed.pk, by=cast.sue)
    rate_conversation(conversation_id=closed.pk, rating="good", note="Muy <b>amables</b>", by=cast.alice)
    figures = support_figures_for(cast.sue)
    assert (figures.open, figures.to_answer, figures.unassigned) == (2, 1, 2)
    assert [(first, count) for first, _last, count in figures.waits if count] == [(24, 1)]
    assert (figures.rated, figures.satisfied) == (1, 100)
    assert sum(count for _department, count in figures.departments) == 2
    html = client_of(cast.sue).get(cast.url("desk:dashboard")).content.decode()
    assert "100 %" in html
    assert "Muy &lt;b&gt;amables" in html
    assert support_figures_for(far.sue).satisfied is None


def test_an_empty_house_has_figures_too(cast: Cast) -> None:
    html = client_of(cast.ada).get(cast.url("desk:dashboard")).content.decode()
    assert "No se decidió ningún reporte" in html or "0" in html


def test_many_reports_and_conversations_take_as_many_queries_as_one(scene: Scene) -> None:
    cast, client, url = scene.cast, client_of(scene.cast.ada), scene.cast.url("desk:dashboard")
    scene.report(make_order(scene.customer, "20.00"))
    talk(cast)
    few = count_queries(client, url)
    for _ in range(4):
        scene.report(make_order(scene.customer, "20.00"))
        talk(cast)
    assert count_queries(client, url) == few
    assert few <= 24
