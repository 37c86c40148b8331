"""The portal in a real browser: by keyboard alone, narrow, focus always in sight, a form that answers while one types."""

from __future__ import annotations

from typing import Any

from tests.browser.person import Person
from tests.browser.town import Town
from tests.browser.walks import fill_transfer, report, tick_orders

FOCUS_IN_SIGHT = """() => {
  const one = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector('.bar:not(.bar--top)');
  if (!bar || bar.contains(document.activeElement) || !one.height) return true;
  const top = bar.getBoundingClientRect().top;
  return one.bottom <= top + 1 || one.top >= bar.getBoundingClientRect().bottom;
}"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def pages_of(who: Person, number: str, order: str) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        ("portal:home", ()),
        ("portal:orders", ()),
        ("portal:order", (order,)),
        ("portal:order_print", (order,)),
        ("portal:order_credit", (order,)),
        ("portal:report", ()),
        ("portal:report_sent", (number,)),
        ("portal:tickets", ()),
        ("portal:ticket", (number,)),
        ("portal:ticket_withdraw", (number,)),
        ("portal:support_new", ()),
        ("portal:profile", ()),
        ("portal:help", ()),
    ]


def test_no_page_scrolls_sideways_on_the_smallest_phone(town: Town) -> None:
    """At 1280 and 360 pixels test_portal_pages.py looks."""
    order, other = town.order("20.00"), town.order("12.00", due_in=-3)
    alicia = town.alicia()
    number = report(alicia, order)
    alicia.page.set_viewport_size({"width": 320, "height": 740})
    found = []
    for name, args in pages_of(alicia, number, other.number):
        assert alicia.open(name, *args) == 200
        if alicia.page.evaluate(TOO_WIDE):
            found.append(name)
    assert found == []


def test_focus_is_never_behind_the_bar(town: Town) -> None:
    for number in range(12):
        town.order("10.00", due_in=number)
    alicia = town.alicia(phone=True)
    alicia.open("portal:home")
    hidden = []
    for _ in range(60):
        alicia.page.keyboard.press("Tab")
        if not alicia.page.evaluate(FOCUS_IN_SIGHT):
            hidden.append(alicia.page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert hidden == []


def test_a_payment_is_reported_by_keyboard_alone(town: Town) -> None:
    order = town.order("20.00")
    alicia = town.alicia()
    alicia.open("portal:home")
    keys = alicia.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(80):
            if alicia.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            keys.press("Tab")
        raise AssertionError(f"the keyboard never reaches {selector}")

    tab_to(f'input[name="orders"][value="{order.pk}"]')
    keys.press("Space")
    tab_to("#selection .btn-primary")
    keys.press("Enter")
    alicia.wait_for("portal:report")
    tab_to('[name="t-0-origin_bank"]')
    keys.type("0134")
    tab_to('[name="t-0-reference"]')
    keys.type("004577557244")
    alicia.wait_until_quiet()
    keys.press("Enter")  # the first thing that Enter does is the main act
    alicia.wait_for("portal:report_check")
    tab_to("form[data-once] .btn-primary")
    keys.press("Enter")
    alicia.page.wait_for_url("**/report/sent/**")
    alicia.sees("Recibimos su reporte de pago")


def test_the_form_answers_while_one_types(town: Town) -> None:
    one, other = town.order("20.00"), town.order("12.00")
    alicia = town.alicia(phone=True)
    tick_orders(alicia, one)
    page = alicia.page
    offered = fill_transfer(alicia)
    page.locator("[data-unfold]").click()
    page.check(f'input[name="orders"][value="{other.pk}"]')
    alicia.wait_until_quiet()
    assert page.input_value('[name="t-0-amount"]') != offered
    alicia.sees("Exacto:")
    page.fill('[name="t-0-amount"]', "1,00")
    alicia.wait_until_quiet()
    alicia.sees("Parcial:", "Borrador guardado")
    page.fill('[name="t-0-amount"]', "1.2.3,4")
    alicia.wait_until_quiet()
    assert page.locator("#t-0-amount-live .field-warning").is_visible()
    assert page.input_value('[name="t-0-amount"]') == "1.2.3,4"


def test_a_reload_keeps_what_was_typed(town: Town) -> None:
    alicia = town.alicia()
    tick_orders(alicia, town.order("20.00"))
    fill_transfer(alicia, reference="778899")
    alicia.page.fill('[name="note"]', "Desde la oficina")
    alicia.wait_until_quiet()
    alicia.page.reload()
    assert alicia.page.input_value('[name="note"]') == "Desde la oficina"
    assert alicia.page.input_value('[name="t-0-reference"]') == "778899"
    alicia.sees("Recuperamos su borrador")


def test_a_method_shows_its_own_fields_and_accounts(town: Town) -> None:
    alicia = town.alicia()
    tick_orders(alicia, town.order("20.00"))
    page = alicia.page
    for label in page.locator('input[name="t-0-method"]').all():
        label.check()
        alicia.wait_until_quiet()
        chosen = page.locator('input[name="t-0-account"]:checked')
        assert chosen.count() == 1
        assert chosen.is_visible()
    assert page.locator('[name="t-0-sender_email"]').count() <= 1


def test_going_back_from_the_check_page_keeps_everything(town: Town) -> None:
    alicia = town.alicia(scripts=False)
    tick_orders(alicia, town.order("20.00"))
    fill_transfer(alicia, reference="112233")
    alicia.press("Check and send")
    alicia.wait_for("portal:report_check")
    alicia.page.locator("a.change", has_text="Cambiar").first.click()
    alicia.wait_for("portal:report")
    assert alicia.page.input_value('[name="t-0-reference"]') == "112233"
