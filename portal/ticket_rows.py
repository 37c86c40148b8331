"""Tickets as a customer sees them in a list: what it is about, what happens now, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from reports.models import Allocation, Transfer
from tickets.models import State, Ticket

# The fields that staff can ask about, as they stand inside a sentence.
ASKED: dict[str, str | Promise] = {
    "amount": pgettext_lazy("asked for", "the amount"),
    "method": pgettext_lazy("asked for", "the method"),
    "account": pgettext_lazy("asked for", "the account"),
    "origin_bank": pgettext_lazy("asked for", "the bank of origin"),
    "paid_on": pgettext_lazy("asked for", "the date"),
    "reference": pgettext_lazy("asked for", "the reference"),
    "payer": pgettext_lazy("asked for", "who paid"),
    "receipt": pgettext_lazy("asked for", "the receipt"),
    "orders": pgettext_lazy("asked for", "the orders"),
    "sender": pgettext_lazy("asked for", "the sender"),
    "withholding": pgettext_lazy("asked for", "the withholding voucher"),
}
AND = gettext_lazy("{first} and {last}")


@dataclass(frozen=True, kw_only=True)
class TicketRow:
    """One ticket in a list. `amount` is what was transferred, None when the transfers are in several currencies."""

    ticket: Ticket
    amount: Decimal | None
    currency: str
    sentence: str
    answer_due: dt.date | None
    promised: dt.datetime | None

    @property
    def can_correct(self) -> bool:
        return str(self.ticket.state) == State.REJECTED


def with_reports(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The same tickets with what a row of them needs: a fixed number of queries whatever their number."""
    current = {"until_revision__isnull": True}
    return tickets.select_related("reason", "report", "merchant").prefetch_related(
        Prefetch("report__transfers", Transfer.objects.filter(**current).select_related("account__bank")),
        Prefetch("report__allocations", Allocation.objects.filter(**current).select_related("order")),
    )


def join_words(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = list(words) or [""]
    return str(AND).format(first=", ".join(most), last=last) if most else last


def asked_words(ticket: Ticket) -> str:
    """What staff ask for, as part of a sentence."""
    return join_words(str(ASKED[name]) for name in ticket.asked_fields if name in ASKED)


def rows_of(tickets: Iterable[Ticket]) -> list[TicketRow]:
    """Rows for `tickets` read through `with_reports`."""
    return [_row(ticket) for ticket in tickets]


def _row(ticket: Ticket) -> TicketRow:
    transfers = list(ticket.report.transfers.all())
    currencies = {transfer.currency for transfer in transfers}
    waits_for_customer = ticket.state == State.NEEDS_INFORMATION and ticket.answer_due_at is not None
    zone = ZoneInfo(ticket.merchant.time_zone)
    return TicketRow(
        ticket=ticket,
        amount=sum((transfer.amount for transfer in transfers), Decimal(0)) if len(currencies) == 1 else None,
        currency=next(iter(currencies), ticket.report.currency),
        sentence=sentence_of(ticket, transfers),
        answer_due=ticket.answer_due_at.astimezone(zone).date() if waits_for_customer and ticket.answer_due_at else None,
        promised=ticket.deadline_at if ticket.is_live and ticket.state != State.NEEDS_INFORMATION else None,
    )


def sentence_of(ticket: Ticket, transfers: list[Transfer]) -> str:
    """What happens with the ticket now, in one sentence for the customer."""
    place = transfers[0].account.title if transfers else ""
    orders = [allocation.order.number for allocation in ticket.report.allocations.all()]
    if ticket.state == State.NEEDS_INFORMATION:
        asked = asked_words(ticket)
        return _("Accounting asks about %(fields)s.") % {"fields": asked} if asked else _("Accounting has a question.")
    if ticket.state == State.REJECTED:
        return ticket.reason.name if ticket.reason else ""
    if ticket.state == State.VERIFIED:
        if not orders:
            return _("It is in your credit balance.")
        if len(orders) == 1:
            return _("Applied to order %(number)s.") % {"number": orders[0]}
        return ngettext("Applied to %(count)s order.", "Applied to %(count)s orders.", len(orders)) % {"count": len(orders)}
    sentences = {
        State.SUBMITTED: _("We received it; Accounting takes it next."),
        State.IN_REVIEW: _("We are looking for your payment in %(account)s.") % {"account": place},
        State.WAITING_FOR_BANK: _("It has not reached %(account)s yet; we keep looking.") % {"account": place},
        State.AWAITING_APPROVAL: _("We found it; a second person confirms it."),
        State.WITHDRAWN: _("You withdrew it."),
        State.REVERSED: ticket.reason.name if ticket.reason else _("The payment was reversed."),
    }
    return str(sentences.get(State(ticket.state), ""))
