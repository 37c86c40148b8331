"""Changes of services: nobody has what is dear for the price of what is cheap, whatever is changed, paid or taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.actors import Actor
from accounts.errors import Stale
from orders import service_acts as acts
from orders.models import Order, Service, ServiceOffer
from orders.service_changes import change_service, drop_change
from tests.cast import client_of, house_url
from tests.orders.test_services import alice, offer_of, pay, policy_of, standing, sue, unpay

__all__ = ["alice", "sue"]  # fixtures

pytestmark = pytest.mark.django_db


def standing_as(service: Service) -> tuple[str, str | None]:
    """What the customer has, and what it becomes."""
    service.refresh_from_db()
    return service.name, service.next.name if service.next else None


@pytest.fixture
def plans(alice: Actor) -> tuple[ServiceOffer, ServiceOffer]:
    """The cheap one and the dear one of a house whose customers change by themselves."""
    cheap, dear = offer_of(alice, name_es="Barato"), offer_of(alice, name_es="Caro")
    ServiceOffer.objects.filter(pk=dear.pk).update(price=Decimal(900))
    policy_of(alice, may_order=True, may_change=True, may_cancel=True)
    return cheap, dear


@pytest.fixture
def paid(alice: Actor, plans: tuple[ServiceOffer, ServiceOffer]) -> Service:
    """The cheap one, paid for its first period."""
    assert alice.customer
    service, order = acts.order_service(customer=alice.customer, offer_id=plans[0].pk, by=alice)
    pay(order)
    return service


def test_what_is_paid_for_stays_until_the_change_is_paid(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    cheap, dear = plans
    change_service(service_id=paid.pk, offer_id=dear.pk, by=alice)
    assert standing_as(paid) == ("Barato", "Caro")
    ServiceOffer.objects.filter(pk=dear.pk).update(price=Decimal(1000))  # who asked was told 900
    order = acts.bill_service(service_id=paid.pk, by=sue)
    assert (order.total, order.description.split(",")[0]) == (Decimal(900), "Caro")
    assert standing_as(paid) == ("Barato", "Caro")
    with pytest.raises(Stale) as stale:
        change_service(service_id=paid.pk, offer_id=cheap.pk, by=alice)
    assert stale.value.code == "unpaid"
    for by in (alice, sue):
        with pytest.raises(Stale) as stale:
            drop_change(service_id=paid.pk, by=by)
        assert stale.value.code == "billed_already"
    pay(order)
    assert standing_as(paid) == ("Caro", None)
    assert paid.price == Decimal(900)
    change_service(service_id=paid.pk, offer_id=cheap.pk, by=alice)
    assert standing_as(paid) == ("Caro", "Barato")
    unpay(order)  # what was asked for since is kept, what was had before is had again
    assert standing_as(paid) == ("Barato", "Barato")
    pay(order)
    assert standing_as(paid) == ("Caro", "Barato")


def test_a_payment_taken_back_takes_the_change_back(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    first = Order.objects.get()
    change_service(service_id=paid.pk, offer_id=plans[1].pk, by=alice)
    unpay(first)
    pay(first)  # the order of the cheap one pays the cheap one, whatever waits
    assert standing_as(paid) == ("Barato", "Caro")
    order = acts.bill_service(service_id=paid.pk, by=sue)
    pay(order)
    unpay(order)
    assert standing_as(paid) == ("Barato", "Caro")
    pay(order)
    change_service(service_id=paid.pk, name="Caro y propio", price=Decimal(800), by=sue)
    unpay(order)  # what staff said since holds
    assert standing_as(paid) == ("Caro y propio", None)


def test_a_change_is_dropped_and_goes_with_what_is_cancelled(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    change_service(service_id=paid.pk, offer_id=plans[1].pk, by=alice)
    drop_change(service_id=paid.pk, by=alice)
    assert standing_as(paid) == ("Barato", None)
    with pytest.raises(Stale):
        drop_change(service_id=paid.pk, by=alice)
    change_service(service_id=paid.pk, offer_id=plans[1].pk, by=alice)
    change_service(service_id=paid.pk, offer_id=plans[0].pk, by=alice)  # what one has is no change
    assert standing_as(paid) == ("Barato", None)
    change_service(service_id=paid.pk, offer_id=plans[1].pk, by=alice)
    acts.bill_service(service_id=paid.pk, by=sue)
    acts.cancel_service(service_id=paid.pk, by=alice)
    assert standing_as(paid) == ("Barato", None)
    assert standing(paid)[0] == "active"  # as long as the cheap one is paid


def test_both_sides_see_the_change_and_may_drop_it(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    own = client_of(alice), house_url(alice.merchant, "portal:services")
    desk = client_of(sue), house_url(alice.merchant, "desk:services", paid.customer_id)
    for client, address in (own, desk):
        own[0].post(own[1], {"act": "change", "service": paid.pk, "offer": plans[1].pk})
        shown = client.get(address).content.decode()
        assert "Pasa a ser <strong>Caro</strong> con la próxima orden" in shown
        assert client.post(address, {"act": "drop", "service": paid.pk}).status_code == 302
        assert standing_as(paid) == ("Barato", None)
        assert client.post(address, {"act": "drop", "service": paid.pk}).status_code == 409


def test_payments_taken_back_one_by_one_leave_what_is_paid(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    dear = plans[1]
    dearest = offer_of(alice, name_es="Carísimo")
    ServiceOffer.objects.filter(pk=dearest.pk).update(price=Decimal(2000))
    orders = []
    for offer in (dear, dearest):
        change_service(service_id=paid.pk, offer_id=offer.pk, by=alice)
        orders.append(acts.bill_service(service_id=paid.pk, by=sue))
        pay(orders[-1])
    unpay(orders[0])
    assert standing_as(paid)[0] == "Carísimo"
    unpay(orders[1])  # the dear one was never paid either, as it turned out
    assert standing_as(paid)[0] == "Barato"
    pay(orders[1])
    pay(orders[0])
    assert standing_as(paid)[0] == "Carísimo"


def test_an_older_order_that_is_paid_again_changes_nothing(
    alice: Actor, sue: Actor, plans: tuple[ServiceOffer, ServiceOffer], paid: Service
) -> None:
    cheap, dear = plans
    change_service(service_id=paid.pk, offer_id=dear.pk, by=alice)
    older = acts.bill_service(service_id=paid.pk, by=sue)
    pay(older)
    change_service(service_id=paid.pk, offer_id=cheap.pk, by=alice)
    pay(acts.bill_service(service_id=paid.pk, by=sue))
    assert standing_as(paid) == ("Barato", None)
    unpay(older)
    pay(older)
    assert standing_as(paid) == ("Barato", None)
