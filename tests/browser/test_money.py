"""Money that is not exact or not in the orders' currency: over-payment and its credit, the dated rate, two signatures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from reconciliation.models import CreditBalance
from tests.browser import walks
from tests.browser.town import TODAY, Town
from tickets.models import State

REFERENCE = "0045775572442"


def test_what_was_paid_too_much_pays_the_next_order(town: Town) -> None:
    alicia = town.alicia()
    walks.tick_orders(alicia, town.orders["4587"])
    walks.fill_transfer(alicia, reference=REFERENCE, paid_on=TODAY, amount="500,00")
    alicia.sees("Saldo a favor", "USD 1,62")
    walks.check(alicia)
    number = walks.send(alicia)

    line = town.deposit("500.00", REFERENCE, booked_on=TODAY)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    carmen.sees("Saldo a favor")
    walks.verify(carmen, number)
    assert CreditBalance.objects.get(customer=town.customer, currency="USD").balance == Decimal("1.62")

    # The mailing of the invoice costs 1.60: the credit pays it whole.
    alicia.open("portal:home")
    alicia.sees("Saldo a favor", "USD 1,62")
    shipping = town.orders["4603"]
    alicia.open("portal:order", shipping.number)
    alicia.page.get_by_role("link", name="Usar saldo a favor").click()
    alicia.wait_for("portal:order_credit", shipping.number)
    alicia.sees("USD 1,60", "USD 0,02")
    alicia.page.get_by_role("button", name="Aplicar").click()
    alicia.wait_for("portal:order", shipping.number)
    alicia.sees("Pagada")
    assert town.is_paid(shipping)
    assert CreditBalance.objects.get(customer=town.customer, currency="USD").balance == Decimal("0.02")


def test_dollars_are_paid_in_bolivares_at_the_rate_of_the_day_of_payment(town: Town) -> None:
    alicia = town.alicia(phone=False, language="en")
    order, sunday, friday = town.orders["4401"], TODAY - dt.timedelta(days=2), TODAY - dt.timedelta(days=4)
    rate = town.andina.rates[friday]
    assert sunday not in town.andina.rates
    bolivares = (order.total * rate).quantize(Decimal("0.01"))
    walks.tick_orders(alicia, order)
    offered = walks.fill_transfer(alicia, reference=REFERENCE, paid_on=sunday)
    # Banks publish no rate on Sunday: the last one counts, and the page says which.
    assert offered == f"{bolivares:,}"
    alicia.sees(str(rate), "20 Nov")
    walks.check(alicia)
    alicia.sees(f"Bs {bolivares:,}", "USD 40.00")
    number = walks.send(alicia)

    line = town.deposit(str(bolivares), REFERENCE, booked_on=TODAY - dt.timedelta(days=1))
    carmen = town.staff("Carmen", language="en")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    walks.verify(carmen, number)
    assert town.is_paid(order)
    alicia.open("portal:order", order.number)
    alicia.sees("Paid", f"Bs {bolivares:,}")


def test_another_amount_than_declared_needs_a_second_signature(town: Town) -> None:
    alicia = town.alicia()
    number = walks.report(alicia, town.orders["4587"], reference=REFERENCE)
    line = town.deposit("400.00", REFERENCE)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    carmen.page.locator("#verify-button", has_text="segunda firma").click()
    carmen.page.wait_for_load_state("load")
    carmen.sees("Segunda firma")
    # Nobody signs what they prepared.
    assert carmen.page.get_by_role("button", name="Firmar").count() == 0
    assert town.due(town.orders["4587"]) == Decimal("11.99")

    ana = town.staff("Ana")
    ana.open("desk:queue")
    ana.page.get_by_role("link", name="Segunda firma").click()
    ana.page.get_by_role("link", name=number).click()
    ana.wait_for("desk:ticket", number)
    ana.page.get_by_role("button", name="Firmar").click()
    ana.page.wait_for_load_state("load")
    ana.sees("Verificado")
    # What is booked is what the deposit brought: Bs 400.00 at 36.71.
    assert town.ticket(number).state == State.VERIFIED
    assert town.due(town.orders["4587"]) == Decimal("11.99") - Decimal("10.90")
    alicia.open("portal:order", town.orders["4587"].number)
    alicia.sees("Pagada en parte", "USD 1,09")
