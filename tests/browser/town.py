"""The town of the browser's tests: the demo's two merchants with their people, on a Tuesday morning that never changes."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.management import call_command

from accounts.actors import Actor
from accounts.models import Customer, Merchant
from banking.models import ReceivingAccount
from config.demo import companies
from config.demo.alicia import issue_first_orders
from config.demo.receipts import draw_receipt
from config.demo.stage import Stage, set_stage
from orders.models import Order, OrderLine
from orders.services import LineDraft, issue_order
from reconciliation.audit import audit_books
from reconciliation.models import StatementLine
from reconciliation.services import enter_line
from tests.browser.person import Person
from tests.browser.server import Mailbox
from tests.cast import house_url
from tickets.models import Ticket

# A Tuesday; offices are open in both countries.
NOW = dt.datetime(2026, 11, 24, 10, 36, tzinfo=zoneinfo.ZoneInfo("America/Caracas"))
TODAY, YESTERDAY = NOW.date(), NOW.date() - dt.timedelta(days=1)
RATE = Decimal("36.74")


@dataclass(kw_only=True)
class Town:
    """Where the tests live. `andina` bills in dollars and is paid in bolívares, `litoral` does everything in dollars."""

    origin: str
    browser: Any
    mailbox: Mailbox
    andina: Stage
    litoral: Stage
    orders: dict[str, Order] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def url(self, name: str, *args: Any, merchant: Merchant | None = None, **kwargs: Any) -> str:
        return self.origin + house_url(merchant or self.andina.merchant, name, *args, **kwargs)

    def person(self, actor: Actor | None, *, merchant: Merchant | None = None, **kw: Any) -> Person:
        """A browser of somebody, signed in; `None` is a stranger. Closed when the test ends."""
        someone = Person(self, actor, merchant=merchant or (actor.merchant if actor else self.andina.merchant), **kw)
        self.people.append(someone)
        return someone

    def alicia(self, **kw: Any) -> Person:
        """The customer of the story, on her phone unless said otherwise."""
        return self.person(self.andina.contacts[self.customer.pk], **({"phone": True} | kw))

    def staff(self, name: str, **kw: Any) -> Person:
        """Carmen and Luis count, Ana signs, Sofía supports, Pedro administers, Olga audits: at a desktop."""
        return self.person(self.andina.staff[name], **kw)

    @property
    def customer(self) -> Customer:
        return self.andina.customers[0]

    @property
    def banesco(self) -> ReceivingAccount:
        return self.andina.accounts[0]

    def order(self, amount: str, *, customer: Customer | None = None, due_in: int = 6, **kw: Any) -> Order:
        """One more order of this total, due after every other one unless said otherwise."""
        customer = customer or self.customer
        return issue_order(
            merchant=customer.merchant,
            customer=customer,
            lines=[LineDraft(description="Hosting Empresarial", unit_price=Decimal(amount))],
            description="Hosting Empresarial, noviembre",
            issued_on=TODAY - dt.timedelta(days=14),
            due_on=TODAY + dt.timedelta(days=due_in),
            by=Actor.system(customer.merchant),
            **kw,
        )

    def deposit(self, amount: str, reference: str, *, account: ReceivingAccount | None = None, **kw: Any) -> StatementLine:
        """A deposit that stands on the statement, entered by the one of highest rank: who decides did not type it."""
        account = account or self.banesco
        house = self.andina if account.merchant_id == self.andina.merchant.pk else self.litoral
        able = [actor for actor in house.staff.values() if actor.can_decide]
        clerk = max(able, key=lambda actor: (actor.can_administer, actor.can_sign))
        return enter_line(
            merchant=house.merchant,
            account_id=account.pk,
            amount=Decimal(amount),
            reference=reference,
            booked_on=kw.pop("booked_on", YESTERDAY),
            reason="Estado de cuenta recibido por correo",
            is_another=True,
            by=clerk,
            **({"text": f"TRF.OB 0134 {reference} PEREZ ALICIA", "origin_bank_code": "0134"} | kw),
        )

    def ticket(self, number: str, merchant: Merchant | None = None) -> Ticket:
        return Ticket.objects.get(merchant=merchant or self.andina.merchant, number=number)

    def due(self, order: Order) -> Decimal:
        """What an order still lacks."""
        return Order.objects.with_balance().get(pk=order.pk).amount_due

    def is_paid(self, order: Order) -> bool:
        now = Order.objects.with_balance().get(pk=order.pk)
        return now.amount_due == 0 and now.paid_on is not None

    def photo(self, amount: str, reference: str, currency: str = "VES") -> dict[str, Any]:
        """The receipt as a camera's JPEG, ready to be chosen in a browser."""
        drawn = draw_receipt(
            bank="0134 Banesco", amount=Decimal(amount), currency=currency, reference=reference,
            paid_at=NOW - dt.timedelta(hours=18), payer="Alicia M. Pérez R.", payee="Hosting Andina, C.A.",
            account=self.banesco.number,
        )  # fmt: skip
        return {"name": "comprobante.jpg", "mimeType": "image/jpeg", "buffer": drawn.read()}

    def check_books(self) -> None:
        """The books prove themselves, and no page broke on the way."""
        for stage in (self.andina, self.litoral):
            assert list(audit_books(stage.merchant)) == []

    def close(self) -> list[str]:
        """Close every browser; what their pages complained about."""
        complaints = [each for person in self.people for each in person.close()]
        self.people.clear()
        return complaints


def build_town(origin: str, browser: Any, mailbox: Mailbox) -> Town:
    """Both merchants with everything but tickets; Alicia owes the orders of the story."""
    call_command("load_banks", verbosity=0)
    andina, litoral = (set_stage(dict(data), TODAY, 7) for data in (companies.ANDINA, companies.LITORAL))
    town = Town(origin=origin, browser=browser, mailbox=mailbox, andina=andina, litoral=litoral)
    town.orders = issue_first_orders(andina)
    assert town.orders["4603"].lines.get().kind == OrderLine.Kind.SHIPPING
    return town
