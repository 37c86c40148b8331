"""The facts of each kind of paper: frozen dataclasses that the rooms above fill, amounts as numbers and days as days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from documents.paper import Brand

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who owes or pays, as it stood on the day of the paper."""

    name: str
    tax_id: str = ""
    address: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One line of a bill. `tax_rate` is a fraction."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    subtotal: Decimal
    tax_name: str = ""
    tax_rate: Decimal = ZERO
    tax: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Received:
    """A payment: when, how (a method, credit, a voucher), what was paid and what it counted for."""

    on: dt.date
    how: str
    reference: str
    paid: Decimal
    paid_currency: str
    amount: Decimal
    is_reversed: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """An account to pay to: its title and rows (label, value)."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A service order, pre-invoice or invoice that is (or was) to be paid. `kind` is its name, `state` one of an order's."""

    brand: Brand
    kind: str
    number: str
    description: str
    state: str
    buyer: Party
    issued_on: dt.date
    due_on: dt.date
    paid_on: dt.date | None
    currency: str
    charges: tuple[Charge, ...]
    subtotal: Decimal
    total: Decimal
    due: Decimal
    fiscal_number: str = ""
    received: tuple[Received, ...] = ()
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FiscalPaper:
    """A fiscal invoice, or (with `cancels`) the credit note that takes one back."""

    brand: Brand
    number: str
    dated_on: dt.date
    order_number: str
    description: str
    buyer: Party
    currency: str
    charges: tuple[Charge, ...]
    subtotal: Decimal
    total: Decimal
    was_paid: bool = False  # when its number was drawn; what came later does not change the paper
    cancels: str = ""
    cancels_on: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What an order got of a payment, and what it still owes."""

    number: str
    description: str
    amount: Decimal
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class ReceiptPaper:
    """That a reported payment was found in the bank and what it paid."""

    brand: Brand
    ticket: str
    verified_on: dt.date
    payer: Party
    currency: str
    received: tuple[Received, ...]
    applied: tuple[Applied, ...]
    credit: Decimal = ZERO
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A row of a statement of account; `balance` is what is owed after it."""

    on: dt.date | None
    text: str
    small: str
    charge: Decimal
    paid: Decimal
    balance: Decimal


@dataclass(frozen=True, kw_only=True)
class CurrencyPart:
    """One currency of a statement of account."""

    currency: str
    opening: Decimal
    closing: Decimal
    charged: Decimal
    paid: Decimal
    rows: tuple[Movement, ...]


@dataclass(frozen=True, kw_only=True)
class AccountPaper:
    """What was charged and paid between two days."""

    brand: Brand
    customer: Party
    since: dt.date
    until: dt.date
    parts: tuple[CurrencyPart, ...] = field(default=())
