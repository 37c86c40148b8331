"""T15: one form is one report. Clicked twice, retried, raced, resent by a colleague: the same ticket, once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refused
from letters.models import Letter
from orders.models import Order, OrderLine
from reports.content import ReportContent, ShippingContent
from reports.models import Allocation, PaymentReport, ReportRevision, ShippingWish, Transfer
from reports.services import submit_report
from tests.cast import Cast, make_cast
from tests.factories import customer_actor, make_content, make_customer, make_order
from tests.files.makers import make_file
from tickets.models import Conversation, Ticket, TicketEvent
from tickets.services import prepare_merchant

AT_ONCE = 20
WISH = ShippingContent(address="Av. Las Delicias, piso 3, 3-B", state="Aragua", city="Maracay", phone="0412-5550142")


@pytest.fixture
def cast() -> Cast:
    cast = make_cast(shipping_price=Decimal("5.00"))
    prepare_merchant(merchant=cast.merchant, by=cast.ada)
    return cast


def send(cast: Cast, content: ReportContent, key: uuid.UUID, by: Any = None) -> tuple[Ticket, bool]:
    by = by or cast.alice
    return submit_report(merchant=cast.merchant, customer=by.customer, key=key, content=content, by=by)


def all_at_once(call: Callable[[int], Any], count: int = AT_ONCE) -> list[Any]:
    """Start `call` in that many threads at the same moment; what each gave back or raised."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(place: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[place] = call(place)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def rows() -> dict[str, int]:
    models = (Ticket, TicketEvent, Conversation, Letter, PaymentReport, ReportRevision, Transfer, Allocation, ShippingWish, Order)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.django_db
def test_the_same_form_again_is_the_same_ticket(cast: Cast) -> None:
    key, content = uuid.uuid4(), make_content(cast.account, [make_order(cast.a)])
    first, made = send(cast, content, key)
    before = rows()
    # The answer to the first may never have arrived: a retry finds what was committed.
    again, made_again = send(cast, content, key)
    assert (made, made_again) == (True, False)
    assert again == first
    assert rows() == before


@pytest.mark.django_db
def test_the_same_picture_uploaded_again_is_the_same_form(cast: Cast) -> None:
    key, content = uuid.uuid4(), make_content(cast.account, [make_order(cast.a)])
    transfer = content.transfers[0]
    files = [make_file(customer=cast.a), make_file(customer=cast.a)]
    contents = [replace(content, transfers=(replace(transfer, file_keys=(file.key,)),)) for file in files]
    assert send(cast, contents[0], key)[0] == send(cast, contents[1], key)[0]


@pytest.mark.django_db
@pytest.mark.parametrize("changed", ["amount", "orders", "note", "payer", "shipping", "reference", "allocations", "files"])
def test_another_body_under_the_same_key_is_refused(cast: Cast, changed: str) -> None:
    orders, key = [make_order(cast.a), make_order(cast.a)], uuid.uuid4()
    content = make_content(cast.account, orders[:1])
    first, _made = send(cast, content, key)
    before, transfer = rows(), content.transfers[0]
    others = {
        "amount": replace(content, transfers=(replace(transfer, amount=Decimal("10.01")),)),
        "reference": replace(content, transfers=(replace(transfer, reference_raw="998877"),)),
        "files": replace(content, transfers=(replace(transfer, file_keys=(make_file(customer=cast.a).key,)),)),
        "orders": replace(content, orders=(orders[0].pk, orders[1].pk)),
        "note": replace(content, note="Hola"),
        "payer": replace(content, payer_name="Comercial Sol"),
        "shipping": replace(content, shipping=WISH),
        "allocations": replace(content, allocations={orders[0].pk: Decimal(1)}),
    }
    with pytest.raises(Refused) as refused:
        send(cast, others[changed], key)
    assert refused.value.code == "key_reused"
    assert first.number in refused.value.message
    assert rows() == before


@pytest.mark.django_db
def test_a_colleague_who_resends_the_form_gets_the_same_ticket(cast: Cast) -> None:
    colleague = customer_actor(cast.a)
    key, content = uuid.uuid4(), make_content(cast.account, [make_order(cast.a)])
    assert send(cast, content, key)[0] == send(cast, content, key, by=colleague)[0]


@pytest.mark.django_db
def test_the_key_of_another_customer_tells_nothing(cast: Cast) -> None:
    key = uuid.uuid4()
    first, _made = send(cast, make_content(cast.account, [make_order(cast.a)]), key)
    other, made = send(cast, make_content(cast.account, [make_order(cast.b)]), key, by=cast.bob)
    assert made
    assert other != first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_orders", [True, False], ids=["orders", "in advance"])
def test_twenty_at_once_are_one_report(cast: Cast, with_orders: bool) -> None:
    """With orders their locks queue the senders; without, the unique key alone decides."""
    orders = [make_order(cast.a), make_order(cast.a)] if with_orders else []
    key, content = uuid.uuid4(), make_content(cast.account, orders, amount="20.00")
    results = all_at_once(lambda _place: send(cast, content, key))
    assert not [each for each in results if isinstance(each, Exception)]
    assert {ticket.pk for ticket, _made in results} == {Ticket.objects.get().pk}
    assert sum(made for _ticket, made in results) == 1
    after = rows()
    assert after["PaymentReport"] == after["TicketEvent"] == after["Conversation"] == after["Transfer"] == 1
    assert after["Allocation"] == len(orders)
    assert after["Letter"] == 1  # to Alice; Nora follows no tickets


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_that_add_the_shipping_make_one_order(cast: Cast) -> None:
    content = replace(make_content(cast.account, [], amount="5.00"), shipping=replace(WISH, add=True))
    key = uuid.uuid4()
    results = all_at_once(lambda _place: send(cast, content, key))
    assert not [each for each in results if isinstance(each, Exception)]
    assert OrderLine.objects.filter(kind=OrderLine.Kind.SHIPPING).count() == 1
    assert ShippingWish.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_shipping_is_used_by_one_of_two_reports_sent_at_once(cast: Cast) -> None:
    line = make_order(cast.a, "5.00", kind=OrderLine.Kind.SHIPPING)
    contents = [replace(make_content(cast.account, [line]), shipping=WISH) for _ in range(4)]
    results = all_at_once(lambda place: send(cast, contents[place], uuid.uuid4()), len(contents))
    refused = [each for each in results if isinstance(each, Exception)]
    assert len(refused) == len(contents) - 1
    assert all(isinstance(each, Refused) and each.code in {"shipping_used", "no_shipping_right"} for each in refused)
    assert ShippingWish.objects.filter(released_at__isnull=True).count() == 1
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_customers_who_send_at_once_do_not_wait_for_each_other_for_ever(cast: Cast) -> None:
    """Crossed orders and crossed numbers would deadlock if locks were taken in another order by each."""
    people = [cast.alice, cast.bob, customer_actor(make_customer(cast.merchant)), customer_actor(make_customer(cast.merchant))]
    sets = []
    for place in range(12):
        by = people[place % len(people)]
        orders = [make_order(by.customer), make_order(by.customer)]
        sets.append((by, make_content(cast.account, orders if place % 2 else orders[::-1])))
    results = all_at_once(lambda place: send(cast, sets[place][1], uuid.uuid4(), by=sets[place][0]), len(sets))
    assert not [each for each in results if isinstance(each, Exception)]
    assert len({ticket.number for ticket, _made in results}) == len(sets)
