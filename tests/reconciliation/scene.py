"""One merchant, its people, orders, reports and statement lines, each in one call. Amounts are texts: `"36.50"`."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.actors import Actor
from banking.models import ReceivingAccount
from orders.dates import today_at
from orders.models import Order, OrderBalance
from orders.services import LineDraft, issue_order
from reconciliation import services
from reconciliation.models import CreditBalance, LineBalance, MatchRun, Proposal, ProposalPart, StatementLine
from reports.content import ReportContent, TransferContent
from reports.models import Transfer
from reports.services import submit_report
from tests.cast import Cast, make_cast
from tests.factories import make_account, make_rate
from tickets import services as tickets
from tickets.models import Reason, State, Ticket

_serial = itertools.count(1)


@dataclass(kw_only=True)
class Scene:
    """A cast with money. Everything is in dollars unless an account in another currency is used."""

    cast: Cast
    today: dt.date
    bolivars: ReceivingAccount | None = None
    references: dict[int, str] = field(default_factory=dict)

    def order(self, amount: str, *, due_in: int = 10, customer: Any = None, currency: str = "") -> Order:
        return issue_order(
            merchant=self.cast.merchant,
            customer=customer or self.cast.a,
            lines=[LineDraft(description="Hosting", unit_price=Decimal(amount))],
            description="Hosting",
            issued_on=self.today - dt.timedelta(days=20),
            due_on=self.today + dt.timedelta(days=due_in),
            currency=currency,
            by=self.cast.carol,
        )

    def transfer(
        self, amount: str, *, account: ReceivingAccount | None = None, reference: str = "", origin: int | None = None
    ) -> TransferContent:
        return TransferContent(
            method_id=(self.cast.transfer if origin else self.cast.deposit).pk,
            account_id=(account or self.cast.account).pk,
            amount=Decimal(amount),
            paid_on=self.today - dt.timedelta(days=1),
            reference_raw=reference or f"00{next(_serial):09d}",
            origin_bank_id=origin,
        )

    def report(
        self,
        *amounts: str,
        orders: Sequence[Order] = (),
        allocations: Mapping[Order, str] | None = None,
        account: ReceivingAccount | None = None,
        reference: str = "",
        origin: int | None = None,
        by: Actor | None = None,
        customer: Any = None,
        claimed_by: Actor | None = None,
        claim: bool = True,
    ) -> Ticket:
        """A report of one transfer per amount, taken into review by Carol (or `claimed_by`) unless `claim` is False."""
        content = ReportContent(
            transfers=tuple(self.transfer(amount, account=account, reference=reference, origin=origin) for amount in amounts),
            orders=tuple(order.pk for order in orders),
            allocations=None if allocations is None else {order.pk: Decimal(each) for order, each in allocations.items()},
        )
        by = by or self.cast.alice
        ticket, _created = submit_report(
            merchant=self.cast.merchant,
            customer=customer or (by.customer if by.customer else self.cast.a),
            key=uuid.uuid4(),
            content=content,
            channel="portal" if by.customer else "telephone",
            by=by,
        )
        return tickets.claim(ticket_id=ticket.pk, by=claimed_by or self.cast.carol) if claim else ticket

    def line(self, amount: str, *, account: ReceivingAccount | None = None, **kw: Any) -> StatementLine:
        """A line that Ada typed: who typed it does not decide with it alone."""
        kw.setdefault("reference", f"77{next(_serial):09d}")
        kw.setdefault("booked_on", self.today)
        kw.setdefault("reason", "Estado de cuenta por correo")
        kw.setdefault("is_another", True)
        return services.enter_line(
            merchant=self.cast.merchant,
            account_id=(account or self.cast.account).pk,
            amount=Decimal(amount),
            by=kw.pop("by", self.cast.ada),
            **kw,
        )

    def propose(
        self, *pairs: tuple[Transfer, StatementLine] | tuple[Transfer, StatementLine, str], run: MatchRun | None = None, **kw: Any
    ) -> Proposal:
        """A stored proposal as a run makes it: parts with the amount of the line, or the one given."""
        merchant, (first, line, *_amount) = self.cast.merchant, pairs[0]
        run = run or MatchRun.objects.create(
            merchant=merchant,
            account_id=line.account_id,
            rules_version="test",
            inputs_digest="0" * 64,
            results_digest="0" * 64,
        )
        kw.setdefault(
            "kind", "one" if len(pairs) == 1 else "many_lines" if len({p[0].pk for p in pairs}) == 1 else "many_transfers"
        )
        kw.setdefault("is_automatic", True)
        made = Proposal.objects.create(
            merchant=merchant,
            run=run,
            account_id=line.account_id,
            customer=first.report.customer,
            score=30.0,
            margin_transfer=20.0,
            margin_line=20.0,
            facts=[
                [{"kind": "date", "level": "same_day", "mark": "agrees", "weight": 2.1, "data": {"count": 0}}] for _p in pairs
            ],
            **kw,
        )
        for transfer, deposit, *amount in pairs:
            ProposalPart.objects.create(
                merchant=merchant,
                proposal=made,
                transfer=transfer,
                line=deposit,
                amount=Decimal(amount[0]) if amount else deposit.amount,
            )
        return made

    def verify(self, ticket: Ticket, *lines: StatementLine, by: Actor | None = None, **kw: Any) -> services.Outcome:
        """Match the current transfers with `lines`, one each, and decide."""
        choices = [
            services.MatchChoice(transfer_id=transfer.pk, line_id=line.pk)
            for transfer, line in zip(self.transfers(ticket), lines, strict=False)
        ]
        return services.verify_report(ticket_id=ticket.pk, choices=choices, by=by or self.cast.carol, **kw)

    def paid(self, amount: str, order: Order, **kw: Any) -> tuple[Ticket, StatementLine]:
        """A report for an order with a deposit of `amount`, verified."""
        ticket, line = self.report(amount, orders=[order], **kw), self.line(amount)
        assert self.verify(ticket, line).kind == "verified"
        return ticket, line

    def reverse(self, ticket: Ticket, *, by: Actor | None = None, **kw: Any) -> services.Outcome:
        return services.reverse_settlement(
            ticket_id=ticket.pk,
            reason_id=self.reason("returned_by_bank"),
            note="El banco la devolvió",
            by=by or self.cast.dan,
            **kw,
        )

    def reason(self, code: str) -> int:
        return Reason.objects.get(merchant=self.cast.merchant, code=code).pk

    def transfers(self, ticket: Ticket) -> list[Transfer]:
        current = Transfer.objects.filter(report__ticket=ticket, until_revision__isnull=True)
        return list(current.order_by("position"))

    def paid_of(self, order: Order) -> Decimal:
        return OrderBalance.objects.get(pk=order.pk).paid

    def credit(self, customer: Any = None, currency: str = "USD") -> Decimal:
        row = CreditBalance.objects.filter(customer=customer or self.cast.a, currency=currency).first()
        return row.balance if row else Decimal(0)

    def balance(self, line: StatementLine) -> LineBalance:
        return LineBalance.objects.get(pk=line.pk)

    def state(self, ticket: Ticket) -> str:
        return str(Ticket.objects.values_list("state", flat=True).get(pk=ticket.pk))


def make_scene(*, rate: str = "", **merchant_fields: Any) -> Scene:
    """With `rate` there is an account in bolívares, and that many are a dollar."""
    cast = make_cast(**merchant_fields)
    tickets.prepare_merchant(merchant=cast.merchant, by=cast.ada)
    today = today_at(cast.merchant)
    bolivars = None
    if rate:
        make_rate(cast.merchant, rate=rate, date=today - dt.timedelta(days=1))
        bolivars = make_account(cast.merchant, currency="VES", methods=[cast.transfer, cast.deposit])
    return Scene(cast=cast, today=today, bolivars=bolivars)


VERIFIED, IN_REVIEW = State.VERIFIED, State.IN_REVIEW
