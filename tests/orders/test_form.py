"""The staff's form for a new order: lines, prices as people write them, one sentence for each thing that is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orders.forms import OrderForm, VoidForm
from orders.models import Order
from orders.services import issue_order
from tests.cast import Cast, make_cast
from tests.factories import make_order


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def typed(cast: Cast, **changes: Any) -> dict[str, str]:
    data = {
        "customer_number": cast.a.number, "number": "", "kind": "invoice", "description": "Hosting", "currency": "USD",
        "issued_on": "2026-11-01", "due_on": "15/11/2026", "line-0-description": "Hosting", "line-0-quantity": "2",
        "line-0-unit_price": "1.020,50", "line-0-tax_name": "IVA", "line-0-tax_percent": "16", "line-0-kind": "service",
    }  # fmt: skip
    return data | {name.replace("line_0_", "line-0-"): value for name, value in changes.items()}


def test_an_order_as_staff_type_it(cast: Cast) -> None:
    data = typed(cast) | {"line-1-description": "Envío", "line-1-quantity": "1", "line-1-unit_price": "5"}
    data |= {"line-1-kind": "shipping"}
    data |= {"line-2-description": "", "line-2-quantity": "1", "line-2-unit_price": ""}
    form = OrderForm(data, actor=cast.sue)
    assert form.is_valid(), (form.errors, [line.errors for line in form.lines])
    assert form.total == Decimal("2372.56")
    order = issue_order(merchant=cast.merchant, by=cast.sue, **form.arguments())
    assert (order.customer, order.total, order.kind, order.lines.count()) == (cast.a, Decimal("2372.56"), "invoice", 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer_number": ""}, "customer_number"),
        ({"customer_number": "nobody"}, "customer_number"),
        ({"number": "P-1"}, "number"),
        ({"kind": "gift"}, "kind"),
        ({"description": ""}, "description"),
        ({"currency": "XXX"}, "currency"),
        ({"issued_on": "31/02/2026"}, "issued_on"),
        ({"due_on": "2026-10-31"}, "due_on"),
        ({"due_on": ""}, "due_on"),
        ({"line_0_description": ""}, "line-0-description"),
        ({"line_0_quantity": "0"}, "line-0-quantity"),
        ({"line_0_quantity": "1e3"}, "line-0-quantity"),
        ({"line_0_unit_price": "-1"}, "line-0-unit_price"),
        ({"line_0_unit_price": "x"}, "line-0-unit_price"),
        ({"line_0_unit_price": "0"}, "__all__"),
        ({"line_0_tax_percent": "101"}, "line-0-tax_percent"),
        ({"line_0_tax_percent": "NaN"}, "line-0-tax_percent"),
        ({"line_0_kind": "gift"}, "line-0-kind"),
        ({"description": "a\x00b"}, "description"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(cast: Cast, changes: dict[str, str], field: str) -> None:
    make_order(cast.a, number="P-1")
    form = OrderForm(typed(cast, **changes), actor=cast.sue)
    assert not form.is_valid()
    said = list(form.errors) + [line.add_prefix(name) for line in form.lines for name in line.errors]
    assert said == [field]
    assert Order.objects.count() == 1


def test_a_customer_of_another_house_is_unknown(cast: Cast) -> None:
    form = OrderForm(typed(cast, customer_number=make_cast().a.number), actor=cast.sue)
    assert list(form.errors) == ["customer_number"]


def test_for_a_given_customer_no_number_is_asked(cast: Cast) -> None:
    form = OrderForm(typed(cast, customer_number="nobody"), actor=cast.sue, customer=cast.a)
    assert form.is_valid(), form.errors
    assert form.arguments()["customer"] == cast.a


def test_buttons_add_and_remove_lines(cast: Cast) -> None:
    form = OrderForm(typed(cast) | {"add_line": "1"}, actor=cast.sue)
    form.skip_checks()
    assert [line.index for line in form.lines.forms] == [0, 1]
    form = OrderForm(typed(cast) | {"line-1-description": "x", "remove_line": "0"}, actor=cast.sue)
    assert [line.index for line in form.lines.forms] == [1]


def test_voiding_asks_why(cast: Cast) -> None:
    assert list(VoidForm({"reason": "  "}).errors) == ["reason"]
    assert VoidForm({"reason": "Duplicada"}).is_valid()
