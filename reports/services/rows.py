"""How an examined content becomes rows: transfers, allocations, receipts and the wish, each with its revision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from django.db import IntegrityError
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Customer, Merchant
from orders.models import OrderBalance
from orders.services import add_shipping_order
from reports.content import ReportContent
from reports.examine import examine
from reports.examined import Correction, Examined
from reports.models import (
    VOUCHER_FILES,
    Allocation,
    PaymentReport,
    Receipt,
    ReportRevision,
    ShippingWish,
    Transfer,
    Withholding,
)
from reports.offer import Offer
from reports.receipts import files_of
from reports.services.shipments import GONE, request_shipment
from reports.transfer_rules import ResolvedTransfer


def require_part(customer: Customer, by: Actor) -> None:
    """The customer's own contact who reports, staff who register, or the program; another merchant's customer is not there."""
    if customer.merchant_id != by.merchant.pk:
        raise Http404
    contact = by.contact
    if contact is not None and not by.is_staff and contact.customer_id != customer.pk:
        raise Http404
    own = contact is not None and contact.customer_id == customer.pk and contact.can_report
    by.require(by.can_register or own)


def lock_orders(merchant: Merchant, order_ids: Iterable[int]) -> None:
    """Hold the orders as they are until the transaction ends: their balances by key, the lock of settling and voiding too."""
    ids = list(order_ids)
    if ids:
        locked = OrderBalance.objects.select_for_update(no_key=True).filter(merchant=merchant, order_id__in=ids).order_by("pk")
        list(locked.values_list("pk", flat=True))


def examine_to_write(
    customer: Customer, content: ReportContent, correction: Correction | None, by: Actor
) -> tuple[ReportContent, Examined]:
    """Check under the locks that are held and refuse what is wrong; then make the shipping order, if the wish asks for one."""
    if content.withholdings:
        # A voucher is used once: the reports of one customer that name any are checked one after the other.
        Customer.objects.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk", flat=True).first()
    banks = frozenset(each.origin_bank_id for each in content.transfers if each.origin_bank_id is not None)
    offer = Offer.of(by.merchant, bank_ids=banks)
    examined = examine(customer=customer, content=content, offer=offer, correction=correction, warn=False)
    examined.refuse()
    if not examined.adds_shipping:
        return content, examined
    order = add_shipping_order(customer=customer, by=by)
    ticked = replace(content, orders=(*content.orders, order.pk))
    examined = examine(customer=customer, content=ticked, offer=offer, correction=correction, warn=False)
    examined.refuse()
    return ticked, examined


def write_content(
    report: PaymentReport, customer: Customer, content: ReportContent, examined: Examined, cause: str, by: Actor
) -> None:
    """Write what one revision (`report.revision`) says. What did not change keeps its rows."""
    write_revision(report, content, cause, by)
    write_transfers(report, examined)
    write_withholdings(report, examined)
    write_allocations(report, examined)
    write_receipts(report, customer, content)
    write_wish(report, content, examined)


def write_revision(report: PaymentReport, content: ReportContent, cause: str, by: Actor) -> ReportRevision:
    """One revision of what the report says besides its transfers and orders."""
    return ReportRevision.objects.create(
        merchant=report.merchant, report=report, number=report.revision, cause=cause, payer_name=content.payer_name.strip()[:200],
        payer_tax_id=content.payer_tax_id.strip()[:30], note=content.note.strip(), by=by.user,
    )  # fmt: skip


def write_transfers(report: PaymentReport, examined: Examined) -> None:
    """Rows for the transfers that are new in this revision; those that they replace hold no longer."""
    fresh = examined.transfers
    kept = set(examined.values) - {each.position for each in fresh}
    if report.revision > 1:
        Transfer.objects.filter(report=report, until_revision__isnull=True).exclude(position__in=kept).update(
            until_revision=report.revision
        )
    Transfer.objects.bulk_create(_transfer_row(report, each, examined) for each in fresh)


def _transfer_row(report: PaymentReport, each: ResolvedTransfer, examined: Examined) -> Transfer:
    said = each.content
    return Transfer(
        merchant=report.merchant, report=report, position=each.position, since_revision=report.revision, method=each.method,
        account=each.account, origin_bank=each.origin_bank, origin_bank_name=said.origin_bank_name.strip()[:80],
        amount=said.amount, currency=each.currency, paid_on=said.paid_on, reference_raw=said.reference_raw.strip(),
        reference=each.reference, payer_phone=said.payer_phone.strip()[:30], payer_id=said.payer_id.strip()[:30],
        sender_name=said.sender_name.strip()[:120], sender_email=said.sender_email.strip(),
        rate=each.rate.rate if each.rate else None, rate_date=each.rate.date if each.rate else None,
        rate_source=each.rate.source if each.rate else "", value=examined.values[each.position], surcharge=each.surcharge,
        surcharge_per_cent=each.method.surcharge_per_cent if each.surcharge else 0,
    )  # fmt: skip


def write_withholdings(report: PaymentReport, examined: Examined) -> None:
    """Rows for the vouchers that are new in this revision; those that they replace hold no longer."""
    kept = [each.kept.pk for each in examined.withholdings if each.kept is not None]
    if report.revision > 1:
        Withholding.objects.filter(report=report, until_revision__isnull=True).exclude(pk__in=kept).update(
            until_revision=report.revision
        )
    fresh = [each for each in examined.withholdings if each.kept is None]
    if fresh:
        Withholding.objects.bulk_create(
            Withholding(
                merchant=report.merchant, report=report, position=each.position, since_revision=report.revision, kind=each.kind,
                number=each.content.number.strip(), reference=each.reference, issued_on=each.content.issued_on,
                amount=each.content.amount, currency=report.currency,
            )
            for each in fresh
        )  # fmt: skip


def write_allocations(report: PaymentReport, examined: Examined) -> None:
    """One row an order, also with nothing: it is covered by the report. Rows that say the same stay."""
    rows = Allocation.objects.filter(report=report, until_revision__isnull=True) if report.revision > 1 else ()
    present = {each.order_id: each for each in rows}
    changed = [each.pk for order_id, each in present.items() if examined.allocations.get(order_id) != each.amount]
    if changed:
        Allocation.objects.filter(pk__in=changed).update(until_revision=report.revision)
    Allocation.objects.bulk_create(
        Allocation(merchant=report.merchant, report=report, order_id=order_id, since_revision=report.revision, amount=amount)
        for order_id, amount in examined.allocations.items()
        if order_id not in present or present[order_id].amount != amount
    )


def write_receipts(report: PaymentReport, customer: Customer, content: ReportContent) -> None:
    """Rows for files that are new to the report; those left out hold no longer, and stay readable in the older revision."""
    present: dict[uuid.UUID, Receipt] = {}
    if report.revision > 1:
        rows = Receipt.objects.filter(report=report, until_revision__isnull=True).select_related("file")
        present = {each.file.key: each for each in rows}
        gone = [each.pk for key, each in present.items() if key not in content.file_keys]
        Receipt.objects.filter(pk__in=gone).update(until_revision=report.revision)
    files = files_of(customer, (key for key in content.file_keys if key not in present))
    placed = [
        *((place, each.file_keys) for place, each in enumerate(content.transfers, start=1)),
        *((VOUCHER_FILES + place, voucher.file_keys) for place, voucher in enumerate(content.withholdings, start=1)),
    ]
    Receipt.objects.bulk_create(
        Receipt(merchant=report.merchant, report=report, file=files[key], position=position, since_revision=report.revision)
        for position, keys in placed
        for key in keys
        if key in files
    )


def write_wish(report: PaymentReport, content: ReportContent, examined: Examined) -> None:
    """Use up the shipping line; a wish that changed releases its line first. What has left the house is no wish any more."""
    wishes = ShippingWish.objects.filter(report=report, released_at__isnull=True)
    live = wishes.first() if report.revision > 1 else None
    if live is not None and wishes.filter(shipment__state__in=GONE).exists():
        return
    wish, line = content.shipping, examined.shipping_line
    if wish is not None and line is not None:
        row = ShippingWish(
            merchant=report.merchant, report=report, order_line=line, address=wish.address.strip(), state=wish.state.strip()[:60],
            city=wish.city.strip()[:60], reference_point=wish.reference_point.strip()[:200], phone=wish.phone.strip()[:30],
        )  # fmt: skip
        told = ("order_line_id", "address", "state", "city", "reference_point", "phone")
        if live is not None and all(getattr(live, name) == getattr(row, name) for name in told):
            return
        release_wish(report)
        row.save(force_insert=True)
        request_shipment(row)
    elif live is not None:
        release_wish(report)


def release_wish(report: PaymentReport) -> None:
    """Give the shipping line back: the report will not use it. Once the paper has left, the line is used."""
    wishes = ShippingWish.objects.filter(report=report, released_at__isnull=True)
    wishes.exclude(shipment__state__in=GONE).update(released_at=timezone.now())


def broken_rule(error: IntegrityError) -> str:
    """Name of the constraint that refused a row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", "") or "")


def refusal_of(error: IntegrityError) -> Refused | None:
    """The sentence for a row that somebody else's row refused in a race; None when it is no such race."""
    rule = broken_rule(error)
    if rule == "shippingwish_line_once":
        return Refused(
            _("Another report has just used this shipping of the paper invoice. You can add another one here."),
            code="shipping_used", fields=("wants_paper",),
        )  # fmt: skip
    if rule.startswith("reports_receipt_file_id"):
        return Refused(
            _("This file belongs to a report that was sent already. Choose the file again."),
            code="file_used", fields=("t-0-receipt",),
        )  # fmt: skip
    return None
