"""Services: active or renewed when their order is paid, back exactly when the payment is (S4-12), by oneself or by asking."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Role, SetupChange
from orders import service_acts as acts
from orders.dates import today_at
from orders.models import Order, OrderLine, Service, ServiceEvent, ServiceOffer, ServicePolicy
from orders.service_changes import change_service
from orders.service_payments import follow_payments
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_merchant, mark_paid, staff_actor
from tests.races import run_before
from tests.reconciliation.scene import make_scene
from tickets.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Actor:
    return customer_actor(can_manage_services=True)


@pytest.fixture
def sue(alice: Actor) -> Actor:
    return staff_actor(alice.merchant, Role.SUPPORT)


def offer_of(actor: Actor, **kw: Any) -> ServiceOffer:
    kw.setdefault("name_es", "Hosting Pyme")
    return ServiceOffer.objects.create(merchant=actor.merchant, price=Decimal(10), **kw)


def policy_of(actor: Actor, **kw: Any) -> None:
    ServicePolicy.objects.create(merchant=actor.merchant, **kw)


def made(actor: Actor, sue: Actor, **kw: Any) -> Service:
    said = {"name": "Hosting", "period": "monthly", "price": Decimal(10), "customer": actor.customer} | kw
    return acts.make_service(by=sue, **said)


def standing(service: Service) -> tuple[str, dt.date | None]:
    service.refresh_from_db()
    return service.state, service.renews_on


def unpay(order: Order) -> None:
    """As a reversal leaves it: nothing paid, the stamp gone."""
    Order.objects.filter(pk=order.pk).update(paid_on=None)
    follow_payments(order_ids=[order.pk], by=Actor.system(order.merchant))


def pay(order: Order) -> None:
    mark_paid(order)
    follow_payments(order_ids=[order.pk], by=Actor.system(order.merchant))


def test_a_paid_order_makes_active_then_renews_and_a_reversal_goes_back_exactly() -> None:
    scene = make_scene()
    offer = offer_of(scene.cast.sue)
    service, first = acts.order_service(customer=scene.cast.a, offer_id=offer.pk, by=scene.cast.sue)
    assert standing(service) == ("pending", None)
    first = Order.objects.with_balance().get(pk=first.pk)
    ticket = scene.report("10", orders=[first])
    scene.verify(ticket, scene.line("10"))
    until = acts.period_end(scene.today, "monthly", anchor=scene.today.day)
    assert standing(service) == ("active", until)
    second = acts.bill_service(service_id=service.pk, by=scene.cast.sue)
    second = Order.objects.with_balance().get(pk=second.pk)
    renewal = scene.report("10", orders=[second])
    scene.verify(renewal, scene.line("10"))
    later = acts.period_end(until, "monthly", anchor=scene.today.day)
    assert standing(service) == ("active", later)
    scene.reverse(renewal)
    assert standing(service) == ("active", until)
    scene.reverse(ticket)
    assert standing(service) == ("pending", None)
    told = list(ServiceEvent.objects.filter(service=service).order_by("pk").values_list("act", flat=True))
    assert told == ["made", "billed", "paid", "billed", "paid", "reopened", "reopened"]


def test_telling_the_same_payment_twice_changes_nothing(alice: Actor, sue: Actor) -> None:
    service = made(alice, sue)
    order = acts.bill_service(service_id=service.pk, by=sue)
    pay(order)
    before = standing(service)
    pay(order)
    assert standing(service) == before
    unpay(order)
    unpay(order)
    assert standing(service) == ("pending", None)
    assert ServiceEvent.objects.filter(service=service, act="reopened").count() == 1


def test_a_suspended_service_goes_back_to_suspended_when_its_payment_is_taken_back(alice: Actor, sue: Actor) -> None:
    today = today_at(alice.merchant)
    service = made(alice, sue, paid_until=today)
    acts.suspend_service(service_id=service.pk, note="No paga", by=sue)
    order = acts.bill_service(service_id=service.pk, by=sue)
    pay(order)
    assert standing(service)[0] == "active"
    unpay(order)
    assert standing(service) == ("suspended", today)


def test_the_history_stays(alice: Actor, sue: Actor) -> None:
    made(alice, sue)
    for sql in ("UPDATE orders_serviceevent SET note = 'x'", "DELETE FROM orders_serviceevent"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_the_thirty_first_is_not_lost_to_a_february() -> None:
    february = acts.period_end(dt.date(2027, 1, 31), "monthly", anchor=31)
    assert february == dt.date(2027, 2, 28)
    assert acts.period_end(february, "monthly", anchor=31) == dt.date(2027, 3, 31)
    assert acts.period_end(dt.date(2024, 2, 29), "yearly", anchor=29) == dt.date(2025, 2, 28)
    assert acts.period_end(dt.date(2024, 2, 29), "once", anchor=29) is None


def test_renewals_are_billed_once_so_many_days_before(alice: Actor, sue: Actor) -> None:
    policy_of(alice, bills_renewals=True, renewal_days=10)
    today = today_at(alice.merchant)
    near = made(alice, sue, paid_until=today + dt.timedelta(days=10))
    made(alice, sue, paid_until=today + dt.timedelta(days=11))
    made(alice, sue, period="once", paid_until=today)
    assert acts.renew_everywhere() == 1
    assert acts.renew_everywhere() == 0
    line = OrderLine.objects.get()
    assert (line.service, line.starts_on) == (near, near.renews_on)
    assert line.order.due_on == near.renews_on
    pay(line.order)
    assert standing(near) == ("active", line.ends_on)
    unpay(line.order)
    assert acts.renew_everywhere() == 0


def test_a_house_that_does_not_ask_for_it_bills_nothing(alice: Actor, sue: Actor) -> None:
    made(alice, sue, paid_until=today_at(alice.merchant))
    assert acts.renew_everywhere() == 0
    assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_issue_one_order() -> None:
    alice = customer_actor(can_manage_services=True)
    sue = staff_actor(alice.merchant, Role.SUPPORT)
    policy_of(alice, bills_renewals=True)
    made(alice, sue, paid_until=today_at(alice.merchant))
    with run_before("orders.service_acts.issue_order", acts.renew_everywhere) as other:
        assert acts.renew_everywhere() == 1
    assert other.error is None
    assert other.result == 0
    assert Order.objects.count() == 1


def test_what_is_cancelled_lasts_as_long_as_it_is_paid(alice: Actor, sue: Actor) -> None:
    policy_of(alice, may_cancel=True, bills_renewals=True, renewal_days=30)
    until = today_at(alice.merchant) + dt.timedelta(days=5)
    service = made(alice, sue, paid_until=until)
    acts.renew_everywhere()
    order = Order.objects.get()
    acts.cancel_service(service_id=service.pk, note="Me mudo", by=alice)
    order.refresh_from_db()
    assert order.voided_at is not None
    assert standing(service) == ("active", until)
    assert acts.renew_everywhere() == 0
    with pytest.raises(Stale):
        acts.cancel_service(service_id=service.pk, by=alice)
    Service.objects.update(ends_on=today_at(alice.merchant))
    assert acts.renew_everywhere() == 1
    assert standing(service)[0] == "cancelled"


def test_an_order_with_a_payment_is_not_voided_with_its_service(alice: Actor, sue: Actor) -> None:
    service = made(alice, sue)
    order = acts.bill_service(service_id=service.pk, by=sue)
    mark_paid(order, "4.00")
    acts.cancel_service(service_id=service.pk, at_once=True, by=sue)
    order.refresh_from_db()
    assert order.voided_at is None
    assert standing(service)[0] == "cancelled"


def test_customers_help_themselves_as_far_as_the_house_says(alice: Actor, sue: Actor) -> None:
    offer = offer_of(alice)
    service = made(alice, sue)
    assert alice.customer
    for act in (
        lambda: acts.order_service(customer=alice.customer, offer_id=offer.pk, by=alice),
        lambda: change_service(service_id=service.pk, offer_id=offer.pk, by=alice),
        lambda: acts.cancel_service(service_id=service.pk, by=alice),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_by_oneself"
    stranger = customer_actor(can_manage_services=True)
    mute = customer_actor(alice.customer)
    policy_of(alice, may_order=True, may_change=True, may_cancel=True)
    with pytest.raises(NotAllowed):
        acts.order_service(customer=alice.customer, offer_id=offer.pk, by=mute)
    with pytest.raises(Http404):
        acts.cancel_service(service_id=service.pk, by=stranger)
    change_service(service_id=service.pk, offer_id=offer.pk, by=alice)
    service.refresh_from_db()
    assert service.name == "Hosting Pyme"
    with pytest.raises(NotAllowed):
        change_service(service_id=service.pk, name="Gratis", price=Decimal("0.01"), by=mute)
    with pytest.raises(Refused):
        change_service(service_id=service.pk, price=Decimal("0.01"), by=alice)


def test_nobody_gets_the_dear_one_by_paying_the_cheap_ones_order(alice: Actor, sue: Actor) -> None:
    assert alice.customer
    cheap, dear = offer_of(alice), offer_of(alice, name_es="Servidor propio")
    ServiceOffer.objects.filter(pk=dear.pk).update(price=Decimal(900))
    once = offer_of(alice, name_es="Para siempre", period="once")
    policy_of(alice, may_order=True, may_change=True)
    service, order = acts.order_service(customer=alice.customer, offer_id=cheap.pk, by=alice)
    with pytest.raises(Stale) as stale:
        change_service(service_id=service.pk, offer_id=dear.pk, by=alice)
    assert stale.value.code == "unpaid"
    assert order.number in stale.value.message
    pay(order)
    for by in (alice, sue):  # what is paid once is never billed again
        with pytest.raises(Refused) as refused:
            change_service(service_id=service.pk, offer_id=once.pk, by=by)
        assert refused.value.code == "other_sort"
    service.refresh_from_db()
    assert (service.name, service.price) == ("Hosting Pyme", Decimal(10))
    for_ever, its_order = acts.order_service(customer=alice.customer, offer_id=once.pk, by=sue)
    with pytest.raises(Refused):
        change_service(service_id=for_ever.pk, offer_id=cheap.pk, by=sue)
    pay(its_order)
    dearer = offer_of(alice, name_es="Para siempre y más", period="once")
    with pytest.raises(Refused):
        change_service(service_id=for_ever.pk, offer_id=dearer.pk, by=alice)


def test_a_day_at_the_end_of_time_is_refused_when_it_is_written_not_when_it_is_billed(alice: Actor, sue: Actor) -> None:
    with pytest.raises(Refused) as refused:
        made(alice, sue, paid_until=dt.date(9999, 12, 31))
    assert refused.value.code == "bad_day"
    assert not Service.objects.exists()


def test_the_portal_orders_by_itself_or_asks_in_a_ticket(alice: Actor, sue: Actor) -> None:
    offer, service = offer_of(alice), made(alice, sue)
    client, address = client_of(alice), house_url(alice.merchant, "portal:services")
    assert "Solicitarlo" in client.get(address).content.decode()
    client.post(address, {"act": "cancel", "service": service.pk, "note": "Ya no lo uso"})
    asked = Conversation.objects.get(customer=alice.customer)
    assert "Hosting" in asked.subject
    assert standing(service)[0] == "pending"
    policy_of(alice, may_order=True)
    answer = client.post(address, {"act": "order", "offer": offer.pk})
    order = Order.objects.get()
    assert answer.status_code == 302
    assert order.number in answer["Location"]
    assert order.number in client.get(address).content.decode()
    assert client.post(address, {"act": "order", "offer": offer.pk}).status_code == 409
    assert Order.objects.count() == 1
    assert client.post(address, {"act": "order", "offer": 999999}).status_code == 422
    assert client_of(customer_actor(alice.customer)).get(address).status_code == 403


def test_the_desk_keeps_a_customers_services(alice: Actor, sue: Actor) -> None:
    assert alice.customer
    client, address = client_of(sue), house_url(alice.merchant, "desk:services", alice.customer.pk)
    assert client.post(address, {"act": "make", "name": "Dominio", "period": "yearly", "price": "x"}).status_code == 400
    assert client.post(address, {"act": "make", "name": "Dominio", "period": "yearly", "price": "12,50"}).status_code == 302
    service = Service.objects.get()
    assert service.price == Decimal("12.50")
    for act, code in (("bill", 302), ("bill", 409), ("suspend", 409), ("end", 302), ("cancel", 409)):
        assert client.post(address, {"act": act, "service": service.pk, "note": "Prueba"}).status_code == code, act
    assert "Prueba" in client.get(address).content.decode()
    otto = client_of(staff_actor(alice.merchant, Role.AUDITOR))
    assert otto.get(address).status_code == 200
    assert otto.post(address, {"act": "bill", "service": service.pk}).status_code == 403


def test_offers_and_rules_are_an_administrators_with_a_history() -> None:
    ada = staff_actor(make_merchant(), Role.ADMINISTRATOR)
    client, address = client_of(ada), house_url(ada.merchant, "desk:setup_services")
    offer = {"what": "offer", "name_es": "Plan", "period": "monthly", "price": "9,90", "tax_name": "IVA", "tax_per_cent": "16"}
    assert client.post(address, offer | {"price": "-1"}).status_code == 400
    assert client.post(address, offer | {"is_active": "on"}).status_code == 302
    kept = ServiceOffer.objects.get()
    assert (kept.price, kept.tax_rate) == (Decimal("9.90"), Decimal("0.16"))
    assert client.post(address, offer | {"offer": kept.pk, "price": "11"}).status_code == 302
    rules = {"what": "rules", "may_order": "on", "renewal_days": "7", "due_days": "3"}
    assert client.post(address, rules | {"renewal_days": "700"}).status_code == 400
    assert client.post(address, rules).status_code == 302
    assert ServicePolicy.objects.get().renewal_days == 7
    assert SetupChange.objects.filter(area="services").count() >= 3
    sue = client_of(staff_actor(ada.merchant, Role.SUPPORT))
    assert sue.post(address, rules).status_code == 403


def test_lists_cost_the_same_however_many_services_there_are(
    alice: Actor, sue: Actor, django_assert_max_num_queries: Any
) -> None:
    for _each in range(6):
        acts.bill_service(service_id=made(alice, sue).pk, by=sue)
    client, address = client_of(alice), house_url(alice.merchant, "portal:services")
    with django_assert_max_num_queries(12):
        client.get(address)
