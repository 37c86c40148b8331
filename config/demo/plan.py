"""What happens in the demo, before it happens: orders to issue, payments to report, deposits in the bank."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import Customer
from banking.models import ReceivingAccount
from banking.money import convert, quantize
from config.demo import companies, neighbours
from config.demo.stage import Stage
from orders.models import Order
from reports.shipping import shipping_cost
from reports.surcharge import with_surcharge

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
    wants_paper: bool = False
    note: str = ""
    ticket: str = field(default="")

    @property
    def deposit(self) -> Decimal:
        """What the bank booked; differs from `amount` where the customer typed it wrong or a fee was taken."""
        return self.deposit_amount or self.amount


# The newest reports, oldest first, beside the many verified ones of earlier months: what becomes of each, and how many workdays
# ago it was sent. Open ones are young, or the clock would have moved them on by itself.
RECENT = [
    *[(outcome, 9) for outcome in ("rejected", "reversed", "withdrawn", "verified")],
    *[(outcome, 6) for outcome in ("rejected", "verified", "reversed", "withdrawn", "rejected")],
    *[(outcome, 3) for outcome in ("waiting_for_bank", "verified", "waiting_for_bank", "waiting_for_bank")],
    *[(outcome, 1) for outcome in ("needs_information", "awaiting_approval", "in_review", "needs_information")],
    *[(outcome, 1) for outcome in ("awaiting_approval", "in_review", "submitted", "submitted", "submitted")],
    *[("submitted", 0)] * 12,
    *[("in_review", 0)] * 3,
]

# How many reports of a house ask for the fiscal invoice on paper.
PAPER_INVOICES = 6


def month_name(day: dt.date) -> str:
    """`noviembre`: how order lines are dated in the demo."""
    return MONTHS_ES[day.month - 1]


def choose_payment_way(stage: Stage, big: bool = False) -> tuple[str, ReceivingAccount]:
    """A method and an account that takes it; Zelle is rarer, the cash desk is left to people."""
    accounts = [each for each in stage.accounts if each.kind != ReceivingAccount.Kind.CASH]
    weights = [4, 3, 2, 1, 2] if stage.merchant.slug == "andina" else [4, 3, 2]
    account = stage.rng.choices(accounts, weights[: len(accounts)])[0]
    row = next(each for each in companies.ACCOUNTS[stage.merchant.slug] if each["number"] == account.number)
    method = row["methods"][0] if big else stage.rng.choice(row["methods"])
    return method, account


def amount_for(
    stage: Stage, orders: list[Order], account: ReceivingAccount, day: dt.date, *, more: Decimal = Decimal(0)
) -> Decimal:
    """What the orders, and `more`, cost in the account's currency on `day`, with the surcharge of its method."""
    total = sum((order.total for order in orders), more)
    if account.currency == stage.merchant.currency:
        row = next(each for each in companies.ACCOUNTS[stage.merchant.slug] if each["number"] == account.number)
        per_cent = stage.methods[row["methods"][0]].surcharge_per_cent
        return with_surcharge(quantize(total, account.currency), per_cent, account.currency)
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
    unpaid = max(min(12, len(batches) // 4), len(batches) // 8)
    batches = batches[: len(batches) - unpaid]
    # A small house has a few of every fate.
    recent = RECENT if len(batches) > 2 * len(RECENT) else RECENT[:: len(RECENT) // 12]
    fates: list[tuple[str, int | None]] = [*[("verified", None)] * (len(batches) - len(recent)), *recent]
    for (issued, batch), (outcome, age) in zip(batches, fates, strict=True):
        payments.append(_payment(stage, batch, outcome, issued, age))
    _want_paper(stage, payments)
    return sorted(payments, key=lambda payment: payment.sent_at)


def _want_paper(stage: Stage, payments: list[Payment]) -> None:
    """The last that were verified in full ask for the fiscal invoice on paper, and pay its mailing too."""
    cost = shipping_cost(stage.merchant)
    if cost is None:
        return
    for payment in payments[::-1]:
        is_exact = payment.amount == amount_for(stage, payment.orders, payment.account, payment.paid_on)
        if payment.outcome == "verified" and is_exact and sum(each.wants_paper for each in payments) < PAPER_INVOICES:
            payment.wants_paper = True
            payment.amount = amount_for(stage, payment.orders, payment.account, payment.paid_on, more=cost)


def _payment(stage: Stage, batch: list[Order], outcome: str, issued: dt.date, age: int | None) -> Payment:
    """`age` in workdays for a recent report; without it the payment followed the order by some days."""
    rng = stage.rng
    if age is None:
        day = max(min(issued + dt.timedelta(days=rng.randint(2, 14)), stage.workday(12)), issued)
        sent = stage.at(day, rng.randint(8, 18), rng.randint(0, 59))
    else:
        day = stage.workday(age) if age else stage.today
        sent = stage.at(day, 8, 0) + dt.timedelta(minutes=rng.randint(0, 300))
    method, account = choose_payment_way(stage)
    day = max(day, max(order.issued_on for order in batch))
    amount = amount_for(stage, batch, account, day)
    payment = Payment(
        customer=batch[0].customer, orders=batch, method=method, account=account, paid_on=day, sent_at=sent, amount=amount,
        reference=new_reference(stage), origin_bank=rng.choice(companies.ORIGIN_BANKS[stage.merchant.slug]), outcome=outcome,
        with_receipt=age is not None and rng.random() < 0.7,
    )  # fmt: skip
    if outcome == "verified" and rng.random() < 0.12:  # paid a little more, or only a part
        payment.amount = quantize(amount * Decimal(rng.choice(("1.05", "0.6", "1.2"))), account.currency)
    if outcome in {"waiting_for_bank", "rejected", "withdrawn", "needs_information"} or (
        outcome == "submitted" and rng.random() < 0.3
    ):
        payment.has_deposit = False
    if outcome == "awaiting_approval":
        change = Decimal(rng.choice((1, 2, 5)) * neighbours.CHANGE.get(account.currency, 1))
        payment.deposit_amount = quantize(payment.amount - change, account.currency)
    return payment
