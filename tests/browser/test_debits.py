"""Money in advance and money that goes back: credit that pays a later order, a deposit that the bank took, a refund."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.models import Merchant
from reconciliation.models import CreditBalance, Refund, ReturnedDeposit
from reconciliation.services import refund_credit, request_refund
from tests.browser import walks
from tests.browser.town import TODAY, Town
from tests.browser.visits import DESK_TARGET, Page, go_round, nothing_wrong
from tickets.models import State

REFERENCE = "0045775572442"


def credit(town: Town) -> Decimal:
    found = CreditBalance.objects.filter(customer=town.customer, currency="USD").first()
    return found.balance if found else Decimal(0)


def in_advance(town: Town, amount: str, reference: str = REFERENCE) -> tuple[str, int]:
    """Alicia pays bolívares without an order, Carmen verifies it; the ticket's number and the deposit's key."""
    alicia = town.alicia()
    alicia.open("portal:report")
    walks.fill_transfer(alicia, reference=reference, paid_on=TODAY, amount=amount.replace(".", ","))
    alicia.sees("Saldo a favor")
    walks.check(alicia)
    number = walks.send(alicia)
    line = town.deposit(amount, reference, booked_on=TODAY)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    carmen.sees("Saldo a favor")
    walks.verify(carmen, number)
    return number, line.pk


def written(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def test_what_is_paid_in_advance_pays_a_later_order_and_the_rest_is_paid_out(town: Town) -> None:
    in_advance(town, "4000.00")
    had = credit(town)
    assert had > 10
    alicia, carmen = town.alicia(), town.staff("Carmen")
    alicia.open("portal:home")
    alicia.sees("Saldo a favor", f"USD {written(had)}")
    # A later order: staff are offered the credit where the order stands.
    order = town.order("10.00", due_in=30)
    carmen.open("desk:order", order.number)
    carmen.sees(f"USD {written(had)}")
    carmen.page.get_by_role("button", name="Usar").click()
    carmen.wait_for("desk:order", order.number)
    left = had - order.total
    assert (town.is_paid(order), credit(town)) == (True, left)
    # The rest goes back to her: noted, then found on the statement.
    carmen.open("desk:customer", town.customer.pk)
    carmen.press("Pay credit out")
    carmen.wait_for("desk:refund_new", town.customer.pk)
    carmen.fill("amount", written(left))
    carmen.fill("bank_data", "pagos@alicia.example")
    carmen.press("Note it")
    carmen.wait_for("desk:refunds")
    carmen.sees("pagos@alicia.example", "Por pagar")
    wallet = town.andina.accounts[3]
    debit = town.deposit(f"-{left:.2f}", "778899", account=wallet, booked_on=TODAY, text="PAGO ENVIADO")
    carmen.open("desk:line", debit.pk)
    carmen.press("We paid a customer's credit out")
    carmen.wait_for("desk:line_refund", debit.pk)
    carmen.press("It paid this credit out")  # what was noted is ticked, the amount filled in
    carmen.wait_for("desk:line", debit.pk)
    carmen.sees("Pagado")
    assert (credit(town), Refund.objects.get().state) == (0, "paid")


@pytest.mark.soak
def test_the_bank_takes_a_deposit_back(town: Town) -> None:
    number, deposit = in_advance(town, "4000.00")
    debit = town.deposit("-4000.00", REFERENCE, booked_on=TODAY, text="DEVOLUCION")
    ana = town.staff("Ana")
    ana.open("desk:line", debit.pk)
    ana.press("The bank took a deposit back")
    ana.wait_for("desk:line_return", debit.pk)
    ana.sees("Las referencias coinciden", number)
    ana.press("The bank returned this deposit")
    ana.page.locator(".error-summary").wait_for()  # says that the note is missing, and keeps what is chosen
    ana.fill("note", "Cuenta cerrada")
    ana.press("The bank returned this deposit")
    ana.wait_for("desk:line", debit.pk)
    assert (town.ticket(number).state, credit(town), ReturnedDeposit.objects.get().state) == (State.REVERSED, 0, "returned")
    alicia = town.alicia()
    alicia.open("portal:ticket", number)
    alicia.sees("El banco devolvió el pago")
    # The pages, with something to see and with nothing.
    again, wallet, signer = town.deposit("-4000.00", "0", booked_on=TODAY), town.andina.accounts[3], town.andina.staff["Ana"]
    in_advance(town, "2500.00", "0098765432109")
    paid = town.deposit("-10.00", "55", account=wallet, booked_on=TODAY)
    refund = refund_credit(
        customer_id=town.customer.pk, debit_line_id=paid.pk, amount=Decimal(4), note="Lo pidió", by=signer
    ).refund
    request_refund(customer_id=town.customer.pk, currency="USD", amount=Decimal(6), bank_data="pagos@alicia.example", by=signer)
    carmen = town.andina.staff["Carmen"]
    strict = replace(carmen, merchant=Merchant.objects.get(pk=carmen.merchant.pk))
    strict.merchant.approval_limit = Decimal(1)
    waiting = refund_credit(
        customer_id=town.customer.pk, debit_line_id=paid.pk, amount=Decimal(2), note="También", by=strict
    ).refund
    assert waiting.state == Refund.State.WAITING
    town.deposit("12.50", "120055", account=wallet, booked_on=TODAY)
    fits = town.deposit("-12.50", "120055", account=wallet, booked_on=TODAY)
    pages = [
        Page(name="desk:line", args=(debit.pk,)),
        Page(name="desk:line", args=(deposit,)),
        Page(name="desk:line", args=(paid.pk,)),
        Page(name="desk:line_return", args=(fits.pk,)),
        Page(name="desk:line_return", args=(again.pk,)),
        Page(name="desk:line_refund", args=(paid.pk,)),
        Page(name="desk:refund_new", args=(town.customer.pk,)),
        Page(name="desk:refunds"),
        Page(name="desk:refund_reverse", args=(refund.pk,)),
    ]
    nothing_wrong(
        [each for language in ("es", "en") for each in go_round(town.staff("Ana", language=language), pages, target=DESK_TARGET)]
    )
