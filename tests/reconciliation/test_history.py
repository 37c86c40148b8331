"""Payments of an order and a customer's history: for whom, and what they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from accounts.errors import NotAllowed
from reconciliation.selectors import (
    history_of_customer,
    open_approval_of,
    open_reversal_of,
    payments_of,
    settled_for,
)
from reconciliation.services import AdjustmentChoice
from tests.factories import make_bank
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_payments_of_an_order_with_their_sources(scene: Scene, django_assert_num_queries: Any) -> None:
    order = scene.order("100")
    reversed_ticket, _line = scene.paid("40", order)
    scene.reverse(reversed_ticket)
    fee = AdjustmentChoice(kind="bank_fee", amount=Decimal(1), note="Comisión")
    ticket = scene.report("100", orders=[order])
    scene.verify(ticket, scene.line("99"), adjustments=[fee])
    with django_assert_num_queries(1):
        payments = payments_of(scene.cast.alice, order)
    assert [(payment.source, payment.amount, payment.reversed_at is None) for payment in payments] == [
        ("deposit", 40, False),
        ("deposit", 99, True),
        ("bank_fee", 1, True),
    ]
    assert payments[1].ticket == ticket
    for actor in (scene.cast.bob, make_scene().cast.carol):
        with pytest.raises(Http404):
            payments_of(actor, order)


def test_payments_in_another_currency_say_what_moved() -> None:
    scene = make_scene(rate="36.70")
    order = scene.order("10")
    scene.verify(scene.report("367", orders=[order], account=scene.bolivars), scene.line("367", account=scene.bolivars))
    (payment,) = payments_of(scene.cast.carol, order)
    assert (payment.amount, payment.currency, payment.paid_amount, payment.paid_currency) == (10, "USD", 367, "VES")


def test_a_customers_history_for_staff(scene: Scene) -> None:
    scene.paid("10", scene.order("10"))
    scene.verify(scene.report("5"), scene.line("5"))
    scene.report("7")
    history = history_of_customer(scene.cast.sue, scene.cast.a)
    assert (history.verified, history.rejected, history.live, history.credit[0].balance) == (2, 0, 1, 5)
    assert history.since < scene.today
    with pytest.raises(NotAllowed):
        history_of_customer(scene.cast.alice, scene.cast.a)
    with pytest.raises(Http404):
        history_of_customer(make_scene().cast.sue, scene.cast.a)


def test_a_reports_own_payment_is_no_habit_that_speaks_for_it(scene: Scene) -> None:
    usual, other = make_bank(), make_bank()
    scene.verify(scene.report("5", origin=usual.pk), scene.line("5"))
    ticket = scene.report("7", origin=other.pk)
    scene.verify(ticket, scene.line("7"))
    assert {*history_of_customer(scene.cast.sue, scene.cast.a).usual_banks} == {usual, other}
    assert history_of_customer(scene.cast.sue, scene.cast.a, besides=ticket).usual_banks == [usual]


def test_open_requests_and_settlements_are_shown_to_staff(scene: Scene) -> None:
    ticket = scene.report("5000")
    scene.verify(ticket, scene.line("5000"), note="Cliente nuevo")
    waiting = open_approval_of(scene.cast.dan, ticket)
    assert waiting is not None
    assert (waiting.prepared_by, waiting.note) == (scene.cast.carol.user, "Cliente nuevo")
    from reconciliation.services import sign_approval

    sign_approval(ticket_id=ticket.pk, by=scene.cast.dan)
    scene.reverse(ticket)
    assert open_approval_of(scene.cast.otto, ticket) is None
    assert open_reversal_of(scene.cast.otto, ticket) is not None
    assert [settlement.kind for settlement in settled_for(scene.cast.otto, ticket)] == ["deposit"]
    for read in (open_approval_of, open_reversal_of, settled_for):
        with pytest.raises(NotAllowed):
            read(scene.cast.alice, ticket)
