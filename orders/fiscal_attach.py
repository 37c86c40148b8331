"""Fiscal documents that another system numbered: its number, PDF and XML are attached to the order."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.setup_models import FiscalPolicy
from files.storage import drop
from orders.dates import today_at
from orders.fiscal import lock_invoice, tell_customers
from orders.fiscal_files import CheckedFile, check_file, keep_file
from orders.models import FiscalDocument, FiscalFile, FiscalKind, Order, OrderBalance
from orders.papers import party_of

COLUMNS = ("order_number", "fiscal_number", "dated_on")
MOST_ROWS = 2000
MOST_BYTES = 2 * 1024 * 1024


def attach_fiscal_document(
    *,
    order_id: int,
    number: str,
    dated_on: dt.date | None = None,
    pdf: UploadedFile[bytes] | None = None,
    xml: UploadedFile[bytes] | None = None,
    cancels_id: int | None = None,
    reason: str = "",
    by: Actor,
) -> FiscalDocument:
    """Attach an invoice of another system to an order; with `cancels_id` the credit note that takes that invoice back.

    The same number again adds the files that are missing and changes nothing else, so that a caller may try again. The customer
    is written to when it is attached first. By accounting. Raises `NotAllowed`, `Http404`, `Refused`: `not_external`,
    `number_required`, `number_invalid`, `number_taken`, `has_invoice`, `has_file`, `date_in_future`, `order_void`,
    `reason_required`, those of `orders.fiscal_files`, and `Stale` (`credited`).
    """
    by.require(by.can_void_orders)
    number, dated_on = " ".join(number.split()), dated_on or today_at(by.merchant)
    _refuse_bad(number, dated_on, by)
    checked = [check_file(kind, upload) for kind, upload in (("pdf", pdf), ("xml", xml)) if upload is not None]
    kept: list[FiscalFile] = []
    try:
        with transaction.atomic():
            document, is_new = _document(order_id, number, dated_on, cancels_id, " ".join(reason.split())[:200], by)
            _add_files(document, checked, kept, by)
            if is_new:
                tell_customers(merchant=by.merchant, document_ids=[document.pk])
    except BaseException:
        for each in kept:
            drop(each.place)
        raise
    return document


def _refuse_bad(number: str, dated_on: dt.date, by: Actor) -> None:
    if by.merchant.fiscal_policy != FiscalPolicy.EXTERNAL:
        raise Refused(_("Fiscal numbers are drawn here: nothing is attached from another system."), code="not_external")
    if not number:
        raise Refused(_("Write the number of the document."), code="number_required", fields=("number",))
    if len(number) > 40 or not number.isprintable():
        raise Refused(_("The number has more than 40 signs."), code="number_invalid", fields=("number",))
    if dated_on > today_at(by.merchant):
        raise Refused(_("The date lies in the future."), code="date_in_future", fields=("dated_on",))


def _document(
    order_id: int, number: str, dated_on: dt.date, cancels_id: int | None, reason: str, by: Actor
) -> tuple[FiscalDocument, bool]:
    """The document, and whether it is new. Locks the order's balance."""
    if not OrderBalance.objects.select_for_update(no_key=True).filter(merchant=by.merchant, order_id=order_id).exists():
        raise Http404
    order = Order.objects.select_related("customer").get(pk=order_id)
    kind = FiscalKind.CREDIT_NOTE if cancels_id is not None else FiscalKind.INVOICE
    known = FiscalDocument.objects.filter(merchant=by.merchant, kind=kind, number=number).first()
    if known is not None:
        if known.order_id != order_id or (cancels_id is not None and known.cancels_id != cancels_id):
            raise Refused(
                _("The number %(number)s is another order's.") % {"number": number}, code="number_taken", fields=("number",)
            )
        return known, False
    cancels = None
    if cancels_id is not None:
        cancels = lock_invoice(cancels_id, by)
        if cancels.order_id != order_id:
            raise Http404
        if not reason:
            raise Refused(_("Write why the fiscal invoice is taken back."), code="reason_required", fields=("reason",))
    elif order.voided_at:
        raise Refused(_("Order %(number)s is void.") % {"number": order.number}, code="order_void")
    elif order.fiscal_documents.filter(kind=FiscalKind.INVOICE, credit_note__isnull=True).exists():
        raise Refused(
            _("The order has a fiscal invoice already. A credit note must take it back first."),
            code="has_invoice", fields=("number",),
        )  # fmt: skip
    buyer, merchant = party_of(order.customer), by.merchant
    try:
        with transaction.atomic():
            made = FiscalDocument.objects.create(
                merchant=merchant, order=order, kind=kind, origin=FiscalDocument.Origin.EXTERNAL, number=number,
                dated_on=dated_on, cancels=cancels, reason=reason if cancels else "",
                seller_name=merchant.legal_name or merchant.name, seller_tax_id=merchant.tax_id,
                buyer_name=buyer.name, buyer_tax_id=buyer.tax_id, buyer_address=buyer.address, by=by.user,
            )  # fmt: skip
    except IntegrityError as error:
        if "fiscaldocument_number_unique" not in str(error):
            raise
        raise _taken(number) from error
    return made, True


