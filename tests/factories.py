"""Small makers of rows for tests: `make_x(**what_matters)`. What is left out is made up and harmless."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.actors import Actor
from accounts.models import Contact, Customer, Merchant, Role, StaffRole, User
from banking.models import AccountMethod, Bank, ExchangeRate, PaymentMethod, ReceivingAccount, WithholdingKind
from orders.dates import today_at
from orders.models import Order, OrderLine
from orders.services import LineDraft, issue_order, note_payment
from reports.content import ReportContent, TransferContent
from reports.services import submit_report
from tests.triggers import triggers_asleep
from tickets.models import Ticket

_serial = itertools.count(1)
COUNTRIES = {"VE": "America/Caracas", "EC": "America/Guayaquil", "CO": "America/Bogota", "MX": "America/Mexico_City"}


def make_merchant(**kw: Any) -> Merchant:
    """A merchant in Venezuela that bills in dollars, unless said otherwise. It has no methods: `make_method`."""
    serial = next(_serial)
    country = kw.setdefault("country", "VE")
    kw.setdefault("slug", f"merchant-{serial}")
    kw.setdefault("name", f"Merchant {serial}")
    kw.setdefault("time_zone", COUNTRIES.get(country, "UTC"))
    kw.setdefault("currency", "USD")
    kw.setdefault("ticket_prefix", f"T{serial % 1000}")
    kw.setdefault("mails_bills", False)
    return Merchant.objects.create(**kw)


def make_user(**kw: Any) -> User:
    """A person with a proven e-mail address and the password `correct horse` (`password=None`: none)."""
    serial = next(_serial)
    email = kw.pop("email", f"person{serial}@example.com")
    password = kw.pop("password", "correct horse")
    is_verified = kw.pop("is_verified", True)
    kw.setdefault("name", f"Person {serial}")
    user = User.objects.create_user(email, password, **kw)
    user.emailaddress_set.create(email=user.email, primary=True, verified=is_verified)
    return user


def make_customer(merchant: Merchant | None = None, **kw: Any) -> Customer:
    serial = next(_serial)
    kw.setdefault("number", f"K{serial}")
    kw.setdefault("name", f"Panadería {serial}")
    kw.setdefault("email", f"customer{serial}@example.com")
    return Customer.objects.create(merchant=merchant or make_merchant(), **kw)


def make_contact(customer: Customer | None = None, user: User | None = None, **permissions: Any) -> Contact:
    customer = customer or make_customer()
    return Contact.objects.create(merchant=customer.merchant, customer=customer, user=user or make_user(), **permissions)


def customer_actor(customer: Customer | None = None, user: User | None = None, **permissions: Any) -> Actor:
    """Somebody who acts for a customer; `permissions` are the contact's flags."""
    contact = make_contact(customer, user, **permissions)
    return Actor(merchant=contact.merchant, user=contact.user, contact=contact)


def staff_actor(merchant: Merchant | None = None, role: Role = Role.ACCOUNTANT, user: User | None = None) -> Actor:
    """A member of the merchant's staff."""
    merchant, user = merchant or make_merchant(), user or make_user()
    StaffRole.objects.create(merchant=merchant, user=user, role=role)
    return Actor(merchant=merchant, user=user, role=role)


make_staff = staff_actor


def make_bank(**kw: Any) -> Bank:
    """A bank of the data (`country="VE", code="0134"`), or a new one."""
    kw.setdefault("country", "VE")
    kw.setdefault("code", f"9{next(_serial):03d}")
    known = Bank.objects.filter(country=kw["country"], code=kw["code"]).first()
    if known:
        return known
    kw.setdefault("name", f"Bank {kw['code']}")
    kw.setdefault("short_name", kw["name"])
    return Bank.objects.create(**kw)


def make_method(merchant: Merchant, key: str = "transfer", **kw: Any) -> PaymentMethod:
    """A way of paying; a transfer asks origin bank and reference."""
    known = PaymentMethod.objects.filter(merchant=merchant, key=key).first()
    if known:
        return known
    asked = {"transfer": ["origin_bank", "reference"], "deposit": ["reference"], "cash": []}.get(key, ["reference"])
    kw.setdefault("asks", asked)
    kw.setdefault("requires", asked)
    kw.setdefault("name_es", {"transfer": "Transferencia", "deposit": "Depósito"}.get(key, key.title()))
    kw.setdefault("name_en", key.title())
    return PaymentMethod.objects.create(merchant=merchant, key=key, **kw)


