"""What the house writes on paper: one function a kind. Facts in, `Paper` out; `rendering` draws.

Words are those of the active language: whoever builds a paper does it under `translation.override(reader's language)`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from banking.money import format_money, format_number
from documents.facts import ZERO, AccountPaper, Bill, Charge, CurrencyPart, FiscalPaper, Party, ReceiptPaper, Received
from documents.paper import Box, Boxes, Brand, Cell, Column, Fact, Note, Paper, Part, Sums, Table, Tone


def bill_paper(bill: Bill) -> Paper:
    """The bill: what is charged, what was paid, what is due and how to pay it."""
    stamp, tone = _standing(bill.state)
    parts: list[Part] = [_charges(bill.charges, bill.currency)]
    rows = list(_sums(bill.subtotal, bill.charges, bill.currency))
    rows.append(_fact(_("Total"), _money(bill.total, bill.currency), is_strong=True))
    if bill.received:
        rows.append(_fact(pgettext("paper", "Paid"), _money(bill.total - bill.due, bill.currency)))
    if bill.due > 0:
        total = _fact(pgettext("paper", "To pay"), _money(bill.due, bill.currency))
    else:
        total = rows.pop() if not bill.received else _fact(pgettext("paper", "To pay"), _money(ZERO, bill.currency))
    parts.append(Sums(rows=tuple(rows), total=total))
    if bill.received:
        parts.append(_received(bill.received, bill.currency))
    if bill.due > 0 and bill.ways:
        boxes = tuple(Box(title=way.title, facts=tuple(_fact(*row) for row in way.rows)) for way in bill.ways)
        parts.append(Boxes(title=_("Where to pay"), boxes=boxes))
        parts.append(Note(text=_("After paying, report the payment in your client area, so that it is found and applied.")))
    facts = [_fact(_("Issued on"), _day(bill.issued_on))]
    if bill.due > 0:
        facts.append(_fact(_("Due on"), _day(bill.due_on), is_strong=True))
    if bill.paid_on:
        facts.append(_fact(_("Paid on"), _day(bill.paid_on)))
    if bill.fiscal_number:
        facts.append(_fact(_("Fiscal invoice"), bill.fiscal_number))
    return _paper(bill.brand, bill.kind, bill.number, bill.buyer, facts, parts, subtitle=bill.description, stamp=stamp, tone=tone)


def fiscal_paper(fiscal: FiscalPaper) -> Paper:
    """The fiscal invoice with its number, or the credit note."""
    facts = [_fact(_("Date"), _day(fiscal.dated_on), is_strong=True), _fact(_("Order"), fiscal.order_number)]
    title, total = _("Fiscal invoice"), _("Total")
    stamp: str = ""
    tone: Tone = ""
    if fiscal.cancels:
        title, total = _("Credit note"), _("Total credited")
        facts.append(_fact(_("Cancels the fiscal invoice"), fiscal.cancels))
        if fiscal.cancels_on:
            facts.append(_fact(pgettext("paper", "of the day"), _day(fiscal.cancels_on)))
    elif fiscal.was_paid:
        stamp, tone = _standing("paid")
    parts: list[Part] = [
        _charges(fiscal.charges, fiscal.currency),
        Sums(
            rows=_sums(fiscal.subtotal, fiscal.charges, fiscal.currency),
            total=_fact(total, _money(fiscal.total, fiscal.currency)),
        ),
    ]
    if fiscal.reason:
        parts.append(Note(text=f"{pgettext('paper', 'Reason')}: {fiscal.reason}"))
    return _paper(
        fiscal.brand, title, fiscal.number, fiscal.buyer, facts, parts, subtitle=fiscal.description, stamp=stamp, tone=tone
    )


def receipt_paper(receipt: ReceiptPaper) -> Paper:
    """What was received and what it paid."""
    applied = sum((each.amount for each in receipt.applied), ZERO)
    sums: tuple[Fact, ...] = ()
    if receipt.credit:
        in_favour = _fact(pgettext("paper", "In your favour"), _money(receipt.credit, receipt.currency))
        sums = (_fact(_("Applied to orders"), _money(applied, receipt.currency)), in_favour)
    columns = (
        Column(title=_("Order"), share=2),
        Column(title=pgettext("paper", "Applied"), is_number=True),
        Column(title=pgettext("paper", "Still owed"), is_number=True),
    )
    rows = tuple(
        (
            Cell(text=each.number, small=each.description, is_strong=True),
            Cell(text=_money(each.amount, receipt.currency)),
            Cell(text=_money(each.left, receipt.currency)),
        )
        for each in receipt.applied
    )
    parts: list[Part] = [_received(receipt.received, receipt.currency)]
    if rows:
        parts.append(Table(title=_("What it paid"), columns=columns, rows=rows))
    parts.append(Sums(rows=sums, total=_fact(_("Total received"), _money(applied + receipt.credit, receipt.currency))))
    if receipt.note:
        parts.append(Note(text=receipt.note))
    facts = [_fact(_("Verified on"), _day(receipt.verified_on), is_strong=True)]
    stamp = pgettext("paper", "Verified")
    return _paper(
        receipt.brand, _("Payment receipt"), receipt.ticket, receipt.payer, facts, parts, stamp=stamp, tone="green",
        party_title=_("Received from"),
    )  # fmt: skip


def account_paper(account: AccountPaper) -> Paper:
    """The statement of account: a table for each currency with the balance after each row."""
    facts = [
        _fact(pgettext("paper", "From"), _day(account.since)),
        _fact(pgettext("paper", "Until"), _day(account.until)),
    ]
    for each in account.parts:
        label = pgettext("paper", "In your favour") if each.closing < 0 else pgettext("paper", "To pay at the end")
        facts.append(_fact(label, _money(abs(each.closing), each.currency), is_strong=True))
    parts: list[Part] = [_movements(each, account) for each in account.parts]
    if not parts:
        parts.append(Note(text=_("Nothing was charged or paid until then.")))
    else:
        parts.append(Note(text=_("A balance below zero is in your favour.")))
    return _paper(account.brand, _("Statement of account"), "", account.customer, facts, parts)


def _movements(part: CurrencyPart, account: AccountPaper) -> Table:
    currency = part.currency
    columns = (
        Column(title=_("Date")), Column(title=pgettext("paper", "What"), share=1), Column(title=_("Charge"), is_number=True),
        Column(title=_("Payment"), is_number=True), Column(title=_("Balance"), is_number=True),
    )  # fmt: skip
    opening = (
        Cell(text=_day(account.since)), Cell(text=_("Balance before")), Cell(text=""), Cell(text=""),
        Cell(text=_number(part.opening, currency)),
    )  # fmt: skip
    rows = [
        (
            Cell(text=_day(row.on) if row.on else ""),
            Cell(text=row.text, small=row.small),
            Cell(text=_number(row.charge, currency) if row.charge else ""),
            Cell(text=_number(row.paid, currency) if row.paid else ""),
            Cell(text=_number(row.balance, currency)),
        )
        for row in part.rows
    ]
    foot = (
        Cell(text=_day(account.until), is_strong=True), Cell(text=_("Balance at the end"), is_strong=True),
        Cell(text=_number(part.charged, currency), is_strong=True), Cell(text=_number(part.paid, currency), is_strong=True),
        Cell(text=_number(part.closing, currency), is_strong=True),
    )  # fmt: skip
    return Table(title=currency, columns=columns, rows=(opening, *rows), foot=foot)


def _charges(charges: Sequence[Charge], currency: str) -> Table:
    columns = (
        Column(title=_("Description"), share=1), Column(title=_("Quantity"), is_number=True),
        Column(title=_("Price"), is_number=True), Column(title=_("Tax"), is_number=True),
        Column(title=_("Subtotal"), is_number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(text=each.description),
            Cell(text=_plain(each.quantity)),
            Cell(text=_number(each.unit_price, currency)),
            Cell(text=f"{each.tax_name} {_percent(each.tax_rate)}".strip() if each.tax_rate else "–"),
            Cell(text=_number(each.subtotal, currency)),
        )
        for each in charges
    )
    return Table(title="", columns=columns, rows=rows)


def _sums(subtotal: Decimal, charges: Sequence[Charge], currency: str) -> tuple[Fact, ...]:
    """The subtotal and each tax, summed by name and rate in the order in which they appear."""
    taxes: dict[tuple[str, Decimal], Decimal] = {}
    for each in charges:
        if each.tax:
            key = (each.tax_name, each.tax_rate)
            taxes[key] = taxes.get(key, ZERO) + each.tax
    rows = [_fact(_("Subtotal"), _money(subtotal, currency))]
    for (name, rate), amount in taxes.items():
        rows.append(_fact(f"{name or _('Tax')} {_percent(rate)}", _money(amount, currency)))
    return tuple(rows)


def _received(received: Sequence[Received], currency: str) -> Table:
    columns = (
        Column(title=_("Date")), Column(title=pgettext("paper", "How"), share=1), Column(title=_("Reference"), share=1),
        Column(title=pgettext("paper", "Paid"), is_number=True), Column(title=pgettext("paper", "Counts"), is_number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(text=_day(each.on), is_struck=each.is_reversed),
            Cell(text=each.how, small=_("reversed") if each.is_reversed else ""),
            Cell(text=each.reference),
            Cell(text=_money(each.paid, each.paid_currency), is_struck=each.is_reversed),
            Cell(text=_money(each.amount, currency), is_struck=each.is_reversed),
        )
        for each in received
    )
    return Table(title=_("Payments received"), columns=columns, rows=rows)


def _paper(
    brand: Brand,
    title: str,
    number: str,
    party: Party,
    facts: Sequence[Fact],
    parts: Sequence[Part],
    *,
    subtitle: str = "",
    stamp: str = "",
    tone: Tone = "",
    party_title: str = "",
) -> Paper:
    lines = [party.name, party.tax_id, *party.address.splitlines()]
    if party.number:
        lines.append(_("Customer %(number)s") % {"number": party.number})
    return Paper(
        brand=brand, language=(get_language() or "es")[:2], title=title, number=number, subtitle=subtitle, stamp=stamp, tone=tone,
        party_title=party_title or _("Customer"), party=tuple(filter(str.strip, lines)) or ("—",), facts=tuple(facts),
        parts=tuple(parts), page_words=(pgettext("paper", "Page"), pgettext("page 1 … 3", "of")),
    )  # fmt: skip


def _standing(state: str) -> tuple[str, Tone]:
    """A word and a colour for the state of an order; what is not paid needs no stamp but the sum."""
    if state == "paid":
        return pgettext("paper stamp", "Paid"), "green"
    if state == "void":
        return pgettext("paper stamp", "Void"), "grey"
    if state == "overdue":
        return pgettext("paper stamp", "Overdue"), "red"
    return "", ""


def _fact(label: str, text: str, *, is_strong: bool = False) -> Fact:
    return Fact(label=label, text=text, is_strong=is_strong)


def _language() -> str:
    return get_language() or "es"


def _money(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency, _language())


def _number(amount: Decimal, currency: str) -> str:
    return format_number(amount, currency, _language())


def _plain(quantity: Decimal) -> str:
    text = f"{quantity.normalize():f}"
    return text.replace(".", ",") if _language().startswith("es") else text


def _percent(rate: Decimal) -> str:
    return f"{_plain(rate * 100)}\u00a0%"


def _day(day: dt.date) -> str:
    """`24 nov 2026`: a date that nobody can misread."""
    month = date_format(day, "M")
    return f"{day.day}\u00a0{month.lower() if _language().startswith('es') else month}\u00a0{day.year}"
