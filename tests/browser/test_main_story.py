"""The main story: two orders and the mailing of the invoice paid by one transfer, reported on a phone, verified at a desk."""

from __future__ import annotations

import pytest

from letters.models import Letter
from tests.browser import walks
from tests.browser.town import Town
from tests.cast import house_url
from tickets.models import State

REFERENCE = "0045775572442"
WORDS = {
    "es": {
        "to_pay": "Por pagar", "exact": "Exacto", "received": "Recibimos su reporte de pago", "deadline": "miércoles 25 nov 2026",
        "in_review": "En revisión", "paid": "Pagada", "paid_on": "Pagada el", "verified": "Verificado", "subject": "verificado",
        "agrees": "Coincide", "owes": "Todavía debe",
    },
    "en": {
        "to_pay": "To pay", "exact": "Exact", "received": "We received your payment report", "deadline": "Wednesday 25 Nov 2026",
        "in_review": "In review", "paid": "Paid", "paid_on": "Paid on", "verified": "Verified", "subject": "verified",
        "agrees": "Agrees", "owes": "still owe",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "phone", "scripts"),
    [("es", True, True), ("en", False, True), ("es", True, False)],
    ids=["es-phone", "en-desktop", "es-phone-without-scripts"],
)
def test_from_the_list_of_orders_to_a_verified_ticket(town: Town, run_jobs, language: str, phone: bool, scripts: bool) -> None:
    words, orders = WORDS[language], [town.orders[tail] for tail in ("4512", "4587", "4603")]
    speak(town, language)
    alicia = town.alicia(language=language, phone=phone, scripts=scripts)

    # She ticks two orders and the shipping, and reports the transfer of yesterday, at yesterday's rate, with a photo.
    walks.tick_orders(alicia, *orders)
    amount = walks.fill_transfer(alicia, reference=REFERENCE)
    alicia.sees(words["exact"])
    paid = "1.233,09" if language == "es" else "1,233.09"
    assert amount == paid
    walks.add_photo(alicia, town.photo("1233.09", REFERENCE))
    walks.wish_paper(alicia)
    walks.check(alicia)
    alicia.sees(f"Bs {paid}", REFERENCE, "Maracay", *(order.number for order in orders))
    number = walks.send(alicia)
    alicia.sees(words["received"], number, words["deadline"])
    assert not any(town.is_paid(order) for order in orders)

    # The letter, and her list: in review, still owed.
    run_jobs()
    subject, text, html = town.mailbox.last_to(town.customer.email)
    assert number in subject
    assert number in text
    assert number in html
    alicia.open("portal:orders")
    alicia.sees(words["in_review"])

    # Luis types the deposit; Carmen takes the ticket, sees the receipt beside what was declared, and finds the deposit.
    carmen = town.staff("Carmen", language=language)
    luis = town.staff("Luis", language=language)
    line = walks.enter_deposit(luis, paid, "45775572442")
    walks.claim(carmen, number)
    carmen.page.wait_for_function("document.querySelector('[data-view-page] img').naturalWidth > 300")
    carmen.sees(f"Bs {paid}", words["agrees"], town.customer.name)
    walks.choose_deposit(carmen, line)
    assert f"Bs {paid}" in carmen.page.locator("#verify-button").inner_text().replace("\xa0", " ")
    walks.verify(carmen, number)
    carmen.sees(words["verified"])

    # The orders are paid, the letter left by SMTP, nobody can decide again.
    ticket = town.ticket(number)
    assert ticket.state == State.VERIFIED
    assert all(town.is_paid(order) for order in orders)
    run_jobs()
    subject, text, html = town.mailbox.last_to(town.customer.email)
    assert words["subject"] in subject.lower()
    assert number in text
    assert all(order.number in text for order in orders)
    assert town.origin + house_url(town.andina.merchant, "portal:ticket", number) in text
    assert not Letter.objects.exclude(state=Letter.State.SENT).exists()
    assert carmen.page.locator("#verify-button").count() == 0
    alicia.open("portal:orders", state="paid")
    alicia.sees(words["paid"], *(order.number for order in orders))
    alicia.open("portal:ticket", number)
    alicia.sees(words["verified"])


def speak(town: Town, language: str) -> None:
    """Alicia's letters come in this language."""
    user = town.andina.contacts[town.customer.pk].user
    user.language = language
    user.save(update_fields=["language"])