def _taken(number: str) -> Refused:
    said = _("The number %(number)s is another order's.") % {"number": number}
    return Refused(said, code="number_taken", fields=("number",))


def _add_files(document: FiscalDocument, checked: list[CheckedFile], kept: list[FiscalFile], by: Actor) -> None:
    """Keep files of kinds that the document lacks; the very same file again is left alone."""
    have = {each.kind: each for each in document.files.all()}
    for each in checked:
        row = keep_file(by.merchant.pk, today_at(by.merchant), each)
        kept.append(row)
        known = have.get(each.kind)
        if known is None:
            row.document, row.by = document, by.user
            row.save()
            continue
        drop(row.place)
        if known.sha256 != row.sha256:
            raise Refused(
                _("%(number)s has another %(kind)s file already.") % {"number": document.number, "kind": each.kind.upper()},
                code="has_file", fields=(each.kind,),
            )  # fmt: skip


# --- Many numbers in a file --------------------------------------------------------------------


@dataclass(kw_only=True)
class NumbersOutcome:
    """What a file came to: documents that are new and known, and errors as (line, sentence). With any nothing is written."""

    new: int = 0
    known: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)


def import_fiscal_numbers(*, content: bytes, by: Actor) -> NumbersOutcome:
    """Attach numbers from a CSV file with the columns `order_number, fiscal_number, dated_on` (2026-11-24). All or nothing.

    By accounting. Raises `NotAllowed`, `Refused` (`file_unreadable`, `not_external`).
    """
    by.require(by.can_decide)
    rows = _read(content)
    outcome = NumbersOutcome()
    numbers = {row[1]["order_number"] for row in rows}
    orders = dict(Order.objects.filter(merchant=by.merchant, number__in=numbers).values_list("number", "pk"))
    known = set(FiscalDocument.objects.filter(merchant=by.merchant, kind=FiscalKind.INVOICE).values_list("number", flat=True))
    with transaction.atomic():
        for line, row in rows:
            order_id = orders.get(row["order_number"])
            if order_id is None:
                outcome.errors.append((line, _("There is no order %(number)s.") % {"number": row["order_number"] or "–"}))
                continue
            try:
                day = dt.date.fromisoformat(row["dated_on"]) if row["dated_on"] else None
                with transaction.atomic():
                    attach_fiscal_document(order_id=order_id, number=row["fiscal_number"], dated_on=day, by=by)
            except ValueError:
                outcome.errors.append((line, _("Write the date as year-month-day, for example 2026-11-24.")))
            except Refused as refused:
                if refused.code == "not_external":
                    raise
                outcome.errors.append((line, refused.message))
            else:
                outcome.known += row["fiscal_number"] in known
                outcome.new += row["fiscal_number"] not in known
        if outcome.errors:
            transaction.set_rollback(True)
    return outcome


def _read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Rows with their lines. UTF-8 or Windows' Western letters; comma or semicolon."""
    unreadable = Refused(
        _("This is no CSV file with the columns order_number, fiscal_number and dated_on."),
        code="file_unreadable", fields=("file",),
    )  # fmt: skip
    if len(content) > MOST_BYTES or b"\x00" in content:
        raise unreadable
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
        names = [name.strip().lower() for name in next(reader, [])]
        if not {"order_number", "fiscal_number"} <= set(names):
            raise unreadable
        read = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error:
        raise unreadable from None
    if not read or len(read) > MOST_ROWS:
        raise unreadable
    rows = [(line, dict(zip(names, cells, strict=False))) for line, cells in read]
    return [(line, {name: row.get(name, "") for name in COLUMNS}) for line, row in rows]
