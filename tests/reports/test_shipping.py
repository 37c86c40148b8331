"""The paper invoice: its right is a paid unused shipping order, or one in this report, and is used exactly once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.errors import Refused
from orders.models import Order, OrderLine
from orders.services import void_order
from reports.content import ShippingContent
from reports.models import PaymentReport, ShippingWish
from reports.selectors import report_of, shipping_right
from reports.services import reject_report, reopen_report, resubmit_report, withdraw_report
from tests.factories import make_order, mark_paid
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, sentences, typed
from tickets.services import claim

WISH = ShippingContent(
    address="Av. Las Delicias, Centro Ejecutivo Sol, piso 3", state="Aragua", city="Maracay", phone="0412-5550142"
)
TYPED = {
    "wants_paper": "on", "address": WISH.address, "state": WISH.state, "city": WISH.city, "receiver_phone": WISH.phone,
}  # fmt: skip


def shipping_order(scene: Scene) -> Order:
    return make_order(scene.customer, "5.00", kind=OrderLine.Kind.SHIPPING)


def live_wishes() -> int:
    return ShippingWish.objects.filter(released_at__isnull=True).count()


def test_a_paid_unused_shipping_gives_the_right(scene: Scene) -> None:
    line = mark_paid(shipping_order(scene)).lines.get()
    ticket = scene.report(make_order(scene.customer), shipping=WISH)
    wish = report_of(scene.cast.alice, ticket).wish
    assert wish is not None
    assert (wish.order_line, wish.city) == (line, "Maracay")


def test_a_shipping_in_this_report_gives_the_right(scene: Scene) -> None:
    order = shipping_order(scene)
    ticket = scene.report(make_order(scene.customer), order, shipping=WISH)
    assert ShippingWish.objects.get(report__ticket=ticket).order_line.order == order


@pytest.mark.parametrize("case", ["none", "unpaid and not ticked", "void", "used", "another's"])
def test_without_a_right_the_wish_is_refused(scene: Scene, case: str) -> None:
    order = make_order(scene.customer)
    if case == "unpaid and not ticked":
        shipping_order(scene)
    elif case == "void":
        void_order(order_id=shipping_order(scene).pk, reason="Error", by=scene.cast.carol)
    elif case == "used":
        mark_paid(shipping_order(scene))
        scene.report(make_order(scene.customer), shipping=WISH)
    elif case == "another's":
        mark_paid(make_order(scene.cast.b, "5.00", kind=OrderLine.Kind.SHIPPING))
    before = PaymentReport.objects.count(), Order.objects.count()
    with pytest.raises(Refused) as refused:
        scene.report(order, shipping=WISH)
    assert (refused.value.code, refused.value.fields) == ("no_shipping_right", ("wants_paper",))
    assert (PaymentReport.objects.count(), Order.objects.count()) == before


def test_adding_the_shipping_makes_its_order_and_ticks_it(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    ticket = scene.report(order, amount="25.00", shipping=replace(WISH, add=True))
    view = report_of(scene.cast.alice, ticket)
    added = next(each.order for each in view.allocations if each.order != order)
    assert added.total == Decimal("5.00")
    assert added.lines.get().kind == OrderLine.Kind.SHIPPING
    assert {each.order: each.amount for each in view.allocations} == {order: Decimal(20), added: Decimal(5)}
    assert view.wish is not None
    assert view.wish.order_line.order == added


def test_adding_uses_a_right_that_is_there_already(scene: Scene) -> None:
    mark_paid(shipping_order(scene))
    scene.report(make_order(scene.customer), shipping=replace(WISH, add=True))
    assert Order.objects.count() == 2


def test_a_report_that_is_refused_adds_no_order(scene: Scene) -> None:
    with pytest.raises(Refused):
        scene.report(make_order(scene.customer), shipping=replace(WISH, add=True, city=""))
    assert Order.objects.count() == 1


def test_nothing_is_added_where_nothing_is_mailed(scene: Scene) -> None:
    scene.merchant.offers_shipping = False
    scene.merchant.save()
    form = form_of(scene, typed(scene, make_order(scene.customer), **TYPED, add_shipping="on"))
    assert not form.is_valid()
    assert list(sentences(form)) == ["wants_paper"]


def test_the_form_offers_to_add_the_shipping_and_counts_it(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    form = form_of(scene, typed(scene, order, **TYPED))
    assert not form.is_valid()
    assert list(sentences(form)) == ["wants_paper"]
    form = form_of(scene, typed(scene, order, **TYPED, add_shipping="on", t_0_amount="25,00"))
    assert form.is_valid(), sentences(form)
    assert form.examined is not None
    assert (form.examined.adds_shipping, form.examined.total_due, form.examined.kind) == (True, Decimal(25), "exact")
    assert Order.objects.count() == 1


def test_the_address_is_asked_whole(scene: Scene) -> None:
    missing = dict.fromkeys(("address", "state", "city", "receiver_phone"), "")
    form = form_of(scene, typed(scene, make_order(scene.customer), shipping_order(scene), **(TYPED | missing)))
    assert not form.is_valid()
    assert sorted(sentences(form)) == ["address", "city", "receiver_phone", "state"]


@pytest.mark.parametrize("end", ["withdrawn", "rejected"])
def test_a_report_that_ends_gives_the_right_back(scene: Scene, end: str) -> None:
    order = mark_paid(shipping_order(scene))
    ticket = scene.report(make_order(scene.customer), shipping=WISH)
    assert shipping_right(scene.customer, []) is None
    if end == "withdrawn":
        withdraw_report(ticket_id=ticket.pk, by=scene.cast.alice)
    else:
        claim(ticket_id=ticket.pk, by=scene.cast.carol)
        reject_report(ticket_id=ticket.pk, reason_id=scene.reason().pk, by=scene.cast.carol)
    assert live_wishes() == 0
    assert shipping_right(scene.customer, []) == order.lines.get()
    assert report_of(scene.cast.alice, ticket).released_wish is not None


def reject(scene: Scene, ticket_id: int) -> None:
    claim(ticket_id=ticket_id, by=scene.cast.carol)
    reject_report(ticket_id=ticket_id, reason_id=scene.reason().pk, by=scene.cast.carol)


def test_a_corrected_report_takes_the_right_again(scene: Scene) -> None:
    mark_paid(shipping_order(scene))
    ticket = scene.report(make_order(scene.customer), shipping=WISH)
    reject(scene, ticket.pk)
    content = report_of(scene.cast.alice, ticket).content()
    assert content.shipping == WISH
    resubmit_report(ticket_id=ticket.pk, content=content, by=scene.cast.alice)
    assert live_wishes() == 1


def test_a_reopened_report_gets_its_wish_back_if_the_right_is_free(scene: Scene) -> None:
    mark_paid(shipping_order(scene))
    ticket = scene.report(make_order(scene.customer), shipping=WISH)
    reject(scene, ticket.pk)
    reopen_report(ticket_id=ticket.pk, note="Apareció el depósito.", by=scene.cast.dan)
    assert live_wishes() == 1


def test_a_reopened_report_goes_on_without_a_right_that_was_used_meanwhile(scene: Scene) -> None:
    mark_paid(shipping_order(scene))
    ticket = scene.report(make_order(scene.customer), shipping=WISH)
    reject(scene, ticket.pk)
    other = scene.report(make_order(scene.customer), shipping=WISH)
    reopen_report(ticket_id=ticket.pk, note="Apareció el depósito.", by=scene.cast.dan)
    assert ShippingWish.objects.get(released_at__isnull=True).report.ticket == other
