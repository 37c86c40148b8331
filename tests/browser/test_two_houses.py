"""Two merchants side by side in one Chromium, with the same order numbers on the same day: nothing of one shows in the other."""

from __future__ import annotations

from config.demo.alicia import issue_first_orders
from tests.browser import walks
from tests.browser.person import Person
from tests.browser.town import YESTERDAY, Town
from tickets.models import Ticket

REFERENCE = "0045775572442"
OF_ANDINA = ("Andina", "Pérez", "HA-", "Banesco", "Bs ", "Hosting Empresarial", "andina")
OF_LITORAL = ("Litoral", "Mendoza", "IL-", "Fibra", "litoral")


def test_two_merchants_live_side_by_side(town: Town) -> None:
    there = issue_first_orders(town.litoral)
    here = town.orders
    assert here["4512"].number == there["4512"].number
    valeria_acts = town.litoral.contacts[town.litoral.customers[0].pk]
    alicia, valeria = town.alicia(), town.person(valeria_acts, phone=True)

    # Both report at the same time, step by step.
    walks.tick_orders(alicia, here["4512"])
    walks.tick_orders(valeria, there["4512"])
    offered = walks.fill_transfer(valeria, reference=REFERENCE, account=town.litoral.accounts[0], bank="0010")
    walks.fill_transfer(alicia, reference=REFERENCE)
    assert offered == "27,60"
    for who in (alicia, valeria):
        walks.check(who)
    numbers = {who: walks.send(who) for who in (alicia, valeria)}
    shows_nothing_of(valeria, OF_ANDINA, "portal:home", "portal:orders", "portal:tickets", "portal:help", "portal:about")
    shows_nothing_of(alicia, OF_LITORAL, "portal:home", "portal:orders", "portal:tickets", "portal:help", "portal:about")

    # The same order number is another order, in another house.
    valeria.open("portal:order", here["4512"].number)
    valeria.sees("Fibra Hogar", "USD 27,60")

    # One's deposits pay nobody of the other's, and neither desk knows the other's tickets.
    town.deposit("734.20", REFERENCE)
    line = town.deposit("27.60", REFERENCE, account=town.litoral.accounts[0], booked_on=YESTERDAY, origin_bank_code="0010")
    jorge, carmen = town.person(town.litoral.staff["Jorge"]), town.staff("Carmen")
    shows_nothing_of(jorge, OF_ANDINA, "desk:queue")
    shows_nothing_of(carmen, OF_LITORAL, "desk:queue")
    walks.claim(jorge, numbers[valeria])
    shows_nothing_of(jorge, OF_ANDINA)
    walks.choose_deposit(jorge, line.pk)
    walks.verify(jorge, numbers[valeria])
    assert town.is_paid(there["4512"])
    assert not town.is_paid(here["4512"])
    assert Ticket.objects.get(number=numbers[alicia]).state == "submitted"
    for who, merchant in ((jorge, town.andina.merchant), (carmen, town.litoral.merchant)):
        for page in ("desk:queue", "portal:orders", "portal:tickets"):
            answer = who.page.goto(town.url(page, merchant=merchant))
            assert answer is not None
            assert answer.status == 404, answer.url
    assert jorge.open("desk:ticket", numbers[alicia]) == 404
    assert valeria.open("portal:ticket", numbers[alicia]) == 404


def shows_nothing_of(who: Person, words: tuple[str, ...], *pages: str) -> None:
    """No word of the other house on the page, nor in what it is made of."""
    for page in pages or ("",):
        if page:
            assert who.open(page) == 200
        source = who.page.content()
        assert not [word for word in words if word in source], f"{who.page.url} shows another house"
