"""A report as people read it: the current revision, and each older one, out of a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from reports.content import ReportContent, ShippingContent, TransferContent
from reports.models import Allocation, PaymentReport, Receipt, ReportRevision, ShippingWish, Transfer
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class RevisionView:
    """What the report said in one revision. `receipts` by the position of their transfer."""

    revision: ReportRevision
    transfers: tuple[Transfer, ...]
    allocations: tuple[Allocation, ...]
    receipts: dict[int, list[Receipt]]

    @property
    def number(self) -> int:
        return self.revision.number

    @property
    def value(self) -> Decimal:
        """What the transfers are worth, in the report's currency."""
        return sum((transfer.value for transfer in self.transfers), Decimal(0))

    @property
    def allocated(self) -> Decimal:
        return sum((allocation.amount for allocation in self.allocations), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """What no order takes: it goes to the customer's credit."""
        return self.value - self.allocated

    @property
    def payer_name(self) -> str:
        return self.revision.payer_name

    @property
    def payer_tax_id(self) -> str:
        return self.revision.payer_tax_id

    @property
    def note(self) -> str:
        return self.revision.note

    def receipts_of(self, transfer: Transfer) -> list[Receipt]:
        return self.receipts.get(transfer.position, [])


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """A report with its ticket, its wish for a paper invoice, and all its revisions, the newest first."""

    report: PaymentReport
    ticket: Ticket
    revisions: tuple[RevisionView, ...]
    wish: ShippingWish | None
    released_wish: ShippingWish | None = None

    @property
    def current(self) -> RevisionView:
        return self.revisions[0]

    @property
    def older(self) -> tuple[RevisionView, ...]:
        return self.revisions[1:]

    @property
    def currency(self) -> str:
        return self.report.currency

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        return self.current.transfers

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        return self.current.allocations

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for each in self.current.receipts.values() for receipt in each]

    @property
    def value(self) -> Decimal:
        return self.current.value

    @property
    def credit(self) -> Decimal:
        return self.current.credit

    def content(self) -> ReportContent:
        """The current revision as plain values, from which a correction starts."""
        return content_of(self)


def read_report(ticket: Ticket) -> ReportView:
    """Six queries, whatever the number of transfers, orders, receipts and revisions."""
    report = PaymentReport.objects.select_related("customer", "created_by").get(ticket=ticket)
    revisions = list(ReportRevision.objects.filter(report=report).select_related("by").order_by("-number"))
    transfers = list(
        Transfer.objects.filter(report=report).select_related("method", "account__bank", "origin_bank").order_by("position", "pk")
    )
    allocations = list(
        Allocation.objects.filter(report=report).select_related("order__balance").order_by("order__due_on", "order_id", "pk")
    )
    receipts = list(Receipt.objects.filter(report=report).select_related("file").order_by("position", "pk"))
    wishes = list(ShippingWish.objects.filter(report=report).select_related("order_line__order").order_by("-pk"))
    live = next((wish for wish in wishes if wish.released_at is None), None)
    return ReportView(
        report=report,
        ticket=ticket,
        revisions=tuple(_at(revision, transfers, allocations, receipts) for revision in revisions),
        wish=live,
        released_wish=next((wish for wish in wishes if wish.released_at is not None), None) if live is None else None,
    )


def _at(
    revision: ReportRevision, transfers: list[Transfer], allocations: list[Allocation], receipts: list[Receipt]
) -> RevisionView:
    by_position: dict[int, list[Receipt]] = {}
    for receipt in receipts:
        if _holds(receipt, revision.number):
            by_position.setdefault(receipt.position, []).append(receipt)
    return RevisionView(
        revision=revision,
        transfers=tuple(each for each in transfers if _holds(each, revision.number)),
        allocations=tuple(each for each in allocations if _holds(each, revision.number)),
        receipts=by_position,
    )


def _holds(row: Transfer | Allocation | Receipt, number: int) -> bool:
    return row.since_revision <= number and (row.until_revision is None or number < row.until_revision)


def current_transfers(report: PaymentReport) -> dict[int, Transfer]:
    """Position → row as of now."""
    return {each.position: each for each in Transfer.objects.filter(Q(report=report), until_revision__isnull=True)}


def content_of(view: ReportView) -> ReportContent:
    """The plain values of the current revision. Allocations are left to be derived anew."""
    wish = view.wish or view.released_wish
    return ReportContent(
        transfers=tuple(transfer_content(each, view.current.receipts_of(each)) for each in view.transfers),
        orders=tuple(each.order_id for each in view.allocations),
        payer_name=view.current.payer_name,
        payer_tax_id=view.current.payer_tax_id,
        note=view.current.note,
        shipping=ShippingContent(
            address=wish.address, state=wish.state, city=wish.city, phone=wish.phone, reference_point=wish.reference_point
        )
        if wish
        else None,
    )


def transfer_content(transfer: Transfer, receipts: list[Receipt]) -> TransferContent:
    """One row as plain values."""
    return TransferContent(
        method_id=transfer.method_id,
        account_id=transfer.account_id,
        amount=transfer.amount,
        paid_on=transfer.paid_on,
        reference_raw=transfer.reference_raw,
        origin_bank_id=transfer.origin_bank_id,
        origin_bank_name=transfer.origin_bank_name,
        payer_phone=transfer.payer_phone,
        payer_id=transfer.payer_id,
        sender_name=transfer.sender_name,
        sender_email=transfer.sender_email,
        file_keys=tuple(receipt.file.key for receipt in receipts),
    )
