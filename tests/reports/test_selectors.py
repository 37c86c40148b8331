"""What is owed, what is in review, what was reported before, and by when it is looked at."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banking.models import TransferField
from orders.dates import today_at
from reports.models import Allocation, Transfer
from reports.selectors import (
    debt_of,
    last_method_id,
    orders_in_review,
    own_duplicates,
    promised_at,
    report_of,
    shipping_right,
    ticket_of_key,
    uses_of_reference,
)
from reports.services import reject_report, withdraw_report
from tests.cast import make_cast
from tests.factories import make_content, make_method, make_order, make_report
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, typed
from tickets.services import claim


def test_total_owed_leaves_out_what_is_in_review(scene: Scene) -> None:
    make_order(scene.customer, "20.00", due_in=-3)
    make_order(scene.customer, "5.00", paid="2.00")
    make_order(scene.customer, "9.00", paid="9.00")
    reported = make_order(scene.customer, "13.60", due_in=-9)
    ticket = scene.report(reported)
    make_order(scene.cast.b, "99.00")
    debt = debt_of(scene.customer)
    assert (debt.currency, debt.owed, debt.open_orders) == ("USD", Decimal(23), 2)
    assert (debt.overdue, debt.overdue_since) == (Decimal(20), today_at(scene.merchant) - dt.timedelta(days=3))
    assert (debt.in_review, debt.reports_in_review) == (Decimal("13.60"), 1)
    withdraw_report(ticket_id=ticket.pk, by=scene.cast.alice)
    debt = debt_of(scene.customer)
    assert (debt.owed, debt.in_review, debt.reports_in_review) == (Decimal("36.60"), 0, 0)


def test_debts_in_another_currency_stand_beside(scene: Scene) -> None:
    make_order(scene.customer, "20.00")
    make_order(scene.customer, "1000.00", currency="VES")
    debt = debt_of(scene.customer)
    assert (debt.currency, debt.owed) == ("USD", Decimal(20))
    assert [(other.currency, other.owed) for other in debt.others] == [("VES", Decimal(1000))]
    assert debt_of(scene.cast.b).owed == 0


def test_an_order_is_in_review_while_a_live_ticket_covers_it(scene: Scene) -> None:
    one, two = make_order(scene.customer), make_order(scene.customer)
    ticket = scene.report(one)
    assert orders_in_review(scene.merchant, [one.pk, two.pk]) == {one.pk: ticket}
    claim(ticket_id=ticket.pk, by=scene.cast.carol)
    reject_report(ticket_id=ticket.pk, reason_id=scene.reason().pk, by=scene.cast.carol)
    assert orders_in_review(scene.merchant, [one.pk, two.pk]) == {}


def test_a_second_report_of_an_order_in_review_is_possible_with_a_warning(scene: Scene) -> None:
    order = make_order(scene.customer)
    ticket = scene.report(order)
    form = form_of(scene, None, ticked=[])
    assert [(each.is_ticked, each.ticket) for each in form.order_choices] == [(False, ticket)]
    form = form_of(scene, typed(scene, order, t_0_reference="998877"))
    assert form.is_valid()
    assert [(each.code, each.field, each.ticket) for each in form.warnings] == [("in_review", "orders", ticket)]
    second, _made = scene.submit(form.content)
    assert second != ticket


@pytest.mark.parametrize("typed_now", ["0045 7755 7244 2", "45775572442", "572442", "0000572442"])
def test_an_own_payment_that_was_reported_warns(scene: Scene, typed_now: str) -> None:
    ticket = scene.report(make_order(scene.customer), transfer={"reference_raw": "0045 7755 7244 2"})
    form = form_of(scene, typed(scene, make_order(scene.customer), t_0_reference=typed_now))
    assert form.is_valid()
    assert [(each.code, each.ticket) for each in form.warnings] == [("duplicate", ticket)]


@pytest.mark.parametrize("different", ["amount", "reference", "account", "withdrawn", "customer"])
def test_what_is_no_duplicate_does_not_warn(scene: Scene, different: str) -> None:
    by = scene.cast.bob if different == "customer" else scene.cast.alice
    order = make_order(by.customer)
    ticket = make_report(by, make_content(scene.usd, [order], transfer={"reference_raw": "0045 7755 7244 2"}))
    if different == "withdrawn":
        withdraw_report(ticket_id=ticket.pk, by=by)
    account = scene.ves if different == "account" else scene.usd
    amount = Decimal("11.00") if different == "amount" else Decimal("10.00")
    reference = "999999" if different == "reference" else "572442"
    assert own_duplicates(scene.customer, account.pk, reference, amount) == []


def test_staff_see_uses_of_a_reference_by_anybody(scene: Scene) -> None:
    one = make_report(scene.cast.alice, make_content(scene.usd, [], transfer={"reference_raw": "0045 7755 7244 2"}))
    two = make_report(scene.cast.bob, make_content(scene.usd, [], transfer={"reference_raw": "572442"}))
    short = make_report(scene.cast.bob, make_content(scene.usd, [], transfer={"reference_raw": "442"}))
    make_report(scene.cast.bob, make_content(scene.usd, [], transfer={"reference_raw": "572443"}))
    owed = make_order(scene.cast.b, currency="VES")
    make_report(scene.cast.bob, make_content(scene.ves, [owed], transfer={"reference_raw": "572442"}))
    other = make_cast()
    make_report(other.alice, make_content(other.account, [], transfer={"reference_raw": "572442"}))
    found = uses_of_reference(scene.cast.carol, scene.usd.pk, "572442", exclude_report=one.report.pk)
    assert [each.report.ticket for each in found] == [short, two]
    assert uses_of_reference(scene.cast.alice, scene.usd.pk, "572442") == []
    assert uses_of_reference(scene.cast.carol, scene.usd.pk, "  ") == []


def test_uses_of_a_reference_are_found_by_the_index(scene: Scene) -> None:
    one = Transfer.objects.get(report__ticket=scene.report(make_order(scene.customer)))
    names = ("merchant", "report", "method", "account", "currency", "paid_on", "amount", "value")
    fields = {name: getattr(one, name) for name in names}
    Transfer.objects.bulk_create(Transfer(**fields, position=place, reference=f"{place * 7919:010d}") for place in range(2, 6000))
    with CaptureQueriesContext(connection) as seen:
        uses_of_reference(scene.cast.carol, scene.usd.pk, "45775572442")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reports_transfer")
        cursor.execute(f"EXPLAIN {seen.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "transfer_reference_end" in plan


def test_a_warning_for_a_reference_that_looks_odd(scene: Scene) -> None:
    from banking.models import ReferenceFormat

    ReferenceFormat.objects.filter(country="VE", method_key="transfer").delete()
    ReferenceFormat.objects.create(
        country="VE", method_key="transfer", pattern=r"^\d{12}$", hint_es="12 cifras.", hint_en="12 digits.", enough_digits=6
    )
    order = make_order(scene.customer)
    assert [each.code for each in _warned(scene, order, "0045-7755-7244")] == []
    assert [each.code for each in _warned(scene, order, "123456")] == []
    odd = _warned(scene, order, "1234")
    assert [(each.code, each.field) for each in odd] == [("reference_format", "t-0-reference")]
    assert odd[0].message.endswith("12 cifras.")


def _warned(scene: Scene, order: Any, reference: str) -> list[Any]:
    form = form_of(scene, typed(scene, order, t_0_reference=reference))
    assert form.is_valid()
    return form.warnings


def test_the_promise_counts_business_hours_after_the_days_to_clear(scene: Scene) -> None:
    wednesday = dt.datetime(2026, 11, 25, 14, 0, tzinfo=dt.UTC)  # 10:00 in Caracas
    at_once = promised_at(scene.merchant, None, wednesday)
    cheque = make_method(scene.merchant, "cheque", clearing_days=2, asks=[TransferField.REFERENCE], requires=[])
    later = promised_at(scene.merchant, cheque, wednesday)
    assert at_once.astimezone(dt.UTC) == dt.datetime(2026, 11, 26, 13, 0, tzinfo=dt.UTC)  # 7 hours left that day, one more
    assert later.date() == dt.date(2026, 11, 27)


def test_small_answers(scene: Scene) -> None:
    import uuid

    assert last_method_id(scene.customer) is None
    key = uuid.uuid4()
    ticket, _made = scene.submit(scene.content(make_order(scene.customer)), key=key)
    assert last_method_id(scene.customer) == scene.cast.transfer.pk
    assert ticket_of_key(scene.customer, key) == ticket
    assert ticket_of_key(scene.cast.b, key) is None
    assert shipping_right(scene.customer, []) is None


@pytest.mark.parametrize("count", [1, 8])
def test_reads_cost_the_same_for_any_number_of_rows(scene: Scene, count: int, django_assert_num_queries: Any) -> None:
    orders = [make_order(scene.customer) for _ in range(count)]
    ticket = scene.report(*orders)
    ids = list(Allocation.objects.values_list("order_id", flat=True))
    with django_assert_num_queries(2):  # open orders with their cover, live tickets
        debt_of(scene.customer)
    with django_assert_num_queries(1):  # allocations with their tickets
        orders_in_review(scene.merchant, ids)
    with django_assert_num_queries(7):  # report, revisions, transfers, allocations, receipts, vouchers, wishes
        view = report_of(scene.cast.alice, ticket)
        _ = [each.order.amount_due for each in view.allocations], view.transfers[0].account.title
