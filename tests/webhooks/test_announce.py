"""News for other systems: written once with their change, and only where somebody listens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.actors import Actor
from accounts.people import note_changes
from tests.factories import make_customer, make_merchant
from tests.webhooks.makers import make_endpoint
from webhooks.kinds import Kind
from webhooks.models import Announcement, Delivery
from webhooks.services import News, announce, announce_many

pytestmark = pytest.mark.django_db


def test_nobody_listens_nothing_is_written_and_nothing_is_looked_up() -> None:
    merchant = make_merchant()
    make_endpoint(kinds=[Kind.ORDER_PAID])  # another merchant's
    make_endpoint(merchant, kinds=[Kind.TICKET_STATE_CHANGED])
    make_endpoint(merchant, kinds=[Kind.ORDER_PAID], is_active=False)

    def never() -> Iterator[News]:
        raise AssertionError("asked what nobody hears")

    with CaptureQueriesContext(
        connection,
    ) as one:
        assert announce(merchant=merchant, kind=Kind.ORDER_PAID, about="order:1", occasion="1", payload={}) == 0
    assert announce_many(merchant=merchant, kind=Kind.ORDER_PAID, news=never) == 0
    assert len([each for each in one.captured_queries if "SAVEPOINT" not in each["sql"]]) == 1
    assert not Announcement.objects.exists()


def test_each_endpoint_that_listens_gets_its_delivery_once_however_often_it_is_told() -> None:
    merchant = make_merchant()
    first, second = make_endpoint(merchant), make_endpoint(merchant)
    told = {"merchant": merchant, "kind": Kind.ORDER_PAID, "about": "order:1", "occasion": "1"}
    assert announce(**told, payload={"order": "A-1", "total": "10.00"}) == 2
    assert announce(**told, payload={"order": "A-1", "total": "10.00"}) == 0
    row = Announcement.objects.get()
    assert (row.kind, row.payload) == ("order.paid", {"order": "A-1", "total": "10.00"})
    assert set(Delivery.objects.values_list("endpoint_id", "state")) == {(first.pk, "queued"), (second.pk, "queued")}
    assert ProcrastinateJob.objects.filter(task_name="webhooks.jobs.deliver").count() == 2


def test_what_is_undone_was_never_told() -> None:
    merchant = make_merchant()
    make_endpoint(merchant)
    with transaction.atomic():
        assert announce(merchant=merchant, kind=Kind.ORDER_PAID, about="order:1", occasion="1", payload={}) == 1
        transaction.set_rollback(True)
    assert not Announcement.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="webhooks.jobs.deliver").exists()


def test_ten_thousand_are_told_in_as_many_statements_as_one() -> None:
    merchant = make_merchant()
    make_endpoint(merchant)

    def tell(numbers: range) -> int:
        with CaptureQueriesContext(connection) as seen:
            announce_many(
                merchant=merchant, kind=Kind.ORDER_PAID,
                news=lambda: (News(about=f"order:{n}", occasion="1", payload={"order": str(n)}) for n in numbers),
            )  # fmt: skip
        return len(seen)

    assert tell(range(1)) == tell(range(1, 10_001))
    assert Delivery.objects.count() == 10_001
    assert ProcrastinateJob.objects.filter(task_name="webhooks.jobs.deliver").count() == 2


def test_a_kind_that_is_none_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match=r"order\.eaten"):
        announce(merchant=make_merchant(), kind="order.eaten", about="order:1", occasion="1", payload={})


def test_the_history_of_a_customers_data_tells_of_itself_without_the_data() -> None:
    merchant = make_merchant()
    customer = make_customer(merchant, number="K-7")
    make_endpoint(merchant, kinds=[Kind.CUSTOMER_UPDATED])
    before = {"name": "Old", "phone": "1", "email": "same@example.com"}
    after = {"name": "New", "phone": "2", "email": "same@example.com"}
    note_changes(customer, before, after, by=Actor.system(merchant))
    row = Announcement.objects.get()
    assert row.payload == {"customer": "K-7", "fields": ["name", "phone"]}
    assert Delivery.objects.count() == 1
