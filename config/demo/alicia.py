"""The customer whom the launcher names first: six orders and four tickets, enough to show every page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import time_machine

from accounts.actors import Actor
from config.demo import companies, neighbours
from config.demo.plan import Payment, amount_for, month_name, new_reference
from config.demo.stage import Stage
from orders.models import Order, OrderLine
from orders.services import LineDraft, issue_order

# number's tail, what, price before tax, days since issue, days until due
ANDINA_ORDERS = [
    ("4401", "Servidor virtual VPS 2", "34.48", 20, 2),
    ("4455", "Buzones de correo (10)", "8.62", 15, 5),
    ("4488", "Certificado SSL Wildcard, 1 año", "21.55", 12, 6),
    ("4512", "Hosting Empresarial", "17.24", 21, -6),
    ("4587", "Dominio inversionesperez.example, 1 año", "10.34", 8, 3),
]
LITORAL_ORDERS = [
    ("4401", "Fibra Empresa 500 Mbps", "62.00", 20, 2),
    ("4455", "IP fija", "7.00", 15, 5),
    ("4488", "Línea telefónica", "9.50", 12, 6),
    ("4512", "Fibra Hogar 200 Mbps", "24.00", 21, -6),
    ("4587", "Central virtual", "38.00", 8, 3),
]
FIRST_ORDERS = {"andina": ANDINA_ORDERS, "litoral": LITORAL_ORDERS, **neighbours.FIRST_ORDERS}


def issue_first_orders(stage: Stage) -> dict[str, Order]:
    """The first customer's orders by the tail of their numbers, `4603` being the shipping of the paper invoice."""
    tax_name, tax_rate = companies.TAX[stage.merchant.slug]
    rows = FIRST_ORDERS[stage.merchant.slug]
    made = {}
    for tail, what, price, age, due in rows:
        day = stage.today - dt.timedelta(days=age)
        text = what if "año" in what else f"{what}, {month_name(day)}"
        line = LineDraft(description=text, unit_price=Decimal(price), tax_name=tax_name, tax_rate=tax_rate)
        made[tail] = _issue(stage, tail, text, line, day, stage.today + dt.timedelta(days=due))
    shipping = LineDraft(
        description="Envío de factura en físico",
        unit_price=stage.merchant.shipping_price,
        tax_name=tax_name,
        tax_rate=tax_rate,
        kind=OrderLine.Kind.SHIPPING,
    )
    day = stage.today - dt.timedelta(days=4)
    made["4603"] = _issue(stage, "4603", shipping.description, shipping, day, stage.today + dt.timedelta(days=6))
    return made


def _issue(stage: Stage, tail: str, text: str, line: LineDraft, day: dt.date, due: dt.date) -> Order:
    with time_machine.travel(stage.at(day, 7, 45), tick=False):
        return issue_order(
            merchant=stage.merchant,
            customer=stage.customers[0],
            lines=[line],
            description=text,
            issued_on=day,
            due_on=due,
            number=f"{stage.today.year}-00{tail}",
            by=Actor.system(stage.merchant),
        )


def plan_first_payments(stage: Stage, orders: dict[str, Order]) -> list[Payment]:
    """A partial payment that was verified, one in review, one that lacks a datum."""
    customer, account = stage.customers[0], stage.accounts[0]
    part = stage.workday(7)
    partial = amount_for(stage, [orders["4401"]], account, part) * Decimal("0.68")
    specs = [
        (["4401"], part, stage.at(part, 10, 5), partial.quantize(Decimal("0.01")), "verified"),
        (["4455"], stage.workday(2), stage.at(stage.workday(2), 11, 3), None, "needs_information"),
        (["4488"], stage.today, stage.at(stage.today, 10, 36), None, "in_review"),
    ]
    return [
        Payment(
            customer=customer, orders=[orders[tail] for tail in tails], method="transfer", account=account, paid_on=day,
            sent_at=sent, amount=amount or amount_for(stage, [orders[tail] for tail in tails], account, day),
            reference="557" if outcome == "needs_information" else new_reference(stage),
            origin_bank=companies.ORIGIN_BANKS[stage.merchant.slug][0], outcome=outcome,
            has_deposit=outcome != "needs_information", with_receipt=True,
        )
        for tails, day, sent, amount, outcome in specs
    ]  # fmt: skip
