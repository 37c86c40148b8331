"""What people do, step by step, by pressing what stands on the page. Each step waits until the page it leads to is there."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from banking.models import ReceivingAccount
from orders.models import Order
from tests.browser.person import Person
from tests.browser.town import YESTERDAY

ADDRESS = {
    "address": "Av. Las Delicias, Centro Ejecutivo Sol, piso 3, oficina 3-B",
    "state": "Aragua",
    "city": "Maracay",
    "reference_point": "Frente al parque",
    "receiver_phone": "04125550142",
}


def tick_orders(who: Person, *orders: Order) -> None:
    """From the list of orders to the report form, with these ticked."""
    who.open("portal:orders")
    for order in orders:
        who.page.check(f'input[name="orders"][value="{order.pk}"]')
    who.press("Report payment(s)")
    who.wait_for("portal:report")


def settled(who: Person) -> None:
    """Let the page say what it has to say about what was typed: by itself, or by its button when JavaScript is off."""
    if who.scripts:
        who.wait_until_quiet()
    else:
        who.press("Update", context="no-js button")
        who.page.wait_for_load_state("load")


def fill_transfer(
    who: Person,
    *,
    reference: str = "0045775572442",
    amount: str = "",
    account: ReceivingAccount | None = None,
    paid_on: dt.date = YESTERDAY,
    bank: str = "0134",
) -> str:
    """Fill the first transfer; the amount stays as the page offers it when none is given. What stands there at the end."""
    page = who.page
    account = account or who.town.banesco
    page.check(f'input[name="t-0-account"][value="{account.pk}"]')
    page.fill('[name="t-0-paid_on"]', paid_on.isoformat())
    if bank:
        option = page.locator('[name="t-0-origin_bank"] option', has_text=bank).first
        page.select_option('[name="t-0-origin_bank"]', value=option.get_attribute("value"))
    page.fill('[name="t-0-reference"]', reference)
    settled(who)
    if amount:
        page.fill('[name="t-0-amount"]', amount)
        settled(who)
    return str(page.input_value('[name="t-0-amount"]'))


def add_photo(who: Person, photo: dict[str, Any]) -> None:
    """Choose the picture of the receipt; with JavaScript it is uploaded at once."""
    who.page.set_input_files('input[name="t-0-receipt"]', photo)
    if who.scripts:
        who.page.locator('input[name="t-0-files"]').first.wait_for(state="attached")


def wish_paper(who: Person, **address: str) -> None:
    """Tick the paper invoice and write where it goes."""
    who.page.check('[name="wants_paper"]')
    for name, value in (ADDRESS | address).items():
        who.fill(name, value)


def check(who: Person) -> None:
    """From the form to the check page."""
    who.press("Check and send")
    who.wait_for("portal:report_check")


def send(who: Person) -> str:
    """From the check page to the ticket's number."""
    who.press("Send payment report")
    who.page.wait_for_url(re.compile(r"/report/sent/"))
    return sent_number(who)


def sent_number(who: Person) -> str:
    return str(who.page.locator(".ticket-number").inner_text()).strip()


def report(who: Person, *orders: Order, **transfer: Any) -> str:
    """The whole of a plain report; the ticket's number."""
    tick_orders(who, *orders)
    fill_transfer(who, **transfer)
    check(who)
    return send(who)


# --- The staff -------------------------------------------------------------------------------


def enter_deposit(who: Person, amount: str, reference: str, *, account: ReceivingAccount | None = None) -> int:
    """Write a deposit of yesterday down by hand, as it stands on the statement; its key."""
    who.open("desk:lines")
    who.press("Enter by hand")
    who.wait_for("desk:line_new")
    who.page.select_option('[name="account"]', str((account or who.town.banesco).pk))
    for name, value in {
        "booked_on": YESTERDAY.isoformat(), "amount": amount, "reference": reference, "payer_name": "PEREZ ALICIA",
        "origin_bank_code": "0134", "reason": "Estado de cuenta recibido por correo",
    }.items():  # fmt: skip
        who.fill(name, value)
    who.press("Enter the movement")
    who.page.wait_for_url(re.compile(r"/lines/\d+/$"))
    return int(who.page.url.rstrip("/").rpartition("/")[2])


def claim(who: Person, number: str) -> None:
    """Take a ticket in the queue, then open it."""
    who.open("desk:queue")
    row = who.page.locator("tr[data-row]", has_text=number)
    with who.page.expect_response(re.compile(r"/claim/")):
        row.get_by_role("button").click()
    row.get_by_role("link", name=number).click()
    who.wait_for("desk:ticket", number)


def choose_deposit(who: Person, line_pk: int) -> None:
    """Choose a candidate; the page asks the server what would happen."""
    box = who.page.locator(f'input[form="choose"][value="{line_pk}"]')
    if not box.is_checked():
        with who.page.expect_response(re.compile(r"/tickets/")):
            box.check()
        who.wait_until_quiet()


def verify(who: Person, number: str) -> None:
    """Press the button that says the amount, and come back to the decided ticket."""
    who.page.locator("#verify-button").click()
    who.page.wait_for_load_state("load")
    who.wait_for("desk:ticket", number)


def act(who: Person, name: str) -> None:
    """Open one of the small forms of the decision bar (a dialog with JavaScript)."""
    who.press(name)
    who.page.locator("#act form").first.wait_for()


def finish_act(who: Person, number: str, *button: str, **values: str) -> None:
    """Press the button of the small form and come back to the ticket."""
    who.page.locator("#act form button.btn-primary, #act form button.btn-danger").first.click()
    who.wait_for("desk:ticket", number)
    who.page.locator("#act form").first.wait_for(state="detached")
