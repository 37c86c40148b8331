"""What accepting many proposals stands on: locked in the house's order and read in a constant number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.actors import Actor
from accounts.models import Merchant
from orders.models import Order
from reconciliation.limits import in_merchant_currency
from reconciliation.locks import lock_credits, lock_lines_left, lock_orders
from reconciliation.models import (
    CreditBalance,
    IgnoredLine,
    LineBalance,
    Match,
    Proposal,
    ProposalPart,
    ReversalRequest,
    Settlement,
    StatementLine,
)
from reconciliation.selectors.runs import facts_of
from reports.models import Allocation, PaymentReport, ReportRevision, Transfer, Withholding
from reports.rates import DatedRate, dated_rate
from tickets.models import Ticket
from tickets.services import lock_tickets


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One part of a proposal. `place` is its position among the parts, which is the position of its facts."""

    pk: int
    proposal_id: int
    place: int
    ticket_id: int
    transfer_id: int
    line_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Case:
    """Proposals that stand or fall together, for they share a ticket, and the tickets that they decide, by pk."""

    proposal_ids: tuple[int, ...]
    ticket_ids: tuple[int, ...]
    parts: tuple[PartRow, ...]


@dataclass(kw_only=True)
class Ground:
    """Everything about the tickets of some cases. What a case would use is counted here before anything is written.

    `entangled` are tickets with matches, settlements or a reversal of their own already: those are decided one by one.
    `composed` are those that count a withholding voucher or pay a surcharge: a person looks at each of them.
    """

    tickets: dict[int, Ticket]
    proposals: dict[int, Proposal]
    reports: dict[int, PaymentReport]
    transfers: dict[int, list[Transfer]]
    entangled: set[int]
    lines: dict[int, StatementLine]
    balances: dict[int, LineBalance]
    ignored: set[int]
    credits: dict[tuple[int, str], CreditBalance]
    wants: dict[int, list[tuple[int, Decimal]]]
    orders: dict[int, Order]
    wrote: set[int]
    composed: set[int]
    facts: dict[int, list[list[dict[str, Any]]]]
    taken: dict[int, Decimal] = field(default_factory=dict)
    rates: dict[tuple[str, str, dt.date], DatedRate | None] = field(default_factory=dict)

    def worth(self, merchant: Merchant, value: Decimal, currency: str, date: dt.date) -> Decimal | None:
        """As `limits.in_merchant_currency`; each rate is asked for once."""
        return in_merchant_currency(merchant, value, currency, date, rate_of=self._rate)

    def is_above_limit(self, merchant: Merchant, value: Decimal, currency: str, date: dt.date) -> bool:
        """As `limits.is_above_limit`."""
        worth = self.worth(merchant, value, currency, date)
        return worth is None or worth > merchant.approval_limit

    def _rate(self, merchant: Merchant, currency: str, paid_in: str, date: dt.date) -> DatedRate | None:
        key = (currency, paid_in, date)
        if key not in self.rates:
            self.rates[key] = dated_rate(merchant, currency, paid_in, date)
        return self.rates[key]


def cases_of(merchant: Merchant, proposal_ids: Sequence[int]) -> list[Case]:
    """The cases that these proposals make up, in the order of the proposals given. One statement."""
    rows = (
        ProposalPart.objects.filter(merchant=merchant, proposal__in=proposal_ids)
        .order_by("proposal_id", "pk")
        .values_list("pk", "proposal_id", "transfer__report__ticket_id", "transfer_id", "line_id", "amount")
    )
    parts: dict[int, list[PartRow]] = {}
    for pk, proposal_id, ticket_id, transfer_id, line_id, amount in rows:
        own = parts.setdefault(proposal_id, [])
        own.append(
            PartRow(
                pk=pk,
                proposal_id=proposal_id,
                place=len(own),
                ticket_id=ticket_id,
                transfer_id=transfer_id,
                line_id=line_id,
                amount=amount,
            )
        )
    return _together([(pk, parts[pk]) for pk in dict.fromkeys(proposal_ids) if pk in parts])


def _together(proposals: Sequence[tuple[int, list[PartRow]]]) -> list[Case]:
    """Join proposals that share a ticket."""
    leader: dict[int, int] = {}

    def find(ticket_id: int) -> int:
        while leader.setdefault(ticket_id, ticket_id) != ticket_id:
            leader[ticket_id] = ticket_id = leader[leader[ticket_id]]
        return ticket_id

    for _pk, parts in proposals:
        first = find(parts[0].ticket_id)
        for part in parts[1:]:
            leader[find(part.ticket_id)] = first
    joined: dict[int, list[tuple[int, list[PartRow]]]] = {}
    for pk, parts in proposals:
        joined.setdefault(find(parts[0].ticket_id), []).append((pk, parts))
    return [
        Case(
            proposal_ids=tuple(pk for pk, _parts in own),
            ticket_ids=tuple(sorted({part.ticket_id for _pk, parts in own for part in parts})),
            parts=tuple(part for _pk, parts in own for part in parts),
        )
        for own in joined.values()
    ]


