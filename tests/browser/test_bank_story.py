"""The month of an accountant: four banks' files dropped at once, the certain accepted, the doubtful decided, the month closed.

And a long file: it says how far it is, also to who left the page or has no JavaScript.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from banking.models import ReceivingAccount
from config.demo.bank_files import Movement, file_of, name_of
from reconciliation.models import Period, Proposal, StatementImport, StatementLine
from reconciliation.services import save_profile
from reconciliation.statements.layouts import LAYOUTS
from tests.browser.month import report
from tests.browser.person import Person
from tests.browser.town import TODAY, YESTERDAY, Town
from tests.browser.visits import DESK_TARGET, WIDE, look
from tickets.models import State, Ticket

LAST_MONTH = dt.date(2026, 10, 1)
OPENING = Decimal("18204.50")
# bank, day of October, amount, reference, customer's name or blank; what the customers reported themselves of it
BOOKED: tuple[tuple[str, int, str, str, str], ...] = (
    ("0134", 13, "1310.00", "00770141809", "Colegio Santa Inés"), ("0134", 13, "-1.25", "000991", ""),
    ("0134", 14, "734.80", "00770241810", "Taller Gráfico Ávila"), ("0134", 15, "918.40", "00033912040", "Rosa Elena Quintero"),
    ("0102", 13, "2204.40", "00045503391", "Posada Los Frailejones"), ("0102", 14, "550.10", "00088120031", ""),
    ("0105", 14, "367.40", "00012774210", "Marcos Delgado"), ("0105", 14, "-1.25", "000992", ""),
    ("0108", 14, "1837.00", "00094881204", "Ferretería El Samán, C.A."), ("0108", 16, "402.75", "00061230077", ""),
)  # fmt: skip
DOUBTFUL = "918.40"  # whose customer typed the end of the reference alone
DROP = """files => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const how = {dataTransfer: data, bubbles: true, cancelable: true};
  document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", how));
}"""


def accounts_of(town: Town) -> dict[str, ReceivingAccount]:
    """The accounts at the four banks, each with its bank's own layout set up."""
    found = {each.bank.code: each for each in town.andina.accounts if each.bank}
    for account in found.values():
        layout = LAYOUTS[file_of(account).layout]
        save_profile(
            account_id=account.pk, settings=layout.profile.to_json(), layout_key=layout.key, by=town.andina.staff["Pedro"]
        )
    return found


def customers_report(town: Town, accounts: dict[str, ReceivingAccount]) -> dict[str, Ticket]:
    """Reports of what the banks booked, by amount."""
    sent = {}
    for bank, day, amount, reference, customer in BOOKED:
        if customer:
            typed = "2040" if amount == DOUBTFUL else reference
            days_ago = (TODAY - LAST_MONTH.replace(day=day)).days
            method = "pago_movil" if bank == "0105" else "transfer"
            made = report(town, customer, amount, typed, days_ago=days_ago, account=accounts[bank], method=method)
            sent[amount] = made.report.ticket
    return sent


def files_of(accounts: dict[str, ReceivingAccount]) -> list[tuple[str, str]]:
    """Each bank's month in its own writing, with the account's number in its name, as banks name their downloads."""
    files = []
    for bank, account in accounts.items():
        balance, rows = OPENING, []
        for _bank, day, amount, reference, customer in (each for each in BOOKED if each[0] == bank):
            balance += Decimal(amount)
            payer = customer.upper().replace(",", "").replace(".", "")[:30]
            move = Movement(day=LAST_MONTH.replace(day=day), amount=Decimal(amount), reference=reference, payer=payer)
            rows.append(dataclasses.replace(move, origin_bank="0134" if payer else "", balance=balance))
        files.append((name_of(account, LAST_MONTH.replace(day=31)), file_of(account).write(account, rows)))
    return files


def sound(who: Person) -> None:
    """axe finds nothing on this page, and it fits."""
    wrong = look(who, None, target=DESK_TARGET, sizes=(WIDE,))
    who.page.set_viewport_size(WIDE)
    assert wrong == [], who.page.url


def bring_all_in(carmen: Person, run_jobs: Any) -> None:
    """Four previews, checked against what the banks booked, and one act."""
    for made in StatementImport.objects.select_related("account__bank").order_by("pk"):
        bank = made.account.bank.code if made.account and made.account.bank else ""
        expected = sum(each[0] == bank for each in BOOKED)
        assert (made.state, made.problems, made.lines_in_file) == ("preview", [], expected), (made, made.problems)
    carmen.open("desk:import", made.pk)
    total, *parts = (int(part) for part in carmen.page.locator(".import-sum .part > strong").all_inner_texts())
    assert (total, sum(parts)) == (expected, expected)
    carmen.open("desk:imports")
    carmen.page.locator(".import-ready .btn-primary").click()
    carmen.wait_for("desk:imports_together")
    assert carmen.page.locator('input[name="file"]:checked').count() == 4
    carmen.sees("4 marcados", f"{len(BOOKED)} líneas nuevas")
    sound(carmen)
    carmen.page.locator(".bar .btn-primary").click()
    carmen.wait_for("desk:imports")
    carmen.sees("Se están importando 4 archivos")
    run_jobs()
    carmen.page.locator("#imports:not([hx-get])").wait_for()


