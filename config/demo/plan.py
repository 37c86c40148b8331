"""What happens in the demo, before it happens: orders to issue, payments to report, deposits in the bank."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import Customer
from banking.models import ReceivingAccount
from banking.money import convert, quantize
from config.demo import companies
from config.demo.stage import Stage
from orders.models import Order

MONTHS_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


@dataclass
class Payment:
    """One report to come: who pays which orders how, what becomes of the ticket, and what the bank shows."""

    customer: Customer
    orders: list[Order]
    method: str
    account: ReceivingAccount
    paid_on: dt.date
    sent_at: dt.datetime
    amount: Decimal
    reference: str
    origin_bank: str
    outcome: str
    has_deposit: bool = True
    deposit_amount: Decimal | None = None
    with_receipt: bool = False
    note: str = ""
    ticket: str = field(default="")

    @property
    def deposit(self) -> Decimal:
        """What the bank booked; differs from `amount` where the customer typed it wrong or a fee was taken."""
        return self.deposit_amount or self.amount


# The outcomes of recent reports, oldest first, beside the many verified ones of earlier months.
RECENT = (
    ["rejected", "reversed", "withdrawn", "rejected", "verified", "reversed", "rejected", "withdrawn", "verified"]
    + ["needs_information", "waiting_for_bank", "awaiting_approval", "in_review", "waiting_for_bank", "needs_information"]
    + ["in_review", "in_review", "awaiting_approval", "waiting_for_bank", "in_review"]
    + ["submitted"] * 14
)


def month_name(day: dt.date) -> str:
    """`noviembre`: how order lines are dated in the demo."""
    return MONTHS_ES[day.month - 1]


def choose_payment_way(stage: Stage, big: bool = False) -> tuple[str, ReceivingAccount]:
    """A method and an account that takes it; Zelle is rarer, the cash desk is left to people."""
    accounts = [each for each in stage.accounts if each.kind != ReceivingAccount.Kind.CASH]
    weights = [4, 3, 2, 1] if stage.merchant.slug == "andina" else [4, 3, 2]
    account = stage.rng.choices(accounts, weights[: len(accounts)])[0]
    row = next(each for each in companies.ACCOUNTS[stage.merchant.slug] if each["number"] == account.number)
    method = row["methods"][0] if big else stage.rng.choice(row["methods"])
    return method, account


def amount_for(stage: Stage, orders: list[Order], account: ReceivingAccount, day: dt.date) -> Decimal:
    """What the orders cost in the account's currency on `day`."""
    total = sum((order.total for order in orders), Decimal(0))
    if account.currency == stage.merchant.currency:
        return quantize(total, account.currency)
    return convert(total, stage.rate(day), account.currency)


def new_reference(stage: Stage) -> str:
    """An eleven-digit number, zero-padded as banks do."""
    return f"{stage.rng.randrange(10**7, 10**11):011d}"


def plan_payments(stage: Stage, orders: list[Order]) -> list[Payment]:
    """Old orders were paid in ones to threes and verified; the newest fifth meets every fate; some nobody has paid yet."""
    rng, payments = stage.rng, []
    by_customer: dict[int, list[Order]] = {}
    for order in orders:
        by_customer.setdefault(order.customer_id, []).append(order)
    batches: list[tuple[dt.date, list[Order]]] = []
    for own in by_customer.values():
        own = sorted(own, key=lambda order: order.due_on)
        while own:
            size = rng.choice((1, 1, 2, 3))
            batch, own = own[:size], own[size:]
            batches.append((max(order.issued_on for order in batch), batch))
    batches.sort(key=lambda pair: (pair[0], pair[1][0].pk))
    unpaid = max(12, len(batches) // 8)
    batches = batches[: len(batches) - unpaid]
    outcomes = ["verified"] * max(0, len(batches) - len(RECENT)) + list(RECENT)
    outcomes = outcomes[-len(batches) :]
    for number, ((issued, batch), outcome) in enumerate(zip(batches, outcomes, strict=True)):
        payments.append(_payment(stage, batch, outcome, issued, number, len(batches)))
    return sorted(payments, key=lambda payment: payment.sent_at)


def _payment(stage: Stage, batch: list[Order], outcome: str, issued: dt.date, number: int, count: int) -> Payment:
    rng = stage.rng
    recent = number - (count - len(RECENT))
    if recent < 0:
        day = min(issued + dt.timedelta(days=rng.randint(2, 14)), stage.workday(8))
        day = max(day, issued)
        sent = stage.at(day, rng.randint(8, 18), rng.randint(0, 59))
    else:
        back = 9 - recent // 4 if recent < 20 else (1 if recent < 26 else 0)
        day = stage.workday(max(back, 0)) if recent < 20 else stage.today - dt.timedelta(days=back)
        sent = stage.at(day, 8, 0) + dt.timedelta(minutes=rng.randint(0, 300))
    method, account = choose_payment_way(stage)
    day = max(day, max(order.issued_on for order in batch))
    amount = amount_for(stage, batch, account, day)
    payment = Payment(
        customer=batch[0].customer, orders=batch, method=method, account=account, paid_on=day, sent_at=sent, amount=amount,
        reference=new_reference(stage), origin_bank=rng.choice(companies.ORIGIN_BANKS[stage.merchant.slug]), outcome=outcome,
        with_receipt=recent >= 0 or number % 9 == 0,
    )  # fmt: skip
    if outcome == "verified" and rng.random() < 0.12:  # paid a little more, or only a part
        payment.amount = quantize(amount * Decimal(rng.choice(("1.05", "0.6", "1.2"))), account.currency)
    if outcome in {"waiting_for_bank", "rejected", "withdrawn", "needs_information"} or (
        outcome == "submitted" and rng.random() < 0.3
    ):
        payment.has_deposit = False
    if outcome == "awaiting_approval":
        payment.deposit_amount = quantize(payment.amount - Decimal(rng.choice((1, 2, 5))), account.currency)
    return payment
