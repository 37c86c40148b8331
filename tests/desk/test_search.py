"""What customers, orders and tickets are found by: any part of a word, case and accents aside, in one's own house alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import paging
from accounts.models import CustomerSearch
from accounts.searching import mend_words
from accounts.selectors import customers_for, list_customers
from orders.dates import today_at
from orders.jobs import mend_search as mend_orders
from orders.models import Order, OrderSearch
from orders.selectors import OrderFilters, find_orders, list_orders
from orders.services import LineDraft, issue_order
from tests.cast import Cast, client_of, make_cast
from tests.factories import make_customer, make_order
from tests.races import run_before
from tests.reconciliation.scene import Scene
from tickets.jobs import mend_search as mend_tickets
from tickets.models import TicketSearch


def customers(cast: Cast, query: str) -> list[str]:
    return [each.name for each in list_customers(cast.carol, query)[:50]]


def orders(cast: Cast, query: str, **filters: Any) -> list[str]:
    return [each.number for each in list_orders(cast.carol, OrderFilters(query=query, **filters))]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("nandu", True), ("ÑANDÚ", True), ("ndú", True), ("nd", False), ("hi", True), ("hijos nandu", True),
        ("nandu perez", False), ("C-1077", True), ("077", True), ("c-", True), ("77", True), ("07", False),
        ("1791234567001", True), ("4567", True), ("ventas@", True), ("@nandu", True), ("888", True), ("lodz", True),
        ("łódź", True), ("strasse", True), ("straße", True), ("%", False), ("_", False), ("\\", False), ("'", False),
    ],
)  # fmt: skip
def test_customers_are_found_by_any_part_of_a_word_and_by_the_beginning_of_a_short_one(
    cast: Cast, far: Cast, query: str, is_found: bool
) -> None:
    for house in (cast, far):
        make_customer(
            house.merchant, name="Ñandú e Hijos, Łódź Straße", number="C-1077", tax_id="1791234567001",
            email="ventas@nandu.example", phone="+593 99 888 7766",
        )  # fmt: skip
    assert [each.merchant_id for each in customers_for(cast.carol, query)] == [cast.merchant.pk] * is_found


def test_the_very_number_stands_before_what_only_holds_it(cast: Cast) -> None:
    for name, number in (("Ana", "E-70"), ("Berta", "E-7"), ("Celia", "E-71")):
        customer = make_customer(cast.merchant, name=name, number=number)
        make_order(customer, number=f"F-{number}", due_in=-9)
    make_order(cast.a, number="E-7", due_in=9)
    assert customers(cast, "e-7") == ["Berta", "Ana", "Celia"]
    assert orders(cast, "e-7")[0] == find_orders(cast.carol, OrderFilters(query="e-7"))[:1][0].number == "E-7"
    assert len(orders(cast, "e-7")) == 4


def test_what_is_changed_is_found_by_its_new_words_alone(scene: Scene) -> None:
    cast = scene.cast
    order = scene.order("40.00")
    ticket = scene.report("40.00", orders=[order])
    cast.a.name = "Zoraida Quiñónez"
    cast.a.save()
    Order.objects.filter(pk=order.pk).update(description="Enlace dedicado")
    assert customers(cast, "quinonez") == ["Zoraida Quiñónez"]
    assert orders(cast, "quinonez dedicado") == [order.number]
    assert TicketSearch.objects.get(ticket=ticket).text == f" {ticket.number} {cast.a.number} zoraida quinonez".lower()
    assert customers(cast, "alvarez") == orders(cast, "alvarez") == []
    TicketSearch.objects.filter(ticket=ticket).update(text=" como se llamaba")
    mend_tickets(timestamp=0)
    assert TicketSearch.objects.get(ticket=ticket).text.endswith(" zoraida quinonez")


def test_a_search_keeps_to_its_house_and_its_state(cast: Cast, far: Cast) -> None:
    late, soon = make_order(cast.a, number="Z-100", due_in=-3), make_order(cast.a, number="Z-1001", due_in=3)
    make_order(far.a, number="Z-1002", due_in=-3)
    assert orders(cast, "z-100") == [late.number, soon.number]
    assert orders(cast, "z-100", state="overdue") == [late.number]
    assert orders(far, "z-100") == ["Z-1002"]
    assert [each.number for each in list_orders(cast.alice, OrderFilters(query="1001"))] == [soon.number]


@pytest.mark.parametrize(
    ("page", "query"), [("search", "alicia"), ("orders", ""), ("orders", "alicia"), ("customers", ""), ("customers", "alicia")]
)
def test_pages_send_as_many_statements_for_many_rows_as_for_one(scene: Scene, page: str, query: str) -> None:
    cast, client = scene.cast, client_of(scene.cast.carol)

    def sent() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert "Alicia" in client.get(cast.url(f"desk:{page}"), {"q": query}).content.decode()
        return len(captured)

    def more(times: int) -> None:
        for _time in range(times):
            scene.report("40.00", orders=[scene.order("40.00")])
            make_order(cast.a, paid="10.00")
            make_customer(cast.merchant, name="Alicia")

    more(1)
    sent()
    before = sent()
    more(5)
    assert sent() == before


def test_a_ticket_is_found_by_the_end_of_a_reference(scene: Scene, far: Cast) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")], reference="0045775572442")
    html = client_of(scene.cast.carol).get(scene.cast.url("desk:search"), {"q": "alicia 5572442"}).content.decode()
    assert ticket.number in html
    assert "No se halló nada" in client_of(far.carol).get(far.url("desk:search"), {"q": "5572442"}).content.decode()


def test_a_list_says_that_there_is_more_than_it_shows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(5):
        make_customer(cast.merchant, name=f"Muchos {place}")
    page = list_customers(cast.carol, "muchos").page(2, 3)
    assert ([each.name for each in page], page.paginator.count) == (["Muchos 3", "Muchos 4"], 5)
    monkeypatch.setattr(paging, "MOST_FOUND", 4)
    make_customer(cast.merchant, name="El último", number="MUCHOS")
    page = list_customers(cast.carol, "muchos").page("1", 3)
    assert ([each.name for each in page][0], page.paginator.count, page.paginator.num_pages) == ("El último", 4, 2)
    html = client_of(cast.carol).get(cast.url("desk:customers"), {"q": "muchos"}).content.decode()
    assert "1–4 de más de 4" in html


def test_every_row_has_what_it_is_found_by(cast: Cast) -> None:
    order = make_order(cast.a)
    assert CustomerSearch.objects.get(customer=cast.b).text.startswith(f" {cast.b.number.lower()} roberto nanez ")
    assert OrderSearch.objects.get(order=order).merchant_id == cast.merchant.pk
    with connection.cursor() as cursor:
        for table, key in (("orders_orderline", "order_id"), ("orders_orderbalance", "order_id"), ("orders_order", "id")):
            cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [order.pk])
    assert not OrderSearch.objects.filter(pk=order.pk).exists()


def test_parts_are_paged_as_one_list(cast: Cast) -> None:
    for place in range(5):
        make_order(cast.a, number=f"P-{place}", due_in=place, **({"paid": "10.00"} if place > 2 else {}))
    pages = [list_orders(cast.carol, OrderFilters(query="p-", page=page), page_size=2) for page in (1, 2, 3)]
    assert [each.number for page in pages for each in page] == ["P-0", "P-1", "P-2", "P-4", "P-3"]
    assert [each.number for each in list_orders(cast.carol, OrderFilters(query="p-4", page=1), page_size=2)] == ["P-4"]


@pytest.mark.django_db(transaction=True)
def test_what_is_made_while_its_customer_is_renamed_is_found_by_the_new_name_after_the_night() -> None:
    cast = make_cast()

    def rename() -> None:
        cast.a.__class__.objects.filter(pk=cast.a.pk).update(name="Zutano nuevo")

    with run_before("orders.services.announce_orders", rename) as other:
        order = issue_order(
            merchant=cast.merchant, customer=cast.a, lines=[LineDraft(description="Hosting", unit_price=Decimal(10))],
            description="Hosting", due_on=today_at(cast.merchant), by=cast.sue,
        )  # fmt: skip
    assert other.error is None
    assert order.number not in orders(cast, "zutano")
    mend_orders(timestamp=0)
    assert orders(cast, "zutano") == [order.number]
    assert mend_words("orders_order", "order_id", ("number", "description"), made="created_at") == 0
