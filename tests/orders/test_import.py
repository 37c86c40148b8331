"""`import_orders`: a company brings its customers and orders; errors by row, all or nothing, harmless when done again."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import NotAllowed
from accounts.models import Customer
from files.tables import UnreadableTable
from orders.csv_layout import COLUMNS
from orders.import_words import problem_in_words
from orders.imports import ImportOutcome, import_orders
from orders.models import Order, OrderBalance
from tests.cast import Cast, make_cast

HEAD = (
    "customer_number,customer_name,order_number,order_description,issued_on,due_on,"
    "line_description,line_kind,quantity,unit_price,tax_percent"
)
GOOD = f"""{HEAD}
K1,Panadería Sol,P-1,Hosting,2026-11-01,15/11/2026,Hosting anual,,1,100.00,16
K1,,P-1,,,,Envío de factura,shipping,1,5,
K2,Ñandú C.A.,P-2,Dominio,2026-11-02,2026-11-30,,,2,"12,5",
K3,Solo Cliente,,,,,,,,,
"""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def bring(cast: Cast, text: str | bytes = GOOD, **kw: Any) -> ImportOutcome:
    content = text.encode() if isinstance(text, str) else text
    return import_orders(merchant=cast.merchant, content=content, by=kw.pop("by", cast.system), **kw)


def test_customers_and_orders_arrive(cast: Cast) -> None:
    outcome = bring(cast)
    assert (outcome.customers_new, outcome.orders_new, outcome.errors, outcome.written) == (3, 2, [], True)
    order = Order.objects.with_balance().get(number="P-1")
    assert (order.customer.name, order.total, order.amount_due) == ("Panadería Sol", Decimal("121.00"), Decimal("121.00"))
    assert [(line.description, line.kind, line.subtotal) for line in order.lines.all()] == [
        ("Hosting anual", "service", Decimal("100.00")), ("Envío de factura", "shipping", Decimal("5.00")),
    ]  # fmt: skip
    assert Order.objects.get(number="P-2").lines.get().description == "Dominio"
    assert OrderBalance.objects.count() == 2


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    bring(cast)
    again = bring(cast)
    assert (again.customers_new, again.customers_known, again.orders_new, again.orders_known) == (0, 3, 0, 2)
    assert again.errors == []
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("100.00", "100.01"),
        ("15/11/2026", "16/11/2026"),
        ("Hosting anual", "Hosting mensual"),
        ("shipping", "service"),
        ("K2,Ñandú C.A.,P-2", "K3,Solo Cliente,P-2"),
    ],
)
def test_other_content_under_a_known_number_is_an_error(cast: Cast, old: str, new: str) -> None:
    bring(cast)
    outcome = bring(cast, GOOD.replace(old, new))
    assert len(outcome.errors) == 1
    assert not outcome.written
    assert Order.objects.get(number="P-1").total == Decimal("121.00")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("K1,Panadería", ",Panadería", 2),
        ("Panadería Sol", "", 2),
        ("K2,Ñandú C.A.", "K1,Ñandú C.A.", 2),
        ("2026-11-01", "2026-02-30", 2),
        ("2026-11-01", "11/24/2026", 2),
        ("15/11/2026", "2026-10-01", 2),
        ("P-1,Hosting", "P-1,", 2),
        (",100.00,", ',"1.000,00",', 2),
        (",100.00,", ",-5,", 2),
        (",100.00,", ",NaN,", 2),
        (",100.00,16", ",100.00,116", 2),
        ("shipping", "gift", 3),
        ("shipping,1,5", "shipping,0,5", 3),
        ("shipping,1,5", "shipping,x,5", 3),
        ("K1,,P-1,,", "K1,,P-1,Otra cosa,", 3),
        ("K1,,P-1,,", "K9,,P-1,,", 3),
        ('2,"12,5"', '2,"0,001"', 4),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_written(cast: Cast, old: str, new: str, line: int) -> None:
    customers = Customer.objects.count()
    assert old in GOOD
    outcome = bring(cast, GOOD.replace(old, new, 1))
    assert [each.row for each in outcome.errors][:1] == [line]
    assert all(problem_in_words(each) for each in outcome.errors)
    assert not outcome.written
    assert (Customer.objects.count(), Order.objects.count()) == (customers, 0)


def test_what_is_bad_can_be_left_out(cast: Cast) -> None:
    outcome = bring(cast, GOOD.replace("2026-11-02", "mañana"), skip_bad=True)
    assert [each.row for each in outcome.errors] == [4]
    assert outcome.written
    assert [order.number for order in Order.objects.all()] == ["P-1"]


def test_a_trial_keeps_nothing(cast: Cast) -> None:
    outcome = bring(cast, dry_run=True)
    assert (outcome.orders_new, outcome.written) == (2, False)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"a,b\n1,2\n", b"customer_number,customer_number\n", b"customer_number,total_paid\nK1,5\n",
     b'customer_number,customer_name\nK1,"no end\n'],
)  # fmt: skip
def test_a_file_that_is_no_such_csv(cast: Cast, content: bytes) -> None:
    with pytest.raises(UnreadableTable) as error:
        bring(cast, content)
    assert str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_write_csv_in_many_ways(cast: Cast, encoding: str, delimiter: str) -> None:
    text = GOOD.replace('"12,5"', "12.5").replace(",", delimiter).replace("\n", "\r\n")
    outcome = bring(cast, text.encode(encoding))
    assert outcome.errors == []
    assert Customer.objects.filter(name="Ñandú C.A.").exists()


def test_each_house_has_its_own_numbers(cast: Cast) -> None:
    bring(cast)
    other = make_cast()
    assert bring(other).orders_new == 2
    assert Order.objects.filter(number="P-1").count() == 2


def test_only_staff_bring_orders(cast: Cast) -> None:
    for actor in (cast.alice, cast.otto):
        with pytest.raises(NotAllowed):
            bring(cast, by=actor)


def test_the_command(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(GOOD, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    arguments = (str(file), "--merchant", cast.merchant.slug, "--language", "en")
    call_command("import_orders", *arguments, "--dry-run", stdout=out, stderr=err)
    assert not Order.objects.exists()
    call_command("import_orders", *arguments, stdout=out, stderr=err)
    assert Order.objects.count() == 2
    assert "Orders: 2 new, 0 known." in out.getvalue()
    file.write_text(GOOD.replace("100.00", "x"), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_orders", *arguments, stdout=out, stderr=err)
    assert "Line 2:" in err.getvalue()
    for bad in (("missing.csv", cast.merchant.slug), (str(file), "nobody")):
        with pytest.raises(CommandError):
            call_command("import_orders", bad[0], "--merchant", bad[1], stdout=out, stderr=err)


def test_its_help_names_every_column() -> None:
    from orders.management.commands.import_orders import Command

    assert all(name in Command.help for name in COLUMNS)
