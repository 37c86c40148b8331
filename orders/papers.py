"""Papers of orders: bills, fiscal invoices and credit notes. Rows in, the facts of `documents` out, and files for letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Customer, Merchant
from accounts.selectors import recipients_of
from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from documents.facts import Bill, Charge, FiscalPaper, Party, Received, Way
from documents.kinds import bill_paper, fiscal_paper
from documents.paper import brand_of
from documents.rendering import draw
from letters.attachments import Attached
from letters.services import queue_letter
from orders.dates import today_at
from orders.fiscal_files import CONTENT_TYPES, read_file
from orders.models import FiscalDocument, Order, OrderLine

PDF = "application/pdf"
NEWS_FOR = dt.timedelta(days=7)


def draw_bill(order: Order, *, received: Sequence[Received] = ()) -> bytes:
    """The bill of an order as PDF, in the active language; `received` are the payments, which a higher room knows."""
    return draw(bill_paper(bill_of(order, received=received)))


def bill_of(order: Order, *, received: Sequence[Received] = ()) -> Bill:
    """The facts of a bill. Needs the order with balance, customer and lines."""
    merchant = order.merchant
    is_open = order.is_open
    fiscal = order.fiscal_documents.filter(kind="invoice", credit_note__isnull=True).order_by("pk").last()
    return Bill(
        brand=brand_of(merchant),
        kind=str(order.get_kind_display()),
        number=order.number,
        description=order.description,
        state=order.display_state(today_at(merchant)),
        buyer=party_of(order.customer),
        issued_on=order.issued_on,
        due_on=order.due_on,
        paid_on=order.paid_on,
        currency=order.currency,
        charges=_charges(order),
        subtotal=order.subtotal,
        total=order.total,
        due=order.amount_due,
        fiscal_number=fiscal.number if fiscal else "",
        received=tuple(received),
        ways=tuple(_way(account) for account in accounts_of(merchant)) if is_open else (),
    )


def party_of(customer: Customer) -> Party:
    """The customer as they stand today."""
    place = ", ".join(filter(None, (customer.city, customer.state)))
    address = "\n".join(filter(None, (customer.address, place)))
    return Party(name=customer.name, tax_id=customer.tax_id, address=address, number=customer.number)


def draw_fiscal(document: FiscalDocument) -> bytes:
    """A fiscal invoice or credit note of ours as PDF, in the active language, with the names of its day."""
    order, cancels = document.order, document.cancels
    brand = brand_of(document.merchant)
    facts = FiscalPaper(
        brand=type(brand)(**{**vars(brand), "legal_name": document.seller_name, "tax_id": document.seller_tax_id}),
        number=document.number,
        dated_on=document.dated_on,
        order_number=order.number,
        description=order.description,
        buyer=Party(name=document.buyer_name, tax_id=document.buyer_tax_id, address=document.buyer_address),
        currency=order.currency,
        charges=_charges(order),
        subtotal=order.subtotal,
        total=order.total,
        was_paid=document.origin == FiscalDocument.Origin.PAID,
        cancels=cancels.number if cancels else "",
        cancels_on=cancels.dated_on if cancels else None,
        reason=document.reason,
    )
    return draw(fiscal_paper(facts))


def files_of(document: FiscalDocument, kind: str = "") -> list[Attached]:
    """What there is of a document: ours drawn as PDF, another system's as it came. `kind` (pdf, xml) asks for one.

    Raises what the storage raises.
    """
    if not document.is_external:
        return [Attached(name=f"{document.number}.pdf", content=draw_fiscal(document), content_type=PDF)] if kind != "xml" else []
    files = document.files.filter(kind=kind) if kind else document.files.order_by("kind")
    return [
        Attached(name=f"{document.number}.{each.kind}", content=read_file(each), content_type=CONTENT_TYPES[each.kind])
        for each in files
    ]


def attach_bill(merchant: Merchant, order_id: int, language: str) -> list[Attached]:
    """For letters: the bill as it stands when the letter leaves."""
    orders = Order.objects.with_balance().select_related("merchant", "customer").prefetch_related("lines")
    order = orders.filter(merchant=merchant, pk=order_id).first()
    if order is None:
        return []
    with translation.override(language):
        return [Attached(name=f"{order.number}.pdf", content=draw_bill(order), content_type=PDF)]


def attach_fiscal(merchant: Merchant, document_id: int, language: str) -> list[Attached]:
    """For letters: a fiscal invoice or credit note with its files."""
    document = (
        FiscalDocument.objects.filter(merchant=merchant, pk=document_id).select_related("merchant", "cancels", "order").first()
    )
    if document is None:
        return []
    with translation.override(language):
        return files_of(document)


def mail_bill(*, order: Order, by: Actor) -> None:
    """Write the bill to the customer, in the caller's transaction, where the house mails its bills.

    A bill of the past is no news: whoever brings old orders into the house writes to nobody.
    """
    if not by.merchant.mails_bills or order.issued_on < today_at(by.merchant) - NEWS_FOR:
        return
    queue_letter(
        merchant=by.merchant,
        kind="order_issued",
        about=f"order:{order.pk}",
        occasion="issued",
        recipients=recipients_of(order.customer, about="orders"),
        context={
            "number": order.number,
            "subject": order.description,
            "amount": str(order.total),
            "currency": order.currency,
            "due_on": order.due_on.isoformat(),
            "papers": [["bill", order.pk]],
        },
        customer=order.customer,
    )


def _charges(order: Order) -> tuple[Charge, ...]:
    lines: list[OrderLine] = list(order.lines.all())
    return tuple(
        Charge(
            description=line.description, quantity=line.quantity, unit_price=line.unit_price, subtotal=line.subtotal,
            tax_name=line.tax_name, tax_rate=line.tax_rate, tax=line.tax,
        )
        for line in lines
    )  # fmt: skip


def _way(account: ReceivingAccount) -> Way:
    number = account.number
    if number.isdigit() and len(number) >= 10:
        number = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    # The number of a cash desk is our own, and nothing to type.
    is_bank = account.kind != ReceivingAccount.Kind.CASH
    rows = (
        *(((_("Account"), number), (_("Holder"), account.holder), (_("Tax number"), account.holder_tax_id)) if is_bank else ()),
        (_("Telephone"), account.phone), (_("E-mail"), account.email if account.email != account.number else ""),
    )  # fmt: skip
    title = " · ".join((account.title, str(account.get_kind_display()), account.currency))
    return Way(title=title, rows=tuple((label, text) for label, text in rows if text))
