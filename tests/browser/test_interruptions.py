"""What goes wrong on the way: the session ends, a finger presses twice, back, reload, another tab was faster."""

from __future__ import annotations

import pytest

from reports.models import PaymentReport
from tests.browser import walks
from tests.browser.person import Person
from tests.browser.test_sign_in import sign_in
from tests.browser.town import Town

REFERENCE = "0045775572442"


def at_check_page(town: Town, *tails: str, scripts: bool = True) -> Person:
    """Alicia before the button that sends."""
    alicia = town.alicia(scripts=scripts)
    walks.tick_orders(alicia, *(town.orders[tail] for tail in tails or ("4587",)))
    walks.fill_transfer(alicia, reference=REFERENCE)
    walks.check(alicia)
    return alicia


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_report_survives_the_end_of_the_session(town: Town, scripts: bool) -> None:
    alicia = town.alicia(scripts=scripts)
    walks.tick_orders(alicia, town.orders["4587"], town.orders["4603"])
    walks.fill_transfer(alicia, reference=REFERENCE)
    walks.wish_paper(alicia)
    walks.settled(alicia)
    alicia.context.clear_cookies(name="sessionid")
    # The last words were typed after the session ended.
    alicia.fill("note", "Pagado desde la cuenta de mi socio.")
    walks.add_photo(alicia, town.photo("498.88", REFERENCE)) if not scripts else None
    alicia.press("Check and send")
    alicia.page.wait_for_url(lambda address: "/account/login/" in address)
    alicia.sees("Su sesión había terminado")
    assert not PaymentReport.objects.exists()

    sign_in(alicia, town.customer.email)
    alicia.wait_for("portal:report_check")
    alicia.sees(REFERENCE, "Bs 498,89", "Pagado desde la cuenta de mi socio.", "Maracay", "2026-004587", "2026-004603")
    if not scripts:
        alicia.sees("comprobante.jpg")
    number = walks.send(alicia)
    assert PaymentReport.objects.get().ticket.number == number


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_two_clicks_are_one_ticket(town: Town, scripts: bool) -> None:
    alicia = at_check_page(town, scripts=scripts)
    button = alicia.page.get_by_role("button", name="Enviar reporte de pago")
    button.dblclick(no_wait_after=True)
    alicia.page.wait_for_url(lambda address: "/report/sent/" in address)
    assert PaymentReport.objects.get().ticket.number == walks.sent_number(alicia)


def test_back_and_reload_after_sending_send_nothing(town: Town) -> None:
    alicia = at_check_page(town)
    number = walks.send(alicia)
    alicia.page.reload()
    assert walks.sent_number(alicia) == number

    # Back to the check page: it knows that it was sent, whether the browser kept the page or asks for it.
    alicia.page.go_back()
    if "/report/check/" in alicia.page.url:
        alicia.page.get_by_role("button", name="Enviar reporte de pago").click()
    alicia.page.wait_for_url(lambda address: "/report/sent/" in address)
    assert walks.sent_number(alicia) == number

    # And from the form itself, however far back.
    alicia.page.go_back()
    alicia.page.go_back()
    assert PaymentReport.objects.count() == 1


def test_a_form_that_another_tab_overtook_says_so_and_loses_nothing(town: Town) -> None:
    alicia = at_check_page(town)
    # Meanwhile the order is paid by somebody else's report, settled at the desk.
    second = town.alicia()
    number = walks.report(second, town.orders["4587"], reference="0045775571111")
    line = town.deposit("440.15", "0045775571111")
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    walks.verify(carmen, number)

    alicia.press("Send payment report")
    alicia.page.wait_for_load_state("load")
    alicia.sees("2026-004587", "ya está pagada")
    assert PaymentReport.objects.count() == 1
    assert alicia.page.input_value('[name="t-0-reference"]') == REFERENCE
    assert alicia.page.input_value('[name="t-0-amount"]') == "440,15"
    assert alicia.page.locator(".error-summary").evaluate("summary => summary === document.activeElement")


def test_two_accountants_at_once_decide_once(town: Town) -> None:
    alicia = town.alicia()
    number = walks.report(alicia, town.orders["4587"], reference=REFERENCE)
    line = town.deposit("440.15", REFERENCE)
    carmen, luis = town.staff("Carmen"), town.staff("Luis")
    for clerk in (carmen, luis):
        clerk.open("desk:queue")
    walks.claim(carmen, number)
    # Luis still sees the button of before.
    row = luis.page.locator("tr[data-row]", has_text=number)
    row.get_by_role("button").click()
    luis.page.locator("tr[data-row]", has_text="Carmen Mora").wait_for()
    luis.open("desk:ticket", number)
    luis.sees("Carmen Mora")
    assert luis.page.locator("#verify-button").count() == 0

    # Two tabs of the one who has it: the second hears that it is decided.
    tab = carmen.context.new_page()
    tab.goto(carmen.url("desk:ticket", number))
    walks.choose_deposit(carmen, line.pk)
    tab.locator(f'input[form="choose"][value="{line.pk}"]').check()
    tab.locator("#verify-button:enabled").wait_for()
    walks.verify(carmen, number)
    tab.locator("#verify-button").click()
    tab.locator(".error-summary").wait_for()
    assert "Verificado" in tab.locator("main").inner_text()
    assert town.is_paid(town.orders["4587"])
