"""Sending a report: what is written, and what the money comes to."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from orders.dates import today_at
from orders.models import Order
from reports.models import Allocation, PaymentReport, Receipt, ReportDraft, ReportRevision, Transfer
from reports.selectors import report_of
from reports.services import save_draft
from tests.factories import make_order, make_rate, make_transfer_content
from tests.files.makers import make_file
from tests.reports.conftest import Scene
from tickets.models import State, TicketEvent


def allocated(ticket: object) -> dict[str, Decimal]:
    rows = Allocation.objects.filter(report__ticket=ticket, until_revision__isnull=True).select_related("order")
    return {row.order.number: row.amount for row in rows}


def test_one_transfer_for_two_orders_makes_one_ticket(scene: Scene) -> None:
    one, two = make_order(scene.customer, "20.00"), make_order(scene.customer, "13.60")
    ticket, made = scene.submit(scene.content(one, two))
    assert made
    assert ticket.state == State.SUBMITTED
    assert ticket.customer == scene.customer
    view = report_of(scene.cast.alice, ticket)
    assert view.currency == "USD"
    assert view.value == Decimal("33.60")
    assert view.credit == 0
    assert view.current.revision.cause == ReportRevision.Cause.SUBMITTED
    assert allocated(ticket) == {one.number: Decimal(20), two.number: Decimal("13.60")}
    assert TicketEvent.objects.filter(ticket=ticket).count() == 1
    assert Letter.objects.filter(merchant=scene.merchant, about=f"ticket:{ticket.pk}").exists()
    # What a report says is not yet money: no order becomes paid by it.
    assert Order.objects.with_balance().get(pk=one.pk).amount_due == Decimal(20)


def test_the_reference_is_kept_as_typed_and_in_its_normal_form(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer), transfer={"reference_raw": "0045 7755-7244 2"})
    transfer = Transfer.objects.get(report__ticket=ticket)
    assert (transfer.reference_raw, transfer.reference) == ("0045 7755-7244 2", "45775572442")


def test_a_partial_payment_goes_to_the_oldest_due_first(scene: Scene) -> None:
    late, soon = make_order(scene.customer, "20.00", due_in=-5), make_order(scene.customer, "13.60", due_in=5)
    ticket = scene.report(soon, late, amount="25.00")
    assert allocated(ticket) == {late.number: Decimal(20), soon.number: Decimal(5)}


def test_an_order_that_gets_nothing_is_covered_all_the_same(scene: Scene) -> None:
    late, soon = make_order(scene.customer, "20.00", due_in=-5), make_order(scene.customer, "13.60", due_in=5)
    assert allocated(scene.report(soon, late, amount="20.00")) == {late.number: Decimal(20), soon.number: Decimal(0)}


def test_what_is_paid_over_goes_to_credit(scene: Scene) -> None:
    order = make_order(scene.customer, "20.00")
    view = report_of(scene.cast.alice, scene.report(order, amount="25.50"))
    assert view.allocations[0].amount == Decimal(20)
    assert view.credit == Decimal("5.50")


def test_a_payment_in_advance_needs_no_order(scene: Scene) -> None:
    view = report_of(scene.cast.alice, scene.report(amount="40.00"))
    assert view.allocations == ()
    assert view.credit == Decimal(40)


def test_the_customers_own_split_comes_before_the_rule(scene: Scene) -> None:
    late, soon = make_order(scene.customer, "20.00", due_in=-5), make_order(scene.customer, "13.60", due_in=5)
    ticket = scene.report(late, soon, amount="15.00", allocations={soon.pk: Decimal("13.60")})
    assert allocated(ticket) == {late.number: Decimal("1.40"), soon.number: Decimal("13.60")}


def test_bolivars_for_dollars_keep_the_dated_rate(scene: Scene) -> None:
    day = today_at(scene.merchant) - dt.timedelta(days=1)
    make_rate(scene.merchant, date=day, rate="36.74")
    order = make_order(scene.customer, "33.60")
    ticket = scene.report(order, account=scene.ves, amount="1234.46")
    transfer = Transfer.objects.get(report__ticket=ticket)
    assert (transfer.currency, transfer.rate, transfer.rate_date, transfer.rate_source) == ("VES", Decimal("36.74"), day, "BCV")
    assert transfer.value == Decimal("33.60")
    assert allocated(ticket) == {order.number: Decimal("33.60")}


def test_paying_the_debt_as_we_converted_it_pays_it_exactly(scene: Scene) -> None:
    # One hundredth of a dollar is 3,65 bolívares: 3 × 0.03 USD shown order by order is 0.33 Bs more than converted as a sum.
    make_rate(scene.merchant, date=today_at(scene.merchant), rate="0.035")
    orders = [make_order(scene.customer, "0.43") for _ in range(3)]  # 0.43 × 0.035 = 0.01505 → 0.02 each, 0.05 together
    content = scene.content(*orders, account=scene.ves, amount="0.06", transfer={"paid_on": today_at(scene.merchant)})
    ticket, _made = scene.submit(content)
    assert Transfer.objects.get(report__ticket=ticket).value == Decimal("1.29")


def test_bolivars_owed_are_paid_in_dollars_by_the_same_table(scene: Scene) -> None:
    make_rate(scene.merchant, date=today_at(scene.merchant), rate="36.74")
    order = make_order(scene.customer, "1234.50", currency="VES")
    content = scene.content(order, amount="33.60", transfer={"paid_on": today_at(scene.merchant)})
    ticket, _made = scene.submit(content)
    assert Transfer.objects.get(report__ticket=ticket).value == Decimal("1234.50")
    assert PaymentReport.objects.get(ticket=ticket).currency == "VES"


def test_several_transfers_are_worth_the_debt_together(scene: Scene) -> None:
    make_rate(scene.merchant, date=today_at(scene.merchant), rate="36.74")
    order = make_order(scene.customer, "33.60")
    today = {"paid_on": today_at(scene.merchant)}
    content = scene.content(order)
    dollars = make_transfer_content(scene.usd, "20.00", **today)
    bolivars = make_transfer_content(scene.ves, "499.66", **today)  # 13.60 × 36.74 = 499.664
    ticket, _made = scene.submit(replace(content, transfers=(dollars, bolivars)))
    view = report_of(scene.cast.alice, ticket)
    assert [each.value for each in view.transfers] == [Decimal(20), Decimal("13.60")]
    assert view.credit == 0


def test_a_third_person_may_pay(scene: Scene) -> None:
    ticket = scene.report(make_order(scene.customer), payer_name="Comercial Sol, C.A.", payer_tax_id="J-30999888-7")
    current = report_of(scene.cast.alice, ticket).current
    assert (current.payer_name, current.payer_tax_id) == ("Comercial Sol, C.A.", "J-30999888-7")


def test_data_of_another_method_say_nothing(scene: Scene) -> None:
    said = {"method_id": scene.cast.deposit.pk, "payer_phone": "04145550142", "sender_email": "ana@example.com"}
    transfer = Transfer.objects.get(report__ticket=scene.report(make_order(scene.customer), transfer=said))
    assert (transfer.payer_phone, transfer.sender_email, transfer.origin_bank) == ("", "", None)


def test_receipts_come_from_the_draft_and_the_draft_is_gone(scene: Scene) -> None:
    key, order = uuid.uuid4(), make_order(scene.customer)
    file = make_file(customer=scene.customer)
    save_draft(customer=scene.customer, key=key, data={"note": ["Hola"]}, by=scene.cast.alice)
    ticket, _made = scene.submit(scene.content(order, transfer={"file_keys": (file.key,)}), key=key)
    assert Receipt.objects.get(report__ticket=ticket).file == file
    assert not ReportDraft.objects.exists()


def test_staff_report_for_a_customer_who_called(scene: Scene) -> None:
    ticket, _made = scene.submit(scene.content(make_order(scene.customer)), channel="telephone", by=scene.cast.sue)
    report = PaymentReport.objects.get(ticket=ticket)
    assert (report.channel, report.customer, report.created_by) == ("telephone", scene.customer, scene.cast.sue.user)


def test_who_may_not_report_writes_nothing(scene: Scene) -> None:
    content = scene.content(make_order(scene.customer))
    for actor in (scene.cast.nora, scene.cast.otto):
        with pytest.raises(NotAllowed):
            scene.submit(content, by=actor)
    with pytest.raises(Refused) as refused:
        scene.submit(content, channel="telephone")
    assert refused.value.code == "channel_unknown"
    assert not PaymentReport.objects.exists()
    assert not TicketEvent.objects.exists()


@pytest.mark.parametrize("orders", [1, 6])
def test_sending_costs_the_same_queries_for_any_number_of_orders(
    scene: Scene, orders: int, django_assert_max_num_queries: object
) -> None:
    content = scene.content(*[make_order(scene.customer) for _ in range(orders)])
    with django_assert_max_num_queries(55):  # type: ignore[operator]
        scene.submit(content)
