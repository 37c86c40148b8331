"""The demo happens: orders are issued, deposits arrive, reports are sent and decided, each in its moment, by real services."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import uuid
from decimal import Decimal
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from accounts.actors import Actor
from banking.models import Bank, ReceivingAccount
from banking.money import quantize
from banking.references import normalize_reference
from config.demo import companies, neighbours
from config.demo.bank_files import Movement, file_of, name_of
from config.demo.plan import Payment, month_name, new_reference
from config.demo.receipts import draw_receipt
from config.demo.stage import Stage
from files.models import StoredFile
from files.services import receive_file
from orders.models import Order
from orders.services import LineDraft, issue_order, void_order
from reconciliation.models import StatementLine, StatementProfile
from reconciliation.services import (
    MatchChoice,
    import_statement,
    reject_report,
    reverse_settlement,
    save_profile,
    sign_approval,
    verify_report,
    withdraw_report,
)
from reconciliation.statements.layouts import LAYOUTS
from reports.content import ReportContent, ShippingContent, TransferContent
from reports.services import submit_report
from tickets.models import Reason, Ticket
from tickets.services import ask_information, claim, wait_for_bank

QUESTION = "En el comprobante no se lee el número de operación, y no hallamos un depósito de este monto. ¿Puede confirmarlos?"
ORDERS_PER_MERCHANT = 200
STRANGERS_PER_ACCOUNT = 6
FIRST_BALANCE = Decimal("48250.75")
# How many days ago the files began that came in; the one to drop in begins some days before it brings anything new.
IMPORTED = (400, 60, 30)
OVERLAP_DAYS = 3


def issue_orders(stage: Stage, count: int) -> list[Order]:
    """`count` orders over six months: monthly services, a few void."""
    services, (tax_name, tax_rate) = companies.SERVICES[stage.merchant.slug], companies.TAX[stage.merchant.slug]
    clerk, made = Actor.system(stage.merchant), []
    for number in range(count):
        months_back = 5 - number * 6 // count
        day = stage.workday(months_back * 30 + stage.rng.randint(3, 27))
        customer = stage.customers[1 + number % (len(stage.customers) - 1)]
        name, price = services[(number * 7 + number // 25) % len(services)]
        with time_machine.travel(stage.at(day, 7, 30), tick=False):
            order = issue_order(
                merchant=stage.merchant,
                customer=customer,
                lines=[
                    LineDraft(description=f"{name}, {month_name(day)}", unit_price=price, tax_name=tax_name, tax_rate=tax_rate)
                ],
                description=f"{name}, {month_name(day)}",
                issued_on=day,
                due_on=day + dt.timedelta(days=15),
                number=f"{day.year}-{4000 + number:06d}",
                by=clerk,
            )
        made.append(order)
    voided = stage.rng.sample(made[count // 2 :], 8)
    for order in voided:
        with time_machine.travel(stage.at(max(order.issued_on, stage.workday(9)), 15, 0), tick=False):
            void_order(order_id=order.pk, reason="Emitida por error", by=clerk)
    gone = {order.pk for order in voided}
    return [order for order in made if order.pk not in gone]


def bring_statements(stage: Stage, payments: list[Payment]) -> None:
    """What the banks had booked until yesterday comes in; the file of the last days waits for somebody who drops it in.

    Each account's rows chain in one running balance, so that a file that overlaps an earlier one brings what is new alone.
    """
    by_account: dict[int, list[Movement]] = {}
    for payment in payments:
        if payment.has_deposit:
            by_account.setdefault(payment.account.pk, []).append(_movement_of(payment))
    clerk = next(actor for actor in stage.staff.values() if actor.can_decide)
    for account in stage.accounts:
        if account.kind == ReceivingAccount.Kind.CASH:
            continue
        rows = _chained([*by_account.get(account.pk, []), *_movements_of_strangers(stage, account)])
        profile = _profile_of(stage, account)
        for first, last in itertools.pairwise((*(stage.today - dt.timedelta(days=days) for days in IMPORTED), stage.today)):
            part = [row for row in rows if first <= row.day < last]
            if part:
                with time_machine.travel(stage.at(last - dt.timedelta(days=1), 23, 0), tick=False):
                    import_statement(
                        merchant=stage.merchant, account_id=account.pk, file_name=name_of(account, last - dt.timedelta(days=1)),
                        content=file_of(account).content(account, part), profile=profile, is_trusted=True, by=clerk,
                    )  # fmt: skip
        newest = [row for row in rows if row.day >= stage.today - dt.timedelta(days=OVERLAP_DAYS)]
        if newest:
            _hand_out(stage, account, newest)


def _profile_of(stage: Stage, account: ReceivingAccount) -> StatementProfile | None:
    """An administrator once said how this bank writes."""
    key = file_of(account).layout
    if not key:
        return None
    clerk = next(actor for actor in stage.staff.values() if actor.can_decide)
    return save_profile(account_id=account.pk, settings=LAYOUTS[key].profile.to_json(), layout_key=key, by=clerk)


def _hand_out(stage: Stage, account: ReceivingAccount, rows: list[Movement]) -> None:
    """Put a file where the demo's page of bank files finds it."""
    folder = Path(settings.DEMO_FILES_DIR) / stage.merchant.slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name_of(account, stage.today)).write_bytes(file_of(account).content(account, rows))


