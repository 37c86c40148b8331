"""Papers that need the books: bills with their payments, receipts of verified reports, statements of account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from documents.facts import AccountPaper, Applied, CurrencyPart, Movement, ReceiptPaper, Received
from documents.kinds import account_paper, receipt_paper
from documents.paper import brand_of
from documents.rendering import draw
from orders.models import Order
from orders.papers import draw_bill, party_of
from reconciliation.books.statement import AccountStatement
from reconciliation.models import LedgerEntry
from reconciliation.selectors.history import payments_of
from tickets.models import State, Ticket

ZERO = Decimal(0)


def bill_pdf(actor: Actor, order: Order) -> bytes:
    """The bill of an order with what was paid of it. Needs customer, balance and lines."""
    order.merchant = actor.merchant
    received = [
        Received(
            on=each.on, how=_how(each.entry), reference=each.transfer.reference_raw if each.transfer else "",
            paid=each.paid_amount, paid_currency=each.paid_currency, amount=each.amount, is_reversed=each.reversed_at is not None,
        )
        for each in payments_of(actor, order)
    ]  # fmt: skip
    return draw_bill(order, received=received)


def receipt_pdf(actor: Actor, ticket: Ticket) -> bytes:
    """That a report's money was found and what it paid. `Http404` for a ticket that is not verified, or moved nothing."""
    entries = list(_standing(ticket))
    if ticket.state != State.VERIFIED or not entries or ticket.verified_at is None:
        raise Http404
    received, credit = _received(entries)
    currency = next((each.target_currency for each in entries if each.target_order_id or each.target_credit_id), "")
    paper = ReceiptPaper(
        brand=brand_of(actor.merchant),
        ticket=ticket.number,
        verified_on=timezone.localdate(ticket.verified_at, timezone=actor.merchant.zone),
        payer=party_of(ticket.customer),
        currency=currency or actor.merchant.currency,
        received=tuple(received),
        applied=tuple(_applied(entries)),
        credit=credit,
    )
    return draw(receipt_paper(paper))


def statement_pdf(actor: Actor, statement: AccountStatement) -> bytes:
    """A customer's statement of account."""
    parts = tuple(
        CurrencyPart(
            currency=each.currency,
            opening=each.opening,
            closing=each.closing,
            charged=each.charged,
            paid=each.paid,
            rows=tuple(
                Movement(
                    on=row.day, text=" ".join(filter(None, (row.words, row.orders))),
                    small=" · ".join(filter(None, (row.ticket, row.text))), charge=row.charge, paid=row.paid, balance=row.balance,
                )
                for row in each.rows
            ),
        )
        for each in statement.currencies
    )  # fmt: skip
    paper = AccountPaper(
        brand=brand_of(actor.merchant), customer=party_of(statement.customer), since=statement.since, until=statement.until,
        parts=parts,
    )  # fmt: skip
    return draw(account_paper(paper))


def _standing(ticket: Ticket) -> Iterable[LedgerEntry]:
    entries = LedgerEntry.objects.filter(settlement__ticket=ticket, reverses__isnull=True, reversed_by__isnull=True)
    return entries.select_related(
        "settlement__transfer__method", "source_line", "source_adjustment", "target_order__balance"
    ).order_by("pk")


def _how(entry: LedgerEntry) -> str:
    """A method, the customer's credit, or a named difference."""
    if entry.source_adjustment:
        return str(entry.source_adjustment.get_kind_display())
    transfer = entry.settlement.transfer
    if entry.source_line_id and transfer:
        return str(transfer.method.name)
    return str(_("Credit balance")) if entry.source_credit_id else str(_("Deposit"))


def _received(entries: Iterable[LedgerEntry]) -> tuple[list[Received], Decimal]:
    """What came in, one row a transfer or difference, and the sum that went to the customer's credit."""
    rows: dict[tuple[object, ...], Received] = {}
    credit = ZERO
    for each in entries:
        transfer = each.settlement.transfer
        counts = each.target_amount if each.target_order_id or each.target_credit_id else ZERO
        credit += each.target_amount if each.target_credit_id else ZERO
        key = (each.source_adjustment_id, each.settlement_id, each.source_currency)
        known = rows.get(key)
        if known is not None:
            rows[key] = replace(known, paid=known.paid + each.source_amount, amount=known.amount + counts)
            continue
        is_deposit = each.source_line_id is not None and transfer is not None
        on: dt.date = transfer.paid_on if is_deposit and transfer else each.booked_on
        rows[key] = Received(
            on=on, how=_how(each), reference=transfer.reference_raw if is_deposit and transfer else "",
            paid=each.source_amount, paid_currency=each.source_currency, amount=counts,
        )  # fmt: skip
    return list(rows.values()), credit


def _applied(entries: Iterable[LedgerEntry]) -> list[Applied]:
    """By order: what it got, and what it owes today."""
    orders: dict[int, Applied] = {}
    for each in entries:
        order = each.target_order
        if order is None:
            continue
        known = orders.get(order.pk)
        before = known.amount if known else ZERO
        orders[order.pk] = Applied(
            number=order.number, description=order.description, amount=before + each.target_amount, left=order.amount_due
        )
    return list(orders.values())
