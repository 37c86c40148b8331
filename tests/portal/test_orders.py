"""Orders: every state stays visible and is a link, credit is used on purpose, print is plain."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orders.services import void_order
from reconciliation.models import CreditBalance
from tests.cast import client_of
from tests.factories import make_order, mark_paid
from tests.portal.conftest import Scene
from tests.triggers import triggers_asleep


def give_credit(scene: Scene, amount: str) -> None:
    """A credit balance without the deposit behind it."""
    with triggers_asleep("reconciliation_creditbalance"):
        CreditBalance.objects.create(merchant=scene.merchant, customer=scene.customer, currency="USD", balance=Decimal(amount))


def test_every_state_is_shown_in_words_and_links_to_its_order(scene: Scene) -> None:
    late, paid, part = make_order(scene.customer, due_in=-3), make_order(scene.customer), make_order(scene.customer, paid="4.00")
    void, covered = make_order(scene.customer), make_order(scene.customer)
    mark_paid(paid)
    void_order(order_id=void.pk, reason="Emitida por error", by=scene.cast.carol)
    scene.report(covered)
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:orders")).content.decode()
    for word in ("Vencida", "Pagada", "Pagada en parte", "Anulada", "En revisión"):
        assert word in page
    for order in (late, paid, part, void, covered):
        assert 'class="chip chip--' in page
        assert page.count(scene.cast.url("portal:order", order.number)) >= 2


def test_filters_and_search_narrow_the_list(scene: Scene) -> None:
    paid, other = make_order(scene.customer, description="Dominio"), make_order(scene.customer, description="Correo")
    mark_paid(paid)
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:orders")
    only_paid = client.get(url, {"state": "paid"}).content.decode()
    assert paid.number in only_paid
    assert other.number not in only_paid
    assert other.number in client.get(url, {"q": "correo"}).content.decode()
    assert "Ninguna orden coincide" in client.get(url, {"q": "nada de eso"}).content.decode()


@pytest.mark.parametrize("query", [{"page": "zz"}, {"page": "99"}, {"state": "<b>"}, {"q": "\x00%"}])
def test_strange_addresses_show_a_list_all_the_same(scene: Scene, query: dict[str, str]) -> None:
    make_order(scene.customer)
    assert client_of(scene.cast.alice).get(scene.cast.url("portal:orders"), query).status_code == 200


def test_an_order_shows_lines_and_how_to_pay_it(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:order", order.number)).content.decode()
    assert f"?orders={order.pk}" in page
    assert "Dónde pagar" in page
    assert scene.usd.number[-4:] in page


def test_a_void_order_stays_visible_and_cannot_be_reported(scene: Scene) -> None:
    order = make_order(scene.customer)
    void_order(order_id=order.pk, reason="Emitida por error", by=scene.cast.carol)
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:order", order.number)).content.decode()
    assert "Emitida por error" in page
    assert f"?orders={order.pk}" not in page


def test_another_customers_order_is_not_found(scene: Scene) -> None:
    theirs = make_order(scene.cast.b)
    client = client_of(scene.cast.alice)
    for name in ("portal:order", "portal:order_print", "portal:order_credit"):
        assert client.get(scene.cast.url(name, theirs.number)).status_code == 404


def test_the_print_view_names_both_sides(scene: Scene) -> None:
    order = make_order(scene.customer)
    page = client_of(scene.cast.alice).get(scene.cast.url("portal:order_print", order.number)).content.decode()
    assert scene.customer.name in page
    assert order.number in page


def test_without_credit_there_is_nothing_to_use(scene: Scene) -> None:
    order = make_order(scene.customer)
    client, url = client_of(scene.cast.alice), scene.cast.url("portal:order_credit", order.number)
    assert "No hay saldo a favor" in client.get(url).content.decode()
    assert client.post(url).status_code == 409
    order.refresh_from_db()
    assert order.paid_on is None


def test_the_credit_page_says_what_it_will_do(scene: Scene) -> None:
    give_credit(scene, "4.00")
    order = make_order(scene.customer, "10.00")
    client = client_of(scene.cast.alice)
    assert "Usar saldo a favor" in client.get(scene.cast.url("portal:order", order.number)).content.decode()
    page = client.get(scene.cast.url("portal:order_credit", order.number)).content.decode()
    assert "USD\u00a06,00" in page
    assert "Aplicar" in page