def _chained(rows: list[Movement]) -> list[Movement]:
    """In the order of days, each with the balance after it."""
    balance, chained = FIRST_BALANCE, []
    for row in sorted(rows, key=lambda row: row.day):
        balance += row.amount
        chained.append(dataclasses.replace(row, balance=balance))
    return chained


def _upper(name: str) -> str:
    return name.upper().replace(",", "").replace(".", "")[:30]


def _movement_of(payment: Payment) -> Movement:
    return Movement(
        day=payment.paid_on, amount=payment.deposit, reference=payment.reference, payer=_upper(payment.customer.name),
        origin_bank=payment.origin_bank,
    )  # fmt: skip


def _movements_of_strangers(stage: Stage, account: ReceivingAccount) -> list[Movement]:
    """Money of nobody we know, and the bank's fees; some of it today."""
    rows = []
    for number in range(STRANGERS_PER_ACCOUNT):
        day = stage.workday(stage.rng.randint(1, 40)) if number > 1 else stage.today
        worth = neighbours.CHANGE.get(account.currency, 1)
        amount = quantize(Decimal(stage.rng.randint(500, 90000)) * worth / 100, account.currency)
        rows.append(Movement(day=day, amount=amount, reference=new_reference(stage)))
        if number % 3 == 0:
            rows.append(Movement(day=day, amount=Decimal("-1.25") * worth, reference=f"{stage.rng.randrange(10**6):06d}"))
    return rows


def play(stage: Stage, payment: Payment) -> None:
    """Send one report and bring its ticket to where the plan wants it."""
    ticket = send(stage, payment)
    payment.ticket = ticket.number
    act = {
        "submitted": None,
        "verified": _verify,
        "awaiting_approval": _verify,
        "in_review": _claim_only,
        "waiting_for_bank": _wait,
        "needs_information": _ask,
        "rejected": _reject,
        "withdrawn": _withdraw,
        "reversed": _reverse,
    }[payment.outcome]
    if act is not None:
        act(stage, payment, ticket)


def send(stage: Stage, payment: Payment) -> Ticket:
    """The customer reports the payment through the portal's service."""
    actor = stage.contacts[payment.customer.pk]
    with time_machine.travel(payment.sent_at, tick=False):
        keys: tuple[uuid.UUID, ...] = ()
        if payment.with_receipt:
            stored = receive_file(
                merchant=stage.merchant,
                customer=payment.customer,
                upload=_receipt(stage, payment),
                purpose=StoredFile.Purpose.RECEIPT,
                by=actor,
            )
            keys = (stored.key,)
        bank = Bank.objects.filter(country=stage.merchant.country, code=payment.origin_bank).first()
        asks = stage.methods[payment.method].asks
        content = ReportContent(
            transfers=(
                TransferContent(
                    method_id=stage.methods[payment.method].pk,
                    account_id=payment.account.pk,
                    origin_bank_id=bank.pk if bank and "origin_bank" in asks else None,
                    origin_bank_name="",
                    amount=payment.amount,
                    paid_on=payment.paid_on,
                    reference_raw=payment.reference if "reference" in asks else "",
                    payer_phone="04125550142" if "payer_phone" in asks else "",
                    payer_id=payment.customer.tax_id if "payer_id" in asks else "",
                    sender_name=payment.customer.name if "sender_name" in asks else "",
                    sender_email=payment.customer.email if "sender_email" in asks else "",
                    file_keys=keys,
                ),
            ),
            orders=tuple(order.pk for order in payment.orders),
            allocations=None,
            payer_name="",
            payer_tax_id="",
            note=payment.note,
            shipping=_paper(payment),
        )
        ticket, _created = submit_report(
            merchant=stage.merchant,
            customer=payment.customer,
            key=uuid.UUID(int=stage.rng.getrandbits(128)),
            content=content,
            by=actor,
        )
    return ticket


