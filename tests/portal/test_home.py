"""The first screen: what is owed, what can be reported, where tickets stand; constant queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.dates import today_at
from tests.cast import client_of
from tests.factories import make_contact, make_customer, make_order, make_rate
from tests.portal.conftest import Scene


def count_queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_home_says_what_is_owed_and_what_of_it_is_late(scene: Scene) -> None:
    make_order(scene.customer, "20.00", due_in=-3)
    make_order(scene.customer, "12.50")
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:home")).content.decode()
    assert "USD\u00a032,50" in page
    assert "Incluye" in page
    assert "USD\u00a020,00" in page
    assert "Vencida" in page


def test_an_equivalent_stands_only_where_a_rate_of_today_exists(scene: Scene) -> None:
    make_order(scene.customer, "10.00")
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:home")
    assert "Bs\u00a0" not in client.get(url).content.decode()
    make_rate(scene.merchant, rate="36.50", date=today_at(scene.merchant))
    page = client.get(url).content.decode()
    assert "Bs\u00a0365,00" in page
    assert "tasa BCV" in page


def test_who_owes_nothing_is_told_so(scene: Scene) -> None:
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:home")).content.decode()
    assert "No debe nada" in page
    assert "Reportar un pago sin orden" in page


def test_reported_orders_leave_the_debt_and_show_their_ticket(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    make_order(scene.customer, "5.00")
    ticket = scene.report(order)
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:home")).content.decode()
    assert "USD\u00a05,00" in page
    assert ticket.number in page
    assert "1 reporte enviado" in page


def test_a_stranger_sees_the_public_page(scene: Scene) -> None:
    response = Client().get(scene.cast.url("portal:home"))
    assert response.status_code == 200
    assert "figure" not in response.content.decode().split("<main")[1]


def test_another_customers_orders_and_tickets_are_not_there(scene: Scene) -> None:
    theirs = make_order(scene.cast.b, "77.00")
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:home")).content.decode()
    assert theirs.number not in page


def test_staff_who_are_also_a_contact_see_their_customers_orders_alone(scene: Scene) -> None:
    own = make_customer(scene.merchant)
    make_contact(own, user=scene.cast.carol.user)
    mine, theirs = make_order(own, "9.00"), make_order(scene.customer, "77.00")
    page = client_of(scene.cast.carol).get(scene.cast.url("portal:orders")).content.decode()
    assert mine.number in page
    assert theirs.number not in page


@pytest.mark.parametrize("name", ["portal:home", "portal:orders"])
def test_fifty_orders_take_as_many_queries_as_five(scene: Scene, name: str) -> None:
    make_rate(scene.merchant, date=today_at(scene.merchant))
    orders: list[Any] = [make_order(scene.customer, "3.00") for _ in range(5)]
    scene.report(orders[0])
    client, url = client_of(scene.cast.alice), scene.cast.url(name)
    few = count_queries(client, url)
    for _ in range(45):
        make_order(scene.customer, "3.00")
    assert count_queries(client, url) == few


def test_many_tickets_take_as_many_queries_as_one(scene: Scene) -> None:
    scene.report(make_order(scene.customer))
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:tickets")
    few = count_queries(client, url)
    for _ in range(6):
        scene.report(make_order(scene.customer), make_order(scene.customer))
    assert count_queries(client, url) == few
