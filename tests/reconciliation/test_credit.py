"""Using credit: by its customer or by accounting, never more than there is or than is due."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused
from orders.models import Order
from orders.services import void_order
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Settlement
from reconciliation.selectors import credit_of, payments_of
from tests.factories import customer_actor
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """Alice has 50 in her favour."""
    scene = make_scene()
    scene.verify(scene.report("50"), scene.line("50"))
    return scene


def test_credit_pays_an_order_as_far_as_it_goes(scene: Scene) -> None:
    small, large = scene.order("20"), scene.order("80")
    for order in (small, large):
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)
    assert (scene.paid_of(small), scene.paid_of(large), scene.credit()) == (20, 30, 0)
    assert Order.objects.get(pk=small.pk).paid_on == scene.today
    assert Order.objects.get(pk=large.pk).paid_on is None
    assert credit_of(scene.cast.a) == []
    assert [payment.source for payment in payments_of(scene.cast.alice, small)] == ["credit"]
    assert list(audit_books(scene.cast.merchant)) == []


def test_accounting_uses_credit_for_a_customer(scene: Scene) -> None:
    order = scene.order("80")
    settlement = services.apply_credit(customer=scene.cast.a, order_id=order.pk, amount=Decimal("12.34"), by=scene.cast.carol)
    assert settlement.prepared_by == scene.cast.carol.user
    assert (scene.paid_of(order), scene.credit()) == (Decimal("12.34"), Decimal("37.66"))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "amount_invalid"),
        ("-5", "amount_invalid"),
        ("0.001", "amount_invalid"),
        ("NaN", "amount_invalid"),
        ("51", "above_credit"),
    ],
)
def test_amounts_that_do_not_fit_are_refused(scene: Scene, amount: str, code: str) -> None:
    order = scene.order("80")
    with pytest.raises(Refused) as refused:
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, amount=Decimal(amount), by=scene.cast.alice)
    assert refused.value.code == code
    assert (scene.paid_of(order), scene.credit()) == (0, 50)


def test_no_more_than_is_due_and_nothing_on_closed_orders(scene: Scene) -> None:
    order = scene.order("10")
    with pytest.raises(Refused) as refused:
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, amount=Decimal(20), by=scene.cast.alice)
    assert refused.value.code == "above_due"
    services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)
    voided = scene.order("10")
    void_order(order_id=voided.pk, reason="Duplicada", by=scene.cast.carol)
    for closed in (order, voided):
        with pytest.raises(Refused) as refused:
            services.apply_credit(customer=scene.cast.a, order_id=closed.pk, by=scene.cast.alice)
        assert refused.value.code == "order_closed"
    assert scene.credit() == 40


def test_credit_is_of_one_currency(scene: Scene) -> None:
    order = scene.order("10", currency="VES")
    with pytest.raises(Refused) as refused:
        services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=scene.cast.alice)
    assert refused.value.code == "no_credit"


def test_nobody_else_spends_it(scene: Scene) -> None:
    order, others = scene.order("10"), scene.order("10", customer=scene.cast.b)
    limited = customer_actor(scene.cast.a, can_report=False)
    for actor in (scene.cast.bob, scene.cast.nora, limited, scene.cast.sue, scene.cast.otto):
        with pytest.raises(NotAllowed):
            services.apply_credit(customer=scene.cast.a, order_id=order.pk, by=actor)
    with pytest.raises(Http404):
        services.apply_credit(customer=scene.cast.a, order_id=others.pk, by=scene.cast.alice)
    assert (scene.credit(), Settlement.objects.filter(kind="credit_use").count()) == (50, 0)
