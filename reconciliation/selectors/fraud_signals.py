"""Signals of fraud on a report: facts for the person who decides. They never decide, and only staff reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from files.models import StoredFile
from files.selectors import similar_pictures
from orders.dates import today_at, written
from reconciliation.limits import is_above_limit
from reports.models import Receipt
from reports.selectors import uses_of_reference
from reports.view import ReportView
from tickets.models import State, Ticket

# Each picture is compared with all others of the merchant in the database, so only so many of a report.
MOST_COMPARED = 10
MOST_RECEIPTS = 50
MOST_TICKETS = 5


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One fact. `is_grave`: another customer is in it. `file` of a picture, `transfer_id` of a transfer's, `tickets` to look at.

    `kind`: `same_picture`, `alike_picture`, `reference_used`, `paid_before_order`, `first_large`.
    """

    kind: str
    sentence: str
    is_grave: bool = False
    tickets: Sequence[Ticket] = field(default=())
    file: StoredFile | None = None
    transfer_id: int = 0


@dataclass(frozen=True, kw_only=True)
class Signals:
    """All signals of a report, the grave ones first."""

    found: Sequence[Signal]

    @property
    def seen_files(self) -> frozenset[int]:
        """Receipts whose picture was in another report."""
        return frozenset(each.file.pk for each in self.found if each.file is not None)

    @property
    def used_references(self) -> frozenset[int]:
        """Transfers whose reference another report has."""
        return frozenset(each.transfer_id for each in self.found if each.kind == "reference_used")


def signals_for(actor: Actor, view: ReportView, *, verified_before: int) -> Signals:
    """What is known against the report of a view that `report_of` gave. `verified_before`: reports of the customer that held.

    One query for the receipts, one for each picture that can be compared, and two for each reference.
    """
    if not actor.is_staff:
        raise NotAllowed
    found = [*_of_pictures(actor, view), *_of_references(actor, view), *_of_dates(view), *_of_size(actor, view, verified_before)]
    return Signals(found=sorted(found, key=lambda each: not each.is_grave))


def _of_pictures(actor: Actor, view: ReportView) -> Iterator[Signal]:
    """The very same, or nearly the same picture in other reports; by whose it is."""
    files = list({receipt.file.pk: receipt.file for receipt in view.receipts}.values())
    if not files:
        return
    alike = {file.pk: {near.pk for near in similar_pictures(actor, file)} for file in files[:MOST_COMPARED]}
    like = Q(file__sha256__in=[file.sha256 for file in files]) | Q(file__in={pk for keys in alike.values() for pk in keys})
    others = list(
        Receipt.objects.filter(like, merchant=actor.merchant)
        .exclude(report=view.report)
        .select_related("file", "report__ticket__customer")
        .order_by("-pk")[:MOST_RECEIPTS]
    )
    for file in files:
        same = _tickets(each.report.ticket for each in others if each.file.sha256 == file.sha256)
        near = _tickets(each.report.ticket for each in others if each.file_id in alike.get(file.pk, ()))
        names = {"file": file.original_name}
        for tickets, is_grave in _by_owner(same, view):
            said = _("Another customer sent this very picture (%(file)s).") if is_grave else _(
                "This very picture (%(file)s) was sent in another report of this customer."
            )  # fmt: skip
            yield Signal(kind="same_picture", sentence=said % names, is_grave=is_grave, tickets=tickets, file=file)
        for tickets, is_grave in _by_owner([each for each in near if each not in same], view):
            said = _("Another customer sent a picture that looks the same (%(file)s).") if is_grave else _(
                "A picture that looks the same (%(file)s) was sent in another report of this customer."
            )  # fmt: skip
            yield Signal(kind="alike_picture", sentence=said % names, is_grave=is_grave, tickets=tickets, file=file)


def _of_references(actor: Actor, view: ReportView) -> Iterator[Signal]:
    """The end of the reference in other reports into the same account; by whose they are."""
    for transfer in view.transfers:
        uses = uses_of_reference(actor, transfer.account_id, transfer.reference, view.report.pk) if transfer.reference else []
        names = {"reference": transfer.reference_raw or transfer.reference}
        for tickets, is_grave in _by_owner(_tickets(use.report.ticket for use in uses), view):
            same_sum = any(use.amount == transfer.amount for use in uses if use.report.ticket in tickets)
            said = _reference_sentence(is_grave=is_grave, same_sum=same_sum) % names
            yield Signal(
                kind="reference_used", sentence=said, is_grave=is_grave, tickets=tickets, transfer_id=transfer.pk
            )  # fmt: skip


def _reference_sentence(*, is_grave: bool, same_sum: bool) -> str:
    if is_grave and same_sum:
        return _("Another customer reported the reference %(reference)s with the same amount.")
    if is_grave:
        return _("Another customer reported the reference %(reference)s with another amount.")
    if same_sum:
        return _("This customer reported the reference %(reference)s with the same amount in another report.")
    return _("This customer reported the reference %(reference)s with another amount in another report.")


def _of_dates(view: ReportView) -> Iterator[Signal]:
    """Money that left before what it pays was issued."""
    issued = [each.order for each in view.allocations]
    for transfer in view.transfers:
        late = [order for order in issued if order.issued_on > transfer.paid_on]
        if late:
            newest = max(late, key=lambda order: order.issued_on)
            said = _("Paid on %(paid)s, and the order %(number)s was issued on %(issued)s.") % {
                "paid": written(transfer.paid_on),
                "number": newest.number,
                "issued": written(newest.issued_on),
            }
            yield Signal(kind="paid_before_order", sentence=said, transfer_id=transfer.pk)


def _of_size(actor: Actor, view: ReportView, verified_before: int) -> Iterator[Signal]:
    """A large sum from somebody of whom no payment is known."""
    if verified_before or view.ticket.state == State.VERIFIED:
        return
    merchant = actor.merchant
    if is_above_limit(merchant, view.value, view.currency, today_at(merchant)):
        said = _("No payment of this customer was verified before, and this one is above the limit of the second signature.")
        yield Signal(kind="first_large", sentence=said)


def _by_owner(tickets: Sequence[Ticket], view: ReportView) -> Iterator[tuple[Sequence[Ticket], bool]]:
    """Those of other customers (grave), then those of this one; nothing for none."""
    own = view.report.customer_id
    for is_grave in (True, False):
        some = [each for each in tickets if (each.customer_id != own) == is_grave]
        if some:
            yield some[:MOST_TICKETS], is_grave


def _tickets(tickets: Iterable[Any]) -> list[Ticket]:
    return list({each.pk: each for each in tickets}.values())
