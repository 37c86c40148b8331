"""Lists of orders: who sees which, search, filters and sorting from allow-lists, the same queries for any number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import Http404, QueryDict

from orders.dates import today_at
from orders.forms import OrderFilterForm
from orders.models import Order, OrderBalance, OrderLine
from orders.selectors import OrderFilters, count_states, list_orders, order_for, orders_for, shipping_lines_of
from orders.services import void_order
from tests.cast import Cast, make_cast
from tests.factories import make_order


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def numbers(cast: Cast, actor: Any = None, **filters: Any) -> list[str]:
    return [order.number for order in list_orders(actor or cast.alice, OrderFilters(**filters))]


def test_each_sees_their_own(cast: Cast) -> None:
    mine, theirs, elsewhere = make_order(cast.a), make_order(cast.b), make_order(make_cast().a)
    assert set(orders_for(cast.alice)) == {mine}
    assert set(orders_for(cast.bob)) == {theirs}
    assert set(orders_for(cast.sue)) == {mine, theirs}
    assert set(orders_for(cast.nora)) == set()
    assert set(orders_for(None)) == set()
    assert order_for(cast.alice, mine.number) == mine
    for number in (theirs.number, elsewhere.number + "x", "no"):
        with pytest.raises(Http404):
            order_for(cast.alice, number)


def test_pending_ones_come_first_oldest_due_first_then_the_newest(cast: Cast) -> None:
    today = today_at(cast.merchant)
    soon, late = make_order(cast.a, due_in=3), make_order(cast.a, due_in=-3)
    old = make_order(cast.a, issued_on=today - dt.timedelta(days=90), due_on=today, paid="10.00")
    new = make_order(cast.a, issued_on=today - dt.timedelta(days=2), due_on=today, paid="10.00")
    void = make_order(cast.a, issued_on=today - dt.timedelta(days=40), due_on=today)
    void_order(order_id=void.pk, reason="Error", by=cast.carol)
    assert numbers(cast) == [late.number, soon.number, new.number, void.number, old.number]
    assert numbers(cast, sort="-number")[0] == max(each.number for each in (soon, late, old, new, void))


def test_states_narrow_the_list(cast: Cast) -> None:
    unpaid, late = make_order(cast.a, due_in=3), make_order(cast.a, due_in=-3)
    partly, paid, void = make_order(cast.a, "20.00", paid="1.00"), make_order(cast.a, paid="10.00"), make_order(cast.a)
    void_order(order_id=void.pk, reason="Error", by=cast.carol)
    found = {state: set(numbers(cast, state=state)) for state in ("open", "overdue", "partly_paid", "paid", "void")}
    assert found == {
        "open": {unpaid.number, late.number, partly.number},
        "overdue": {late.number},
        "partly_paid": {partly.number},
        "paid": {paid.number},
        "void": {void.number},
    }
    counts = count_states(cast.alice)
    assert (counts.open, counts.overdue, counts.paid, counts.void) == (3, 1, 1, 1)


def test_states_are_shown_in_words(cast: Cast) -> None:
    today = today_at(cast.merchant)
    late, partly = make_order(cast.a, due_in=-3), make_order(cast.a, "20.00", paid="1.00")
    assert late.display_state(today) == "overdue"
    assert late.display_state(today, in_review=True) == "in_review"
    assert partly.display_state(today) == "partly_paid"
    assert make_order(cast.a, paid="10.00").display_state(today, in_review=True) == "paid"


@pytest.mark.parametrize("query", ["nandu", "ÑANDÚ", "2026-ABC", "abc", "roberto nandu", "  "])
def test_search_forgives_case_and_accents(cast: Cast, query: str) -> None:
    make_order(cast.b, number="2026-ABC", description="Dominio ñandú.example")
    make_order(cast.a, number="2026-XYZ")
    assert "2026-ABC" in numbers(cast, cast.sue, query=query)
    assert ("2026-XYZ" in numbers(cast, cast.sue, query=query)) == (query.strip() == "")


@pytest.mark.parametrize("query", ["%", "_", "'; DROP TABLE", "\\"])
def test_search_takes_signs_literally(cast: Cast, query: str) -> None:
    make_order(cast.a)
    assert numbers(cast, query=query) == []


@pytest.mark.parametrize(
    "address",
    [
        "sort=secret", "sort=customer__user__password", "state=x", "page=0", "page=1e3", "page=99999999999", "page=x", "q=%00",
        "state=paid&state=open", "sort=number&sort=number",
    ],
)  # fmt: skip
def test_t5_anything_not_on_the_lists_makes_the_address_invalid(cast: Cast, address: str) -> None:
    assert not OrderFilterForm(QueryDict(address)).is_valid()


def test_a_good_address_is_read(cast: Cast) -> None:
    form = OrderFilterForm(QueryDict("q=hosting&state=open&sort=-due_on&page=2"))
    assert form.is_valid()
    assert form.filters(7) == OrderFilters(query="hosting", state="open", sort="-due_on", page=2, customer_id=7)
    empty = OrderFilterForm(QueryDict(""))
    assert empty.is_valid()
    assert empty.filters() == OrderFilters()


@pytest.mark.parametrize("count", [5, 5000])
def test_a_page_costs_the_same_queries_for_5_and_5000_orders(cast: Cast, count: int, django_assert_num_queries: Any) -> None:
    first = make_order(cast.a)
    copies = [
        Order(
            merchant=cast.merchant, customer=cast.a, number=f"X-{place}", description="Hosting", currency="USD", subtotal=10,
            total=10, issued_on=first.issued_on, due_on=first.due_on,
        )
        for place in range(count)
    ]  # fmt: skip
    Order.objects.bulk_create(copies)
    OrderBalance.objects.bulk_create(OrderBalance(order=order, merchant=cast.merchant, total=10) for order in copies)
    with django_assert_num_queries(2):  # how many, and one page with balance and customer
        page = list_orders(cast.alice, OrderFilters())
        assert len([(order.amount_due, order.customer.name) for order in page]) == min(count + 1, 50)


def test_shipping_lines_are_paid_or_ticked_and_the_paid_first(cast: Cast) -> None:
    kind = OrderLine.Kind.SHIPPING
    unpaid, ticked = make_order(cast.a, kind=kind, due_in=-9), make_order(cast.a, kind=kind, due_in=1)
    paid, void = make_order(cast.a, kind=kind, due_in=9, paid="10.00"), make_order(cast.a, kind=kind)
    void_order(order_id=void.pk, reason="Error", by=cast.carol)
    make_order(cast.b, kind=kind, paid="10.00")
    found = shipping_lines_of(cast.a, ticked_order_ids=[ticked.pk, void.pk])
    assert [line.order for line in found] == [paid, ticked]
    assert unpaid not in [line.order for line in found]
