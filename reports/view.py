"""A report as people read it: the current revision, and each older one, out of a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from reports.content import ReportContent, ShippingContent, TransferContent, WithholdingContent
from reports.models import Allocation, PaymentReport, Receipt, ReportRevision, ShippingWish, Transfer, Withholding
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class RevisionView:
    """What the report said in one revision. `receipts` by the position of their transfer, or `file_position` of their voucher."""

    revision: ReportRevision
    transfers: tuple[Transfer, ...]
    allocations: tuple[Allocation, ...]
    receipts: dict[int, list[Receipt]]
    withholdings: tuple[Withholding, ...] = ()

    @property
    def number(self) -> int:
        return self.revision.number

    @property
    def paid(self) -> Decimal:
        """What the transfers are worth without their surcharges, in the report's currency."""
        return sum((transfer.value for transfer in self.transfers), Decimal(0))

    @property
    def withheld(self) -> Decimal:
        """What the withholding vouchers come to."""
        return sum((voucher.amount for voucher in self.withholdings), Decimal(0))

    @property
    def value(self) -> Decimal:
        """What the orders and the customer's credit get: transfers and vouchers together."""
        return self.paid + self.withheld

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

    def vouchers_with_files(self) -> list[tuple[Withholding, list[Receipt]]]:
        """Each withholding voucher with its pictures."""
        return [(voucher, self.receipts.get(voucher.file_position, [])) for voucher in self.withholdings]


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
    def withholdings(self) -> tuple[Withholding, ...]:
        return self.current.withholdings

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
    """Seven queries, whatever the number of transfers, vouchers, orders, receipts and revisions."""
    report = PaymentReport.objects.select_related("customer", "created_by").get(ticket=ticket)
    revisions = list(ReportRevision.objects.filter(report=report).select_related("by").order_by("-number"))
    transfers = list(
        Transfer.objects.filter(report=report).select_related("method", "account__bank", "origin_bank").order_by("position", "pk")
    )
    vouchers = list(Withholding.objects.filter(report=report).select_related("kind").order_by("position", "pk"))
    allocations = list(
        Allocation.objects.filter(report=report).select_related("order__balance").order_by("order__due_on", "order_id", "pk")
    )
    receipts = list(Receipt.objects.filter(report=report).select_related("file").order_by("position", "pk"))
    wishes = list(ShippingWish.objects.filter(report=report).select_related("order_line__order").order_by("-pk"))
    live = next((wish for wish in wishes if wish.released_at is None), None)
    return ReportView(
        report=report,
        ticket=ticket,
        revisions=tuple(_at(revision, transfers, vouchers, allocations, receipts) for revision in revisions),
        wish=live,
        released_wish=next((wish for wish in wishes if wish.released_at is not None), None) if live is None else None,
    )


def _at(
    revision: ReportRevision,
    transfers: list[Transfer],
    vouchers: list[Withholding],
    allocations: list[Allocation],
    receipts: list[Receipt],
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
        withholdings=tuple(each for each in vouchers if _holds(each, revision.number)),
    )


def _holds(row: Transfer | Withholding | Allocation | Receipt, number: int) -> bool:
    return row.since_revision <= number and (row.until_revision is None or number < row.until_revision)


def current_transfers(report: PaymentReport) -> dict[int, Transfer]:
    """Position → row as of now."""
    return {each.position: each for each in Transfer.objects.filter(Q(report=report), until_revision__isnull=True)}


def content_of(view: ReportView) -> ReportContent:
    """The plain values of the current revision. Allocations are left to be derived anew."""
    wish = view.wish or view.released_wish
    return ReportContent(
        transfers=tuple(transfer_content(each, view.current.receipts_of(each)) for each in view.transfers),
        withholdings=tuple(withholding_content(each, files) for each, files in view.current.vouchers_with_files()),
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


def withholding_content(voucher: Withholding, receipts: list[Receipt]) -> WithholdingContent:
    """One voucher as plain values."""
    return WithholdingContent(
        kind_id=voucher.kind_id,
        number=voucher.number,
        issued_on=voucher.issued_on,
        amount=voucher.amount,
        file_keys=tuple(receipt.file.key for receipt in receipts),
    )