def split(case: Case) -> list[Case]:
    """Each proposal of a case as a case of its own."""
    found = []
    for pk in case.proposal_ids:
        parts = tuple(part for part in case.parts if part.proposal_id == pk)
        found.append(Case(proposal_ids=(pk,), ticket_ids=tuple(sorted({part.ticket_id for part in parts})), parts=parts))
    return found


def lock_ground(cases: Sequence[Case], by: Actor) -> Ground:
    """Lock what these cases touch, tickets first, and read it as it is then."""
    merchant = by.merchant
    tickets = lock_tickets(merchant, (ticket_id for case in cases for ticket_id in case.ticket_ids))
    wanted = [pk for case in cases for pk in case.proposal_ids]
    proposals = Proposal.objects.select_for_update(of=("self",)).filter(merchant=merchant, pk__in=wanted).order_by("pk")
    reports = {report.pk: report for report in PaymentReport.objects.filter(ticket__in=list(tickets))}
    for report in reports.values():
        report.ticket = tickets[report.ticket_id]
        report.customer, report.merchant = report.ticket.customer, merchant
    line_ids = {part.line_id for case in cases for part in case.parts}
    found = {proposal.pk: proposal for proposal in proposals}
    balances = lock_lines_left(line_ids)
    lines = StatementLine.objects.filter(merchant=merchant, pk__in=line_ids).select_related("confirmation")
    own_lines = {line.pk: line for line in lines}
    credits = lock_credits(merchant, ((report.customer_id, report.currency) for report in reports.values()))
    wants = _wants(reports)
    transfers = _transfers(reports)
    orders = lock_orders(order_id for own in wants.values() for order_id, _amount in own)
    wrote = ReportRevision.objects.filter(report__in=list(reports), by=by.user).values_list("report_id", flat=True)
    return Ground(
        tickets=tickets,
        proposals=found,
        reports={report.ticket_id: report for report in reports.values()},
        transfers=transfers,
        entangled=_entangled(reports),
        lines=own_lines,
        balances=balances,
        ignored=set(IgnoredLine.objects.filter(line__in=line_ids, taken_back_at__isnull=True).values_list("line_id", flat=True)),
        credits=credits,
        wants=wants,
        orders=orders,
        composed=_composed(reports, transfers),
        wrote=set(wrote) if by.user is not None else set(),
        facts=facts_of(merchant, [proposal for proposal in found.values() if proposal.is_open]),
    )


def _transfers(reports: Iterable[int]) -> dict[int, list[Transfer]]:
    found: dict[int, list[Transfer]] = {pk: [] for pk in reports}
    for transfer in Transfer.objects.filter(report__in=list(found), until_revision__isnull=True).order_by("position", "pk"):
        found[transfer.report_id].append(transfer)
    return found


def _composed(reports: dict[int, PaymentReport], transfers: dict[int, list[Transfer]]) -> set[int]:
    vouchers = Withholding.objects.filter(report__in=list(reports), until_revision__isnull=True)
    own = set(vouchers.values_list("report_id", flat=True))
    own |= {pk for pk, several in transfers.items() if any(transfer.surcharge for transfer in several)}
    return {reports[pk].ticket_id for pk in own}


def _wants(reports: Iterable[int]) -> dict[int, list[tuple[int, Decimal]]]:
    """As `plan.wants_of`, for reports of which nothing is settled."""
    found: dict[int, list[tuple[int, Decimal]]] = {pk: [] for pk in reports}
    rows = (
        Allocation.objects.filter(report__in=list(found), until_revision__isnull=True)
        .order_by("order__due_on", "order_id")
        .values_list("report_id", "order_id", "amount")
    )
    for report_id, order_id, amount in rows:
        found[report_id].append((order_id, amount))
    return found


def _entangled(reports: dict[int, PaymentReport]) -> set[int]:
    """Tickets whose money moved before, or is reserved: their plan depends on more than is read here."""
    pks = list(reports)
    matched = Match.objects.filter(transfer__report__in=pks).exclude(state=Match.State.RELEASED)
    settled = Settlement.objects.filter(transfer__report__in=pks, kind=Settlement.Kind.DEPOSIT, reversed_by__isnull=True)
    own = {*matched.values_list("transfer__report_id", flat=True), *settled.values_list("transfer__report_id", flat=True)}
    tickets = {reports[pk].ticket_id for pk in own}
    reversals = ReversalRequest.objects.filter(ticket__in=[report.ticket_id for report in reports.values()], decided_at=None)
    return tickets | set(reversals.values_list("ticket_id", flat=True))
