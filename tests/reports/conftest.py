"""The scene of the reports room: Andina bills in dollars, is paid in dollars or bolívares, and Alice owes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Customer, Merchant
from banking.models import ReceivingAccount
from reports.services import submit_report
from tests.cast import Cast, make_cast
from tests.factories import make_account, make_content, make_method, make_report
from tickets.models import Reason, Ticket
from tickets.services import ask_information, claim, prepare_merchant


@dataclass(frozen=True)
class Scene:
    """Everybody, one account in dollars and one in bolívares, and the acts that lead somewhere."""

    cast: Cast
    usd: ReceivingAccount
    ves: ReceivingAccount

    @property
    def merchant(self) -> Merchant:
        return self.cast.merchant

    @property
    def customer(self) -> Customer:
        return self.cast.a

    def content(self, *orders: Any, **kw: Any) -> Any:
        """A content by Alice that pays `orders`, into the account in dollars unless `account` says otherwise."""
        return make_content(kw.pop("account", self.usd), orders, **kw)

    def report(self, *orders: Any, **kw: Any) -> Ticket:
        """A report that Alice sent."""
        return make_report(self.cast.alice, self.content(*orders, **kw))

    def submit(self, content: Any, **kw: Any) -> tuple[Ticket, bool]:
        import uuid

        kw.setdefault("key", uuid.uuid4())
        kw.setdefault("by", self.cast.alice)
        return submit_report(merchant=self.merchant, customer=kw.pop("customer", self.customer), content=content, **kw)

    def ask(self, ticket: Ticket, *fields: str) -> Ticket:
        """Carol claims the ticket and asks for `fields`."""
        claim(ticket_id=ticket.pk, by=self.cast.carol)
        carol = self.cast.carol
        return ask_information(ticket_id=ticket.pk, question="¿Cuál es el dato correcto?", fields=list(fields), by=carol)

    def reason(self, code: str = "not_found") -> Reason:
        return Reason.objects.get(merchant=self.merchant, code=code)


@pytest.fixture
def scene(db: None) -> Scene:
    cast = make_cast(name="Hosting Andina", shipping_price=Decimal("5.00"))
    prepare_merchant(merchant=cast.merchant, by=cast.ada)
    cash = make_method(cast.merchant, "cash", position=9)
    ves = make_account(cast.merchant, methods=[cast.transfer, cast.deposit, cash], currency="VES")
    return Scene(cast, cast.account, ves)
