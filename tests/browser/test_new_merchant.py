"""A new company, from the command line to its first verified report, by what the README and the pages say and nothing else."""

from __future__ import annotations

import io
import re
from typing import Any

from django.core.management import call_command

from accounts.actors import Actor
from accounts.models import Merchant, Role, SetupChange, User
from banking.models import ReceivingAccount
from orders.models import Order
from reconciliation.audit import audit_books
from tests.browser import walks
from tests.browser.person import Person
from tests.browser.test_sign_in import code_of_the_app
from tests.browser.town import YESTERDAY, Town
from tests.cast import house_url
from tickets.models import State, Ticket

ADMIN, CLERK, CUSTOMER = "lucia@faro.example", "berta@faro.example", "pagos@saman.example"
ORDERS = """Código de cliente;Razón social;Correo;Nº factura;Concepto;Emisión;Vencimiento;Importe;IVA %
A-77;Ferretería El Samán;pagos@saman.example;F-1001;Plan fibra noviembre;01/11/2026;30/11/2026;100000,00;19
A-78;Colegio Santa Inés;;F-1002;Plan fibra noviembre;01/11/2026;30/11/2026;80000,00;19
"""


def enter_by_code(town: Town, who: Person, email: str, run_jobs: Any) -> None:
    """Sign in with the code that comes by e-mail."""
    who.open("account_request_login_code")
    who.fill("email", email)
    who.press("Send the code")
    who.page.wait_for_url(re.compile("/code/confirm/"))
    run_jobs()
    _subject, text, _html = town.mailbox.last_to(email)
    found = re.search(r"\b\d{6}\b", text)
    assert found
    who.fill("code", found[0])
    who.press("Confirm")
    who.page.wait_for_url(re.compile(r"^(?!.*/code/confirm/)"))


def step(who: Person, name: str) -> None:
    """Press the step's own button and stand on the next one."""
    who.page.locator("main form button.btn-primary").first.click()
    who.page.wait_for_url(re.compile(rf"\?step={name}$"))


def test_from_nothing_to_the_first_verified_report(town: Town, run_jobs: Any) -> None:
    # The installation's operator opens the house; the letter says where it is set up.
    call_command(
        "create_merchant", "faro", "Faro Fibra", country="VE", admin=ADMIN, admin_name="Lucía Faro", stdout=io.StringIO()
    )
    merchant = Merchant.objects.get(slug="faro")
    run_jobs()
    subject, text, _html = town.mailbox.last_to(ADMIN)
    assert "Faro Fibra" in subject
    assert town.origin + house_url(merchant, "desk:begin") in text

    # Lucía signs in, makes her second factor, and is led on.
    lucia = town.person(None, merchant=merchant)
    enter_by_code(town, lucia, ADMIN, run_jobs)
    lucia.open("desk:begin")
    lucia.wait_for("mfa_activate_totp")
    secret = "".join(lucia.page.locator("#authenticator_secret").get_attribute("value").split())
    lucia.fill("code", code_of_the_app(secret))
    lucia.page.locator("main button.btn-primary").click()
    lucia.page.wait_for_load_state("load")
    lucia.open("desk:queue")
    lucia.press("Go on", context="set-up")
    lucia.wait_for("desk:begin")
    set_up(lucia, merchant)
    assert not Merchant.objects.get(pk=merchant.pk).is_being_set_up
    assert SetupChange.objects.filter(merchant=merchant, field="country", after="CO").exists()

    # The customer enters by the address of the file, reports, and Berta verifies what the bank's file brings.
    payer = town.person(None, merchant=merchant, phone=True)
    enter_by_code(town, payer, CUSTOMER, run_jobs)
    order = Order.objects.get(merchant=merchant, number="F-1001")
    account = ReceivingAccount.objects.get(merchant=merchant)
    walks.tick_orders(payer, order)
    walks.fill_transfer(payer, reference="884512", account=account, bank="")
    bank = payer.page.locator('[name="t-0-origin_bank"] option').nth(1)
    payer.page.select_option('[name="t-0-origin_bank"]', value=bank.get_attribute("value"))
    walks.settled(payer)
    walks.check(payer)
    number = walks.send(payer)
    verify_with_the_banks_file(town, merchant, number, run_jobs)
    assert Ticket.objects.get(merchant=merchant, number=number).state == State.VERIFIED
    assert town.is_paid(order)
    assert list(audit_books(merchant)) == []


def set_up(lucia: Person, merchant: Merchant) -> None:
    """The steps, each by what its page offers."""
    page = lucia.page
    page.select_option('[name="country"]', "CO")
    page.select_option('[name="currency"]', "COP")
    lucia.fill("legal_name", "Faro Fibra S.A.S.")
    lucia.fill("tax_id", "900373913-4")
    step(lucia, "account")
    option = page.locator('[name="bank"] option', has_text="Bancolombia").first
    page.select_option('[name="bank"]', value=option.get_attribute("value"))
    lucia.fill("number", "03112345678")
    page.get_by_label("Transferencia").first.check()
    step(lucia, "methods")
    step(lucia, "statements")
    lucia.sees("Bancolombia")
    step(lucia, "staff")
    lucia.fill("email", CLERK)
    lucia.fill("name", "Berta Ríos")
    step(lucia, "staff")
    lucia.sees("Berta Ríos")
    lucia.press("Go on", context="set-up")
    page.wait_for_url(re.compile(r"\?step=customers$"))
    page.set_input_files('[name="file"]', {"name": "ordenes.csv", "mimeType": "text/csv", "buffer": ORDERS.encode("cp1252")})
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url(re.compile(r"/orders-from-file/\d+/$"))
    lucia.press("Bring in")
    page.get_by_text(lucia.say("The file is brought in.")).wait_for()
    lucia.open("desk:queue")
    lucia.press("Say that it is ready")
    page.wait_for_url(re.compile(r"\?step=ready$"))
    lucia.press("My company is ready")
    lucia.wait_for("desk:queue")


def verify_with_the_banks_file(town: Town, merchant: Merchant, number: str, run_jobs: Any) -> None:
    """Berta drops the bank's file, looks at it, brings it in, and verifies the ticket with the deposit."""
    berta_is = User.objects.get(email=CLERK)
    berta = town.person(Actor(merchant=merchant, user=berta_is, role=Role.ACCOUNTANT))
    berta.open("desk:lines_import")
    head = ["FECHA", "DESCRIPCIÓN", "SUCURSAL", "DCTO.", "VALOR", "SALDO"]
    cells = [f"{YESTERDAY:%Y/%m/%d}", "TRANSFERENCIA DE SAMAN", "PRINCIPAL", "884512", "119,000.00", "119,000.00"]
    rows = "\t".join(head) + "\n" + "\t".join(cells)
    file = {"name": "bancolombia.txt", "mimeType": "text/plain", "buffer": (rows + "\n").encode()}
    berta.page.set_input_files('input[name="file"]', file)
    account = ReceivingAccount.objects.get(merchant=merchant)
    berta.page.select_option('[name="account"]', str(account.pk))
    berta.press("Read the files")
    berta.page.wait_for_url(re.compile(r"/imports/\d+/"))
    run_jobs()
    berta.page.locator(".import-acts .btn-primary").click()
    berta.page.locator("#import-progress").wait_for()
    run_jobs()
    berta.page.locator(".import-undo").wait_for()
    walks.claim(berta, number)
    berta.page.locator('input[form="choose"]').first.check()
    berta.wait_until_quiet()
    walks.verify(berta, number)