def _paper(payment: Payment) -> ShippingContent | None:
    if not payment.wants_paper:
        return None
    customer = payment.customer
    return ShippingContent(
        address=customer.address, state=customer.state, city=customer.city, phone=customer.phone,
        reference_point=customer.reference_point, add=True,
    )  # fmt: skip


def _receipt(stage: Stage, payment: Payment) -> SimpleUploadedFile:
    return draw_receipt(
        bank=payment.origin_bank, amount=payment.amount, currency=payment.account.currency, reference=payment.reference,
        paid_at=payment.sent_at - dt.timedelta(minutes=17), payer=payment.customer.name, payee=stage.merchant.name,
        account=payment.account.number, style=stage.rng.randrange(4), fmt=stage.rng.choice(("JPEG", "JPEG", "PNG", "PDF")),
    )  # fmt: skip


def _later(payment: Payment, minutes: int) -> time_machine.travel:
    moment = payment.sent_at + dt.timedelta(minutes=minutes)
    return time_machine.travel(min(moment, dt.datetime.now(dt.UTC)), tick=False)


def _accountants(stage: Stage) -> list[Actor]:
    return [actor for actor in stage.staff.values() if actor.can_decide and not actor.can_administer and not actor.can_sign]


def _claim(stage: Stage, payment: Payment, ticket: Ticket) -> Actor:
    clerk = stage.rng.choice(_accountants(stage))
    with _later(payment, stage.rng.randint(20, 200)):
        claim(ticket_id=ticket.pk, by=clerk)
    return clerk


def _claim_only(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    _claim(stage, payment, ticket)


def _verify(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    clerk = _claim(stage, payment, ticket)
    transfer = ticket.report.transfers.get()
    line = _deposit_of(payment)
    with _later(payment, 215):
        outcome = verify_report(
            ticket_id=ticket.pk, choices=[MatchChoice(transfer_id=transfer.pk, line_id=line.pk)], note="", by=clerk
        )
    if payment.outcome != "awaiting_approval" and outcome.kind == "awaiting_approval":
        senior = next(actor for actor in stage.staff.values() if actor.can_sign)
        with _later(payment, 235):
            sign_approval(ticket_id=ticket.pk, by=senior)


def _deposit_of(payment: Payment) -> StatementLine:
    """Some banks pad the reference with zeros, some print its last ten signs, and some print it in the text alone."""
    whole, end = (normalize_reference(each) for each in (payment.reference, payment.reference[-10:]))
    own = Q(reference__in=(whole, end)) | Q(text__contains=payment.reference)
    return StatementLine.objects.filter(own).get(account=payment.account, amount=payment.deposit)


def _wait(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    clerk = _claim(stage, payment, ticket)
    with _later(payment, 210):
        wait_for_bank(ticket_id=ticket.pk, until=stage.today + dt.timedelta(days=3), by=clerk)


def _ask(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    clerk = _claim(stage, payment, ticket)
    with _later(payment, 210):
        ask_information(
            ticket_id=ticket.pk,
            question=QUESTION,
            fields=["reference", "paid_on"],
            by=clerk,
        )


def _reason(stage: Stage, kind: str, code: str) -> int:
    return Reason.objects.get(merchant=stage.merchant, kind=kind, code=code).pk


def _reject(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    clerk = _claim(stage, payment, ticket)
    code = stage.rng.choice(("not_found", "reference_unreadable", "wrong_account"))
    with _later(payment, 230):
        reject_report(ticket_id=ticket.pk, reason_id=_reason(stage, "reject", code), by=clerk)


def _withdraw(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    with _later(payment, 12):
        withdraw_report(ticket_id=ticket.pk, by=stage.contacts[payment.customer.pk])


def _reverse(stage: Stage, payment: Payment, ticket: Ticket) -> None:
    _verify(stage, payment, ticket)
    senior = next(actor for actor in stage.staff.values() if actor.can_sign)
    with _later(payment, 60 * 30):
        reverse_settlement(
            ticket_id=ticket.pk,
            reason_id=_reason(stage, "reverse", "returned_by_bank"),
            note="El banco devolvió la transferencia.",
            returned_by_bank=True,
            by=senior,
        )
