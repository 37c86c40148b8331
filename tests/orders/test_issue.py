"""Issuing orders: sums, numbers, the balance beside them; voiding; the paid date; the shipping that a customer adds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused
from orders.dates import today_at
from orders.models import Order, OrderBalance, OrderLine
from orders.services import LineDraft, add_shipping_order, issue_order, note_payment, void_order
from tests.cast import Cast, make_cast
from tests.factories import make_order, mark_paid


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(shipping_price=Decimal("5.00"), shipping_tax_rate=Decimal("0.16"))


def issue(cast: Cast, *lines: LineDraft, **kw: Any) -> Order:
    kw.setdefault("customer", cast.a)
    kw.setdefault("due_on", today_at(cast.merchant) + dt.timedelta(days=15))
    kw.setdefault("description", "Hosting")
    kw.setdefault("by", cast.sue)
    return issue_order(merchant=cast.merchant, lines=lines or (LineDraft(description="Hosting", unit_price=Decimal(10)),), **kw)


def test_totals_are_sums_of_rounded_lines(cast: Cast) -> None:
    order = issue(
        cast,
        LineDraft(description="A", quantity=Decimal("1.5"), unit_price=Decimal("33.33"), tax_rate=Decimal("0.16")),
        LineDraft(description="Dominio", quantity=Decimal(3), unit_price=Decimal("0.3333")),
    )
    assert [(line.position, line.subtotal, line.tax) for line in order.lines.all()] == [
        (1, Decimal("50.00"), Decimal("8.00")), (2, Decimal("1.00"), Decimal("0.00")),
    ]  # fmt: skip
    assert (order.subtotal, order.tax, order.total) == (Decimal("51.00"), Decimal("8.00"), Decimal("59.00"))
    balance = OrderBalance.objects.get(order=order)
    assert (balance.total, balance.paid) == (Decimal("59.00"), Decimal(0))
    assert (order.amount_due, order.currency, order.created_by) == (Decimal(59), "USD", cast.sue.user)


def test_numbers_come_from_the_series_and_step_over_imported_ones(cast: Cast) -> None:
    year = today_at(cast.merchant).year
    assert issue(cast).number == f"{year}-000001"
    issue(cast, number=f"{year}-000002")
    assert issue(cast).number == f"{year}-000003"
    cast.merchant.order_prefix = "A"
    assert issue(cast).number == "A-000004"


def test_a_number_is_used_once_in_a_house(cast: Cast) -> None:
    issue(cast, number="P-1")
    with pytest.raises(Refused) as refused:
        issue(cast, number="P-1")
    assert (refused.value.code, refused.value.fields) == ("number_taken", ("number",))
    other = make_cast()
    issue(other, number="P-1")
    assert Order.objects.filter(number="P-1").count() == 2


GOOD = {"description": "Hosting", "unit_price": Decimal(10)}


@pytest.mark.parametrize(
    ("line", "changes", "code"),
    [
        (None, {}, "no_lines"),
        ({"description": " "}, {}, "line_invalid"),
        ({"quantity": Decimal(0)}, {}, "line_invalid"),
        ({"unit_price": Decimal(-1)}, {}, "line_invalid"),
        ({"tax_rate": Decimal(16)}, {}, "line_invalid"),
        ({"kind": "gift"}, {}, "line_invalid"),
        ({"unit_price": Decimal(0)}, {}, "total_invalid"),
        ({"unit_price": Decimal("0.001")}, {}, "total_invalid"),
        ({"unit_price": Decimal(10) ** 11, "quantity": Decimal(100)}, {}, "total_invalid"),
        ({}, {"description": " "}, "description_required"),
        ({}, {"kind": "gift"}, "kind_unknown"),
        ({}, {"due_on": dt.date(2020, 1, 1)}, "due_before_issue"),
    ],
)  # fmt: skip
def test_a_bad_order_is_refused_whole(cast: Cast, line: dict[str, Any] | None, changes: dict[str, Any], code: str) -> None:
    lines = () if line is None else (LineDraft(**(GOOD | line)),)
    today = today_at(cast.merchant)
    arguments = {"customer": cast.a, "description": "Hosting", "due_on": today, "by": cast.sue} | changes
    with pytest.raises(Refused) as refused:
        issue_order(merchant=cast.merchant, lines=lines, **arguments)
    assert refused.value.code == code
    assert not Order.objects.exists()


def test_who_may_issue(cast: Cast) -> None:
    for actor in (cast.alice, cast.otto):
        with pytest.raises(NotAllowed):
            issue(cast, by=actor)
    other = make_cast()
    with pytest.raises(Http404):
        issue(cast, customer=other.a)
    with pytest.raises(Http404):
        issue(cast, by=other.sue)
    assert not Order.objects.exists()


def test_a_void_order_stays_visible_and_owes_nothing(cast: Cast) -> None:
    order = void_order(order_id=make_order(cast.a).pk, reason=" Duplicada  de P-1 ", by=cast.carol)
    order = Order.objects.with_balance().get(pk=order.pk)
    assert (order.void_reason, order.amount_due, order.is_open) == ("Duplicada de P-1", 0, False)
    assert order.display_state(today_at(cast.merchant)) == "void"


@pytest.mark.parametrize(("state", "code"), [("paid", "has_payments"), ("partly", "has_payments"), ("void", "already_void")])
def test_what_cannot_be_voided(cast: Cast, state: str, code: str) -> None:
    order = make_order(cast.a, "20.00", paid={"paid": "20.00", "partly": "1.00"}.get(state))
    if state == "void":
        void_order(order_id=order.pk, reason="Error", by=cast.carol)
    with pytest.raises(Refused) as refused:
        void_order(order_id=order.pk, reason="Otra vez", by=cast.carol)
    assert refused.value.code == code
    assert Order.objects.get(pk=order.pk).void_reason == ("Error" if state == "void" else "")


def test_voiding_needs_a_reason_and_the_right(cast: Cast) -> None:
    order = make_order(cast.a)
    with pytest.raises(Refused) as refused:
        void_order(order_id=order.pk, reason=" ", by=cast.carol)
    assert refused.value.code == "reason_required"
    for actor in (cast.alice, cast.sue, cast.otto):
        with pytest.raises(NotAllowed):
            void_order(order_id=order.pk, reason="x", by=actor)
    with pytest.raises(Http404):
        void_order(order_id=order.pk, reason="x", by=make_cast().carol)
    assert Order.objects.get(pk=order.pk).voided_at is None


def test_the_paid_date_follows_the_balance(cast: Cast) -> None:
    whole, partly = mark_paid(make_order(cast.a)), make_order(cast.a, "20.00", paid="1.00")
    today = today_at(cast.merchant)
    Order.objects.filter(pk__in=[whole.pk, partly.pk]).update(paid_on=None)
    note_payment(order_ids=[whole.pk, partly.pk], paid_on=today, by=cast.system)
    assert [Order.objects.get(pk=each.pk).paid_on for each in (whole, partly)] == [today, None]
    Order.objects.filter(pk=partly.pk).update(paid_on=today)
    note_payment(order_ids=[partly.pk], paid_on=today, by=cast.system)
    assert Order.objects.get(pk=partly.pk).paid_on is None
    # A date that stands is not moved by a later note.
    note_payment(order_ids=[whole.pk], paid_on=today + dt.timedelta(days=1), by=cast.system)
    assert Order.objects.get(pk=whole.pk).paid_on == today


def test_a_customer_adds_the_shipping_at_the_merchants_price(cast: Cast) -> None:
    order = add_shipping_order(customer=cast.a, by=cast.alice)
    line = order.lines.get()
    assert (order.total, line.kind, order.due_on) == (Decimal("5.80"), OrderLine.Kind.SHIPPING, today_at(cast.merchant))


def test_nobody_adds_shipping_for_somebody_else_or_where_it_is_not_offered(cast: Cast) -> None:
    for actor in (cast.bob, cast.nora):
        with pytest.raises(NotAllowed):
            add_shipping_order(customer=cast.a, by=actor)
    cast.merchant.offers_shipping = False
    with pytest.raises(Refused) as refused:
        add_shipping_order(customer=cast.a, by=cast.alice)
    assert refused.value.code == "not_offered"
    assert not Order.objects.exists()
