"""What staff do for a customer who called or wrote: register the payment, bring the deposit, void what was wrong."""

from __future__ import annotations

import re
from typing import Any

from reconciliation.models import StatementImport, StatementLine
from reports.models import PaymentReport
from tests.browser import walks
from tests.browser.person import Person
from tests.browser.town import YESTERDAY, Town
from tickets.models import State

REFERENCE = "0045775572442"


def fill_register(who: Person, reference: str = REFERENCE) -> None:
    """The staff's form for a transfer of yesterday to Banesco; its sum is filled in by its button."""
    page = who.page
    page.check('input[name="channel"][value="whatsapp"]') if page.locator(
        'input[name="channel"]'
    ).count() else page.select_option('[name="channel"]', "whatsapp")
    page.check(f'input[name="t-0-account"][value="{who.town.banesco.pk}"]')
    page.fill('[name="t-0-paid_on"]', YESTERDAY.isoformat())
    option = page.locator('[name="t-0-origin_bank"] option', has_text="0134").first
    page.select_option('[name="t-0-origin_bank"]', value=option.get_attribute("value"))
    page.fill('[name="t-0-reference"]', reference)
    page.fill('[name="t-0-amount"]', "440,15" if who.language == "es" else "440.15")


def test_support_registers_what_a_customer_wrote_by_whatsapp(town: Town, run_jobs: object) -> None:
    sofia = town.staff("Sofía")
    sofia.open("desk:customers")
    sofia.page.get_by_role("link", name=town.customer.name).first.click()
    sofia.wait_for("desk:customer", town.customer.pk)
    sofia.page.check(f'input[name="orders"][value="{town.orders["4587"].pk}"]')
    sofia.press("Register a payment of what is ticked")
    sofia.wait_for("desk:register", town.customer.pk)
    fill_register(sofia)
    sofia.page.set_input_files('input[name="t-0-receipt"]', town.photo("440.15", REFERENCE))
    sofia.press("Check and send")
    sofia.wait_for("desk:register_check", town.customer.pk)
    sofia.sees("WhatsApp", "Bs 440,15", REFERENCE)
    sofia.press("Send payment report")
    sofia.page.wait_for_url(re.compile(r"/staff/tickets/HA-\d+/$"))
    report = PaymentReport.objects.get()
    number = report.ticket.number
    assert report.channel == "whatsapp"
    assert report.created_by == sofia.actor.user
    sofia.sees("WhatsApp")
    # Support sees everything and decides nothing.
    assert sofia.page.get_by_role("button", name="Tomar").count() == 0

    run_jobs()
    assert number in town.mailbox.last_to(town.customer.email)[0]
    alicia = town.alicia()
    alicia.open("portal:home")
    alicia.sees(number, "En revisión")

    carmen = town.staff("Carmen")
    luis = town.staff("Luis")
    line = walks.enter_deposit(luis, "440,15", REFERENCE)
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line)
    walks.verify(carmen, number)
    assert town.ticket(number).state == State.VERIFIED
    assert town.is_paid(town.orders["4587"])


def test_a_customer_and_an_order_are_made_and_voided_by_hand(town: Town) -> None:
    sofia = town.staff("Sofía", language="en")
    sofia.open("desk:customer_new")
    sofia.fill("name", "Quesera La Puerta, C.A.")
    sofia.fill("email", "pagos@quesera.example")
    sofia.page.locator("main button.btn-primary").click()
    sofia.page.wait_for_url(re.compile(r"/customers/\d+/$"))
    sofia.press("New order")
    sofia.page.wait_for_url(re.compile(r"/orders/new/"))
    for description in sofia.page.locator('[name$="description"]').all():
        description.fill("Hosting, November")
    sofia.page.locator('[name$="unit_price"]').fill("10.00")
    sofia.press("Make the order")
    sofia.page.wait_for_url(re.compile(r"/orders/[^/]*\d/$"))
    sofia.sees("Quesera La Puerta, C.A.", "USD 10.00", "Unpaid")
    number = sofia.page.locator("h1").inner_text()

    # It was wrong: an accountant voids it with a reason, and it stays to be seen.
    carmen = town.staff("Carmen", language="en")
    carmen.open("desk:order", number)
    carmen.press("Void", context="act")
    carmen.wait_for("desk:order_void", number)
    carmen.fill("reason", "Made twice")
    carmen.page.get_by_role("button", name=f"Void {number}").click()
    carmen.wait_for("desk:order", number)
    carmen.sees("Void", "Made twice")


def test_a_deposit_brought_twice_stands_once(town: Town, run_jobs: Any) -> None:
    carmen = town.staff("Carmen")
    rows = f"{YESTERDAY},1250.00,45775572442,TRF.OB 0134\n{YESTERDAY},abc,1,?\n"

    def send(more: str = "") -> None:
        carmen.open("desk:lines_import")
        carmen.page.select_option('[name="account"]', str(town.banesco.pk))
        content = f"fecha,monto,referencia,texto\n{rows}{more}".encode()
        carmen.page.set_input_files('[name="file"]', {"name": "nov.csv", "mimeType": "text/csv", "buffer": content})
        carmen.page.locator("main button.btn-primary").click()
        carmen.page.wait_for_url(re.compile(r"/lines/imports/\d+/$"))
        run_jobs()
        # The page follows by itself.
        carmen.page.locator(".import-sum").wait_for()

    send()
    carmen.sees("abc")
    assert not StatementLine.objects.exists()
    carmen.page.locator(".import-acts .btn-primary").click()
    carmen.page.locator("#import-progress").wait_for()
    run_jobs()
    carmen.page.locator(".import-undo").wait_for()
    assert StatementLine.objects.get().reference_raw == "45775572442"

    # The row that could not be read is written by hand; in a longer file it is known, as the other one is.
    carmen.page.locator(".import-attention a.btn").click()
    carmen.page.locator("#id_booked_on").wait_for()
    carmen.fill("booked_on", YESTERDAY.isoformat())
    carmen.fill("amount", "99,50")
    carmen.page.locator('button[value="correct"]').click()
    carmen.page.locator(".import-undo").wait_for()
    send(f"{YESTERDAY},7.00,990011,OTRO\n")
    made = StatementImport.objects.latest("pk")
    assert (made.lines_new, made.lines_known, made.lines_rejected) == (1, 2, 0)
    assert StatementLine.objects.count() == 2
