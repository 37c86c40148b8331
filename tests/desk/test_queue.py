"""The queue: order, views, filters, claims, the place one comes back to, and its constant number of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desk.deadlines import deadline_of
from tests.reconciliation.scene import Scene
from tickets import services
from tickets.calendar import add_business_minutes
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db


def queue(scene: Scene, browse: Any, who: str = "carol", query: str = "", **kw: Any) -> str:
    answer = browse(who).get(scene.cast.url("desk:queue") + query, **kw)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_most_urgent_comes_first(scene: Scene, browse: Any) -> None:
    late, soon = scene.report("10.00"), scene.report("20.00")
    Ticket.objects.filter(pk=soon.pk).update(deadline_at=timezone.now() + dt.timedelta(days=9))
    Ticket.objects.filter(pk=late.pk).update(deadline_at=timezone.now() - dt.timedelta(days=9))
    html = queue(scene, browse)
    assert html.index(late.number) < html.index(soon.number)
    assert "Vencido hace" in html


def test_deadlines_are_told_in_words(scene: Scene) -> None:
    merchant, ticket = scene.cast.merchant, scene.report("10.00")
    now = add_business_minutes(merchant, timezone.now(), 1)

    def words(minutes: int) -> str:
        ticket.deadline_at = add_business_minutes(merchant, now, minutes)
        return deadline_of(merchant, ticket, now).text

    assert words(50) == "Vence en 50 min hábiles"
    assert words(100) == "Vence en 1 h 40 min hábiles"
    assert words(250) == "Faltan 4 h 10 min hábiles"
    assert words(360) == "Faltan 6 h hábiles"
    ticket.deadline_at = now
    later = add_business_minutes(merchant, now, 80)
    assert deadline_of(merchant, ticket, later).text == "Vencido hace 1 h 20 min hábiles"


def test_a_paused_clock_says_so(scene: Scene, browse: Any) -> None:
    ticket = scene.report("10.00")
    services.ask_information(ticket_id=ticket.pk, question="¿Cuál?", fields=["reference"], by=scene.cast.carol)
    html = queue(scene, browse)
    assert "En pausa" in html
    assert "respuesta hasta el" in html


def test_views_and_filters_narrow_the_list(scene: Scene, browse: Any) -> None:
    mine, free = scene.report("10.00"), scene.report("777.00")
    services.release(ticket_id=free.pk, by=scene.cast.carol)
    assert free.number not in queue(scene, browse, query="?view=mine")
    assert mine.number not in queue(scene, browse, query="?view=new")
    assert mine.number not in queue(scene, browse, query="?amount_from=500")
    assert free.number in queue(scene, browse, query="?q=" + free.number[-5:])
    assert "Ningún ticket aquí" in queue(scene, browse, query="?q=nadie")


@pytest.mark.parametrize("query", ["?view=x", "?account=999999", "?age=5", "?amount_from=abc", "?state=x", "?page=0"])
def test_a_bad_filter_is_answered_with_400(scene: Scene, browse: Any, query: str) -> None:
    ticket = scene.report("10.00")
    answer = browse("carol").get(scene.cast.url("desk:queue") + query)
    assert answer.status_code == 400
    assert ticket.number in answer.content.decode()


def test_taking_from_the_list_gives_the_row_back(scene: Scene, browse: Any) -> None:
    ticket = scene.report("10.00")
    services.release(ticket_id=ticket.pk, by=scene.cast.carol)
    address = scene.cast.url("desk:claim_row", ticket.number)
    answer = browse("carol").post(address, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert f'id="row-{ticket.pk}"' in html
    assert "Usted, hasta" in html
    refused = browse("dan").post(address, headers={"HX-Request": "true"}).content.decode()
    assert "Carol" in refused
    assert browse("dan").post(address).status_code == 409
    ticket.refresh_from_db()
    assert ticket.claimed_by == scene.cast.carol.user


def test_without_htmx_taking_leads_to_the_ticket(scene: Scene, browse: Any) -> None:
    ticket = scene.report("10.00")
    services.release(ticket_id=ticket.pk, by=scene.cast.carol)
    answer = browse("carol").post(scene.cast.url("desk:claim_row", ticket.number))
    assert answer.headers["Location"] == scene.cast.url("desk:ticket", ticket.number)


def test_a_claim_that_ran_out_can_be_taken_over(scene: Scene, browse: Any, post: Any) -> None:
    ticket = scene.report("10.00")
    Ticket.objects.filter(pk=ticket.pk).update(claimed_until=timezone.now() - dt.timedelta(minutes=1))
    html = browse("dan").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Tomarlo" in html
    assert post("dan", "desk:claim", ticket.number).status_code == 302
    ticket.refresh_from_db()
    assert ticket.claimed_by == scene.cast.dan.user


def test_the_ticket_knows_its_place_in_the_list_one_came_from(scene: Scene, browse: Any) -> None:
    tickets = [scene.report(f"{amount}.00") for amount in (10, 500, 20, 600, 700)]
    for place, ticket in enumerate(tickets):
        Ticket.objects.filter(pk=ticket.pk).update(deadline_at=timezone.now() + dt.timedelta(hours=place + 1))
    address = scene.cast.url("desk:ticket", tickets[3].number)
    html = browse("carol").get(address).content.decode()
    assert "4 de 5" in html
    queue(scene, browse, query="?amount_from=100")
    html = browse("carol").get(address).content.decode()
    assert "2 de 3" in html
    assert scene.cast.url("desk:ticket", tickets[1].number) in html
    assert scene.cast.url("desk:ticket", tickets[4].number) in html
    assert "?amount_from=100" in html
    decided = scene.paid("10.00", scene.order("10.00"))[0]
    assert "Siguiente de la cola" in browse("carol").get(scene.cast.url("desk:ticket", decided.number)).content.decode()


def test_colleagues_see_who_looks(scene: Scene, browse: Any) -> None:
    ticket = scene.report("10.00")
    services.release(ticket_id=ticket.pk, by=scene.cast.carol)
    assert "lo ve ahora" not in queue(scene, browse)
    browse("dan").get(scene.cast.url("desk:look", ticket.number))
    assert "Dan lo ve ahora" in queue(scene, browse)
    assert "lo ve ahora" not in queue(scene, browse, who="dan")


def test_shortcuts_are_switched_off_for_good(scene: Scene, browse: Any, post: Any) -> None:
    assert 'data-shortcuts="on"' in queue(scene, browse)
    answer = post("carol", "desk:shortcuts", on="0", next="https://elsewhere.example/")
    assert answer.headers["Location"] == scene.cast.url("desk:queue")
    assert 'data-shortcuts="off"' in queue(scene, browse)
    post("carol", "desk:shortcuts", on="1", next=scene.cast.url("desk:orders"))
    assert 'data-shortcuts="on"' in queue(scene, browse)


def test_the_median_of_this_week_is_told(scene: Scene, browse: Any) -> None:
    assert "Mediana" not in queue(scene, browse)
    scene.paid("10.00", scene.order("10.00"))
    assert "Mediana hasta decidir" in queue(scene, browse)


def queries_of(client: Any, address: str) -> int:
    client.get(address)  # what is kept by the process (content types, session) is read before
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_queue_asks_as_often_for_fifty_as_for_five(scene: Scene, browse: Any) -> None:
    for number in range(5):
        scene.report(f"{number + 1}.00", orders=[scene.order("40.00")])
    address = scene.cast.url("desk:queue")
    five = queries_of(browse("carol"), address)
    for number in range(45):
        scene.report(f"{number + 10}.00", orders=[scene.order("40.00"), scene.order("5.00")])
        scene.line(f"{number + 10}.00")
    assert queries_of(browse("carol"), address) == five


def test_the_decision_page_asks_a_constant_number_of_times(scene: Scene, browse: Any) -> None:
    small = scene.report("40.00", orders=[scene.order("40.00")])
    scene.line("40.00")
    services.post_message(conversation_id=small.conversation.pk, text="Hola", by=scene.cast.sue)
    large = scene.report("400.00", orders=[scene.order("10.00") for _each in range(40)])
    for _each in range(15):
        scene.line("400.00")
        scene.order("3.00")
        services.post_message(conversation_id=large.conversation.pk, text="Hola", by=scene.cast.sue)
    few, many = (
        queries_of(browse("carol"), scene.cast.url("desk:ticket", ticket.number)) for ticket in (small, large)
    )  # fmt: skip
    assert few == many
    assert few <= 45
    assert Ticket.objects.get(pk=large.pk).state == State.IN_REVIEW
