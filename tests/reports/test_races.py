"""Races made deterministic: the competitor runs just before the lock, or while it is held."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refused, Stale
from orders.models import Order
from orders.services import void_order
from reports.models import PaymentReport
from reports.services import submit_report
from tests.cast import make_cast
from tests.factories import make_content, make_order, mark_paid
from tests.reports.conftest import Scene
from tickets.models import Ticket


@pytest.mark.parametrize("competitor", ["void", "paid", "paid in part"])
def test_an_order_that_changes_just_before_the_lock_is_seen(
    scene: Scene, competitor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports.services import submit

    order = make_order(scene.customer, "20.00")
    content = scene.content(order, seen_dues={order.pk: order.amount_due})
    lock = submit.lock_orders

    def compete_then_lock(*args: Any) -> None:
        if competitor == "void":
            void_order(order_id=order.pk, reason="Error", by=scene.cast.carol)
        else:
            mark_paid(order, "20.00" if competitor == "paid" else "5.00")
        lock(*args)

    monkeypatch.setattr(submit, "lock_orders", compete_then_lock)
    with pytest.raises(Stale) as refused:
        scene.submit(content)
    assert refused.value.code == {"void": "order_void", "paid": "order_paid", "paid in part": "order_changed"}[competitor]
    assert not PaymentReport.objects.exists()
    assert not Ticket.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_voiding_waits_for_a_report_that_is_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Void and report both decide on the order: whoever comes second sees what the first one did."""
    from reports.services import submit

    cast = make_cast()
    order = make_order(cast.a)
    done, results = threading.Event(), []

    def void() -> None:
        try:
            results.append(void_order(order_id=order.pk, reason="Error", by=cast.carol))
        except Refused as refused:
            results.append(refused)
        finally:
            done.set()
            connection.close()

    competitor = threading.Thread(target=void)
    open_ticket = submit.open_ticket

    def compete_while_locked(**kw: Any) -> Ticket:
        competitor.start()
        assert not done.wait(0.7), "the void did not wait for the order's lock"
        return open_ticket(**kw)

    monkeypatch.setattr(submit, "open_ticket", compete_while_locked)
    content = make_content(cast.account, [order])
    ticket, made = submit_report(merchant=cast.merchant, customer=cast.a, key=uuid.uuid4(), content=content, by=cast.alice)
    competitor.join(timeout=30)
    assert made
    assert ticket.is_live
    # Staff may void what is only reported; the ticket stays, and its money will go to credit.
    assert isinstance(results[0], Order)
    assert Order.objects.get(pk=order.pk).voided_at is not None