def make_account(merchant: Merchant, *, methods: Iterable[PaymentMethod] | None = None, **kw: Any) -> ReceivingAccount:
    """A receiving account in the merchant's currency that takes `methods` (a transfer unless said otherwise)."""
    serial = next(_serial)
    kw.setdefault("bank", make_bank(country=merchant.country))
    kw.setdefault("number", f"{serial:020d}")
    kw.setdefault("holder", merchant.name)
    kw.setdefault("currency", merchant.currency)
    account = ReceivingAccount.objects.create(merchant=merchant, **kw)
    for method in [make_method(merchant)] if methods is None else methods:
        AccountMethod.objects.create(merchant=merchant, account=account, method=method)
    return account


def make_rate(merchant: Merchant, **kw: Any) -> ExchangeRate:
    """1 USD = 36.50 VES on 2026-11-20, unless said otherwise."""
    kw.setdefault("base", "USD")
    kw.setdefault("quote", "VES")
    kw.setdefault("date", dt.date(2026, 11, 20))
    kw.setdefault("source", "BCV")
    kw["rate"] = Decimal(kw.get("rate", "36.50"))
    return ExchangeRate.objects.create(merchant=merchant, **kw)


# --- Orders and reports ----------------------------------------------------------------------


def make_order(customer: Customer | None = None, total: str = "10.00", **kw: Any) -> Order:
    """An unpaid order of one line, issued ten days ago and due in five (`due_in=-3`: three days late); `paid="4.00"` of it is.

    `kind="shipping"` makes its line the right to have a paper invoice mailed.
    """
    customer = customer or make_customer()
    merchant, today = customer.merchant, today_at(customer.merchant)
    paid, kind = kw.pop("paid", None), kw.pop("kind", OrderLine.Kind.SERVICE)
    kw.setdefault("issued_on", today - dt.timedelta(days=10))
    kw.setdefault("due_on", today + dt.timedelta(days=kw.pop("due_in", 5)))
    kw.setdefault("description", "Hosting Empresarial, noviembre")
    kw.setdefault("lines", [LineDraft(description=kw["description"], unit_price=Decimal(total), kind=kind)])
    order = issue_order(merchant=merchant, customer=customer, by=Actor.system(merchant), **kw)
    return mark_paid(order, paid) if paid else order


def mark_paid(order: Order, amount: str | None = None) -> Order:
    """Say that an order is paid, without the money behind it: for rooms below the ledger. Whole unless `amount` says how much."""
    paid = order.total if amount is None else Decimal(amount)
    with triggers_asleep("orders_orderbalance"), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderbalance SET paid = %s WHERE order_id = %s", [paid, order.pk])
    note_payment(order_ids=[order.pk], paid_on=today_at(order.merchant), by=Actor.system(order.merchant))
    return Order.objects.with_balance().get(pk=order.pk)


def make_transfer_content(account: ReceivingAccount, amount: str = "10.00", **kw: Any) -> TransferContent:
    """A bank transfer into `account` yesterday, with a reference of its own."""
    merchant = account.merchant
    kw.setdefault("method_id", make_method(merchant).pk)
    kw.setdefault("paid_on", today_at(merchant) - dt.timedelta(days=1))
    kw.setdefault("reference_raw", f"00{next(_serial):06d}7244")
    if "origin_bank_id" not in kw and "origin_bank_name" not in kw:
        kw["origin_bank_id"] = make_bank(country=merchant.country).pk
    return TransferContent(account_id=account.pk, amount=Decimal(amount), **kw)


def make_content(account: ReceivingAccount, orders: Iterable[Order] = (), amount: str | None = None, **kw: Any) -> ReportContent:
    """One transfer that pays `orders` exactly, unless `amount` says otherwise; `transfer={...}` changes what it says."""
    orders = list(orders)
    total = sum((order.amount_due for order in orders), Decimal(0))
    said = kw.pop("transfer", {})
    kw.setdefault("transfers", (make_transfer_content(account, amount or str(total or Decimal("10.00")), **said),))
    return ReportContent(orders=tuple(order.pk for order in orders), **kw)


def make_report(by: Actor, content: ReportContent, **kw: Any) -> Ticket:
    """A report that `by` sent; its ticket."""
    customer = kw.pop("customer", by.customer)
    kw.setdefault("key", uuid.uuid4())
    ticket, _made = submit_report(merchant=by.merchant, customer=customer, content=content, by=by, **kw)
    return ticket


def make_withholding_kind(merchant: Merchant, key: str = "iva", **kw: Any) -> WithholdingKind:
    """A tax of which the merchant takes withholding vouchers."""
    kw.setdefault("name_es", f"Retención de {key.upper()}")
    kw.setdefault("name_en", f"{key.upper()} withholding")
    return WithholdingKind.objects.get_or_create(merchant=merchant, key=key, defaults=kw)[0]
