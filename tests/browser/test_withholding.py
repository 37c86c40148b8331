"""Who pays less by a withholding voucher has paid in full: the whole story, from the form to the paid order."""

from __future__ import annotations

from decimal import Decimal

from reports.models import Receipt, Withholding
from tests.browser import walks
from tests.browser.town import TODAY, YESTERDAY, Town

REFERENCE = "0045775572442"


def test_who_pays_less_by_a_voucher_has_paid_in_full(town: Town) -> None:
    alicia = town.alicia()
    order = town.orders["4587"]
    walks.tick_orders(alicia, order)
    walks.fill_transfer(alicia, reference=REFERENCE, paid_on=TODAY)
    alicia.page.get_by_text("Tengo comprobante de retención").click()
    alicia.page.select_option('[name="w-0-kind"]', label="Retención de IVA")
    for name, value in {"number": "20261100001234", "issued_on": YESTERDAY.isoformat(), "amount": "2,00"}.items():
        alicia.page.fill(f'[name="w-0-{name}"]', value)
    walks.settled(alicia)
    alicia.sees("retenidos", "Exacto")
    alicia.page.set_input_files('input[name="w-0-receipt"]', town.photo("2.00", "1234"))
    if alicia.scripts:
        alicia.page.locator('input[name="w-0-files"]').first.wait_for(state="attached")
    paid = Decimal(alicia.page.input_value('[name="t-0-amount"]').replace(".", "").replace(",", "."))
    walks.check(alicia)
    alicia.sees("Retención de IVA", "20261100001234", "USD 2,00")
    number = walks.send(alicia)
    voucher = Withholding.objects.get()
    assert (voucher.amount, Receipt.objects.filter(position=voucher.file_position).count()) == (2, 1)

    line = town.deposit(str(paid), REFERENCE, booked_on=TODAY)
    carmen = town.staff("Carmen")
    walks.claim(carmen, number)
    walks.choose_deposit(carmen, line.pk)
    carmen.sees("Juntos", "Retención de IVA 20261100001234")
    walks.verify(carmen, number)
    assert town.is_paid(order)
    alicia.open("portal:order", order.number)
    alicia.sees("Pagada")
    town.check_books()
