"""What else may become of a report: rejected and corrected, asked about and answered, reversed."""

from __future__ import annotations

from typing import Any

from tests.browser import walks
from tests.browser.person import Person
from tests.browser.town import Town
from tickets.models import Reason, State

RIGHT, WRONG = "0045775572442", "0045775570000"


def reported(town: Town, reference: str = RIGHT) -> tuple[Person, str]:
    """Alicia reported order 4587, paid yesterday."""
    alicia = town.alicia()
    number = walks.report(alicia, town.orders["4587"], reference=reference)
    return alicia, number


def test_a_rejected_report_is_corrected_and_verified(town: Town, run_jobs: Any) -> None:
    alicia, number = reported(town, WRONG)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.act(carmen, "Reject")
    reason = Reason.objects.get(merchant=town.andina.merchant, code="reference_unreadable")
    carmen.page.check(f'input[name="reason"][value="{reason.pk}"]')
    carmen.page.fill("#act [name=note]", "Falta la última parte del número.")
    walks.finish_act(carmen, number)
    carmen.sees("Rechazado")

    # She reads why in her letter and on the ticket, corrects the number alone, and sends again.
    run_jobs()
    subject, text, _html = town.mailbox.last_to(town.customer.email)
    assert number in subject
    assert reason.name_es in text
    assert "Falta la última parte" in text
    alicia.open("portal:ticket", number)
    alicia.sees("Rechazado", reason.name_es, "«Falta la última parte del número.»")
    alicia.press("Correct and send again")
    alicia.wait_for("portal:ticket_correct", number)
    assert alicia.page.input_value('[name="t-0-reference"]') == WRONG
    assert alicia.page.input_value('[name="t-0-amount"]') == "440,15"
    alicia.fill("t-0-reference", RIGHT)
    walks.settled(alicia)
    alicia.press("Check and send")
    alicia.wait_for("portal:ticket_correct_check", number)
    alicia.sees(RIGHT)
    assert walks.send(alicia) == number

    line = town.deposit("440.15", RIGHT)
    walks.claim(carmen, number)
    carmen.sees(RIGHT)
    walks.choose_deposit(carmen, line.pk)
    walks.verify(carmen, number)
    assert town.ticket(number).state == State.VERIFIED
    assert town.is_paid(town.orders["4587"])


def test_a_question_opens_only_what_was_asked_and_its_answer_is_verified(town: Town, run_jobs: Any) -> None:
    alicia, number = reported(town, WRONG)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.act(carmen, "Ask for a datum")
    for field in ("reference", "paid_on"):
        carmen.page.check(f'#act input[name="fields_asked"][value="{field}"]')
    carmen.page.fill('#act [name="question"]', "¿Puede confirmar el número y la fecha?")
    walks.finish_act(carmen, number)
    carmen.sees("Falta un dato")
    run_jobs()
    assert "¿Puede confirmar el número y la fecha?" in town.mailbox.last_to(town.customer.email)[1]

    alicia.open("portal:home")
    alicia.sees("Falta un dato")
    alicia.page.get_by_role("link", name="Responder").click()
    alicia.page.wait_for_url(lambda address: number in address)
    alicia.sees("«¿Puede confirmar el número y la fecha?»")
    answer = alicia.page.locator("form", has=alicia.page.locator('[name="t-0-reference"]'))
    asked = set(answer.locator("input:not([type=hidden]), select, textarea").evaluate_all("all => all.map(e => e.name)"))
    assert asked == {"t-0-reference", "t-0-paid_on", "answer_note"}
    alicia.fill("t-0-reference", RIGHT)
    alicia.press("Send answer")
    alicia.wait_for("portal:ticket", number)
    alicia.sees("En revisión")

    # The ticket is still Carmen's.
    line = town.deposit("440.15", RIGHT)
    carmen.open("desk:ticket", number)
    carmen.sees(RIGHT)
    walks.choose_deposit(carmen, line.pk)
    walks.verify(carmen, number)
    assert town.ticket(number).state == State.VERIFIED
    assert town.is_paid(town.orders["4587"])


def test_what_is_reversed_is_owed_again(town: Town, run_jobs: Any) -> None:
    alicia, number = reported(town)
    line = town.deposit("440.15", RIGHT)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    walks.verify(carmen, number)
    alicia.open("portal:order", town.orders["4587"].number)
    alicia.sees("Pagada")

    ana = town.staff("Ana")
    ana.open("desk:ticket", number)
    walks.act(ana, "Reverse")
    reason = Reason.objects.get(merchant=town.andina.merchant, code="returned_by_bank")
    ana.page.check(f'#act input[name="reason"][value="{reason.pk}"]')
    ana.page.check("#act [name=returned_by_bank]")
    ana.page.fill("#act [name=note]", "El banco devolvió la transferencia.")
    walks.finish_act(ana, number)
    ana.sees("Revertido")

    assert town.ticket(number).state == State.REVERSED
    assert town.due(town.orders["4587"]) == town.orders["4587"].total
    run_jobs()
    assert reason.name_es in town.mailbox.last_to(town.customer.email)[1]
    alicia.open("portal:order", town.orders["4587"].number)
    alicia.sees("Sin pagar", "USD 11,99")
    alicia.open("portal:ticket", number)
    alicia.sees("Revertido")
    alicia.sees_not("El banco devolvió la transferencia.")