def test_a_month_of_four_banks_from_the_files_to_the_close(town: Town, run_jobs: Any) -> None:
    accounts = accounts_of(town)
    assert len(accounts) == 4
    tickets = customers_report(town, accounts)
    carmen, ana = town.staff("Carmen"), town.staff("Ana")

    # She drops the four files; each finds its own account.
    carmen.open("desk:lines_import")
    carmen.page.evaluate(DROP, files_of(accounts))
    assert carmen.page.locator("#chosen-files li").count() == 4
    sound(carmen)
    carmen.page.locator("main button.btn-primary").click()
    carmen.wait_for("desk:imports")
    run_jobs()
    carmen.page.locator("#imports:not([hx-get])").wait_for()
    assert carmen.page.locator("#imports tbody tr").count() == 4
    sound(carmen)

    # Each preview adds up; after a look at the list she brings all of them in at once.
    bring_all_in(carmen, run_jobs)
    assert StatementLine.objects.count() == len(BOOKED)

    # What is certain, account by account, after a look at the list.
    for bank, account in accounts.items():
        certain = [amount for code, _day, amount, _reference, name in BOOKED if code == bank and name and amount != DOUBTFUL]
        carmen.open("desk:workbench_certain", account=account.pk)
        assert carmen.page.locator('input[name="proposal"]:checked').count() == len(certain), bank
        carmen.page.locator(".bar .btn-primary").click()
        carmen.wait_for("desk:workbench")
    assert {amount for amount, ticket in tickets.items() if state_of(ticket) == State.VERIFIED} == set(tickets) - {DOUBTFUL}

    # One is left to her, with its evidence beside it.
    proposal = Proposal.objects.get(state="open", is_chosen=True, is_automatic=False)
    carmen.open("desk:workbench", account=accounts["0134"].pk, view="decide")
    sound(carmen)
    carmen.page.locator(f"#p{proposal.pk} a[href*='/proposals/{proposal.pk}/']").first.click()
    carmen.wait_for("desk:proposal", proposal.pk)
    carmen.sees("918,40", "Rosa Elena Quintero", "2040", "00033912040")
    assert carmen.page.locator(".evidence li").count() >= 3
    sound(carmen)
    carmen.page.locator(".bar .btn-primary").click()
    carmen.wait_for("desk:workbench")
    assert state_of(tickets[DOUBTFUL]) == State.VERIFIED

    # Ana closes the month; what nobody knows stays open and is said.
    ana.open("desk:periods")
    ana.sees("Cerrar octubre de 2026", "Filas sin decidir: 0")
    sound(ana)
    ana.page.locator(".card-foot .btn-primary").click()
    ana.sees("Octubre de 2026 quedó cerrado")
    assert Period.objects.get(merchant=town.andina.merchant).month == LAST_MONTH
    run_jobs()


def state_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return str(ticket.state)


def send_lines(who: Person, count: int) -> StatementImport:
    """A file of so many lines, dropped; it waits for its job."""
    rows = "".join(f"{YESTERDAY},{at % 900 + 1}.50,{at * 7919 % 10**9:011d},TRF.OB 0134 CLIENTE {at}\n" for at in range(count))
    who.open("desk:lines_import")
    who.page.select_option('[name="account"]', str(who.town.banesco.pk))
    content = f"fecha,monto,referencia,texto\n{rows}".encode()
    who.page.set_input_files('[name="file"]', {"name": "largo.csv", "mimeType": "text/csv", "buffer": content})
    who.page.locator("main button.btn-primary").click()
    who.page.wait_for_url(re.compile(r"/lines/imports/\d+/$"))
    return StatementImport.objects.latest("pk")


def test_a_long_file_says_how_far_it_is_also_to_who_went_away(town: Town, run_jobs: Any) -> None:
    carmen, other = town.staff("Carmen"), town.staff("Luis", scripts=False)
    made = send_lines(carmen, 3000)
    StatementImport.objects.filter(pk=made.pk).update(progress_done=1000, progress_total=3000)
    carmen.page.get_by_text("Leyendo 1.000 de 3.000 líneas").wait_for()
    assert carmen.page.locator("[aria-live=polite] progress").get_attribute("value") == "1000"
    carmen.open("desk:queue")
    # Without JavaScript one looks again.
    other.open("desk:import", made.pk)
    other.sees("Leyendo 1.000 de 3.000 líneas")
    StatementImport.objects.filter(pk=made.pk).update(progress_done=2000)
    other.press("Look again")
    other.sees("Leyendo 2.000 de 3.000 líneas")
    carmen.open("desk:import", made.pk)
    carmen.sees("Leyendo 2.000 de 3.000 líneas")
    run_jobs()
    carmen.page.locator(".import-acts .btn-primary").click()
    carmen.page.locator("#import-progress").wait_for()
    run_jobs()
    carmen.page.locator(".import-undo").wait_for()
    carmen.sees("3000 líneas en el archivo")
    other.press("Look again")
    assert other.page.locator(".import-undo").count() == 1
    assert StatementLine.objects.count() == 3000


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_fifty_thousand_lines_show_how_far_they_are_and_come_in(town: Town, run_jobs: Any) -> None:
    carmen = town.staff("Carmen")
    seen: set[str] = set()

    def work() -> None:
        try:
            run_jobs()
        finally:
            connections.close_all()

    def follow(end: str) -> None:
        worker = threading.Thread(target=work)
        worker.start()
        while worker.is_alive():
            seen.update(carmen.page.locator("#import-progress p.strong").all_inner_texts())
            carmen.page.wait_for_timeout(150)
        worker.join()
        carmen.page.locator(end).wait_for()

    send_lines(carmen, 50_000)
    follow(".import-acts")
    carmen.page.locator(".import-acts .btn-primary").click()
    carmen.page.locator("#import-progress").wait_for()
    follow(".import-undo")
    assert any(re.search(r"eyendo [\d.]+ de 50\.0\d\d líneas", text) for text in seen), seen
    assert StatementLine.objects.count() == 50_000
