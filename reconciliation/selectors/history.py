"""What was paid, by whom it was settled, and what a customer has in their favour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Min, Q
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Customer
from banking.models import Bank
from orders.models import Order
from reconciliation.models import ApprovalRequest, CreditBalance, LedgerEntry, ReversalRequest, Settlement
from reports.models import Transfer
from tickets.models import State, Ticket


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Money that reached an order. `source`: `deposit`, `credit`, or the kind of a named difference (`bank_fee` …).

    `paid_amount` and `paid_currency` are what moved at the source; `reversed_at` is set when it no longer counts.
    """

    entry: LedgerEntry
    source: str
    amount: Decimal
    currency: str
    paid_amount: Decimal
    paid_currency: str
    on: dt.date
    ticket: Ticket | None
    transfer: Transfer | None
    reversed_at: dt.datetime | None


def payments_of(actor: Actor, order: Order) -> list[Payment]:
    """Payments received against an order, oldest first, reversed ones included. For its customer and for staff; one query."""
    own = actor.customer is not None and actor.customer.pk == order.customer_id
    if order.merchant_id != actor.merchant.pk or not (own or actor.is_staff):
        raise Http404
    entries = (
        LedgerEntry.objects.filter(target_order=order, reverses__isnull=True)
        .select_related("settlement__ticket", "settlement__transfer__method", "source_line", "source_adjustment", "reversed_by")
        .order_by("pk")
    )
    return [_payment(entry) for entry in entries]


def _payment(entry: LedgerEntry) -> Payment:
    mirror = getattr(entry, "reversed_by", None)
    transfer = entry.settlement.transfer
    source = entry.source_adjustment.kind if entry.source_adjustment else "deposit" if entry.source_line_id else "credit"
    return Payment(
        entry=entry,
        source=source,
        amount=entry.target_amount,
        currency=entry.target_currency,
        paid_amount=entry.source_amount,
        paid_currency=entry.source_currency,
        on=transfer.paid_on if transfer else entry.booked_on,
        ticket=entry.settlement.ticket,
        transfer=transfer,
        reversed_at=mirror.at if mirror else None,
    )


def credit_of(customer: Customer) -> list[CreditBalance]:
    """What the customer has in their favour, by currency, nothing empty."""
    return list(CreditBalance.objects.filter(customer=customer, balance__gt=0).order_by("currency"))


def settled_for(actor: Actor, ticket: Ticket) -> list[Settlement]:
    """Everything that moved money for a ticket, oldest first, with entries and who signed. Staff only; two queries."""
    _require_staff(actor, ticket)
    return list(
        Settlement.objects.filter(ticket=ticket)
        .select_related("prepared_by", "signed_by", "reason", "transfer", "reversed_by")
        .prefetch_related(
            "entries__target_order",
            "entries__source_line",
            "entries__source_adjustment",
            "entries__target_adjustment",
            "matches__line",
        )
        .order_by("pk")
    )


def open_approval_of(actor: Actor, ticket: Ticket) -> ApprovalRequest | None:
    """What waits for the second signature, if anything. Staff only."""
    _require_staff(actor, ticket)
    return ApprovalRequest.objects.filter(ticket=ticket, decided_at__isnull=True).select_related("prepared_by").first()


def open_reversal_of(actor: Actor, ticket: Ticket) -> ReversalRequest | None:
    """The reversal that waits for its second signature, if any. Staff only."""
    _require_staff(actor, ticket)
    requests = ReversalRequest.objects.filter(ticket=ticket, decided_at__isnull=True)
    return requests.select_related("requested_by", "reason", "returns").first()


def _require_staff(actor: Actor, ticket: Ticket) -> None:
    if not actor.is_staff:
        raise NotAllowed
    if ticket.merchant_id != actor.merchant.pk:
        raise Http404


@dataclass(frozen=True, kw_only=True)
class CustomerHistory:
    """What staff see of a customer beside a report: since when, how many reports ended how, from where they usually pay."""

    since: dt.date
    verified: int
    rejected: int
    reversed: int
    live: int
    usual_banks: Sequence[Bank]
    credit: Sequence[CreditBalance]


def history_of_customer(actor: Actor, customer: Customer, *, besides: Ticket | None = None) -> CustomerHistory:
    """For staff; four queries. `besides` is a ticket whose own payment is no habit: what speaks for it must not come from it."""
    if not actor.is_staff:
        raise NotAllowed
    if customer.merchant_id != actor.merchant.pk:
        raise Http404
    ends = (State.VERIFIED, State.REJECTED, State.REVERSED)
    counts = Ticket.objects.filter(merchant=actor.merchant, customer=customer).aggregate(
        live=Count("pk", filter=~Q(state__in=(*ends, State.WITHDRAWN))),
        **{str(end): Count("pk", filter=Q(state=end)) for end in ends},
    )
    own = Order.objects.filter(merchant=actor.merchant, customer=customer)
    first_order = own.aggregate(first=Min("issued_on"))["first"]
    verified = Transfer.objects.filter(report__customer=customer, report__ticket__state=State.VERIFIED, origin_bank__isnull=False)
    if besides is not None:
        verified = verified.exclude(report__ticket=besides)
    used = verified.values_list("origin_bank").annotate(times=Count("pk")).order_by("-times", "origin_bank")[:2]
    banks = Bank.objects.in_bulk([bank for bank, _times in used])
    started = customer.created_at.date()
    return CustomerHistory(
        since=min(started, first_order) if first_order else started,
        verified=counts["verified"],
        rejected=counts["rejected"],
        reversed=counts["reversed"],
        live=counts["live"],
        usual_banks=list(banks.values()),
        credit=credit_of(customer),
    )
