"""All rules about a report in one place: the form asks them for its sentences, the services ask again under locks.

A report is never refused because its amount differs from the debt: the money has moved already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Customer, Merchant
from banking.forms import amount_sentence
from banking.money import AMOUNT_LIMIT, minor_units, quantize
from orders.dates import written
from orders.models import Order
from reports.cautions import add_warnings
from reports.content import ReportContent
from reports.examined import Correction, Due, Examined
from reports.findings import Findings
from reports.models import Transfer
from reports.offer import Offer
from reports.receipts import check_files
from reports.shipping import check_shipping
from reports.transfer_rules import ResolvedTransfer, resolve_transfer, shown
from reports.valuation import Paid, allocate, value_transfers
from reports.view import transfer_content
from reports.withholding_rules import check_withholdings

MOST_TRANSFERS = 10


def examine(
    *, customer: Customer, content: ReportContent, offer: Offer, correction: Correction | None = None, warn: bool = True
) -> Examined:
    """Check `content` and compute values and allocations. Finds all problems at once; raises nothing.

    `warn=False` leaves out warnings, and the queries that they cost, for who only writes.
    """
    merchant, findings = offer.merchant, Findings()
    dues = _dues(customer, content, findings, correction)
    line, planned = check_shipping(customer, content, merchant, findings, correction)
    if planned is not None:
        dues.append(planned)
        dues.sort(key=lambda due: (due.due_on, due.order_id or float("inf")))
    currency = _currency(merchant, dues, findings, correction)
    transfers, kept = _transfers(content, offer, currency, findings, correction)
    vouchers = check_withholdings(
        customer, content.withholdings, offer, correction.withholdings if correction else (), findings, currency=currency,
        total_due=sum((due.amount_due for due in dues), Decimal(0)), report_id=correction.report_id if correction else None,
    )  # fmt: skip
    withheld = sum((each.content.amount for each in vouchers), Decimal(0))
    values = _values(transfers, kept, dues, withheld, currency, findings)
    allocations = _allocations(content, dues, values, withheld, currency, findings)
    check_files(customer, content, findings, correction.report_id if correction else None)
    _check_payer(content, findings)
    examined = Examined(
        currency=currency, dues=dues, transfers=transfers, values=values, withholdings=vouchers, allocations=allocations,
        shipping_line=line,
        adds_shipping=planned is not None, problems=findings.problems, warnings=findings.warnings,
    )  # fmt: skip
    if warn:
        add_warnings(customer, content, examined, findings, correction)
    return examined


def _dues(customer: Customer, content: ReportContent, findings: Findings, correction: Correction | None) -> list[Due]:
    """The ticked orders, oldest due first. Another customer's order and one that never was are the same: unknown."""
    wanted = set(content.orders)
    orders = list(
        Order.objects.with_balance()
        .filter(merchant=customer.merchant_id, customer=customer, pk__in=wanted)
        .order_by("due_on", "pk")
    )
    if len(orders) != len(wanted):
        findings.problem("order_unknown", "orders", _("One of the orders does not exist. Choose them again from the list."))
    kept = correction.kept_orders if correction else frozenset()
    for order in orders:
        if not order.is_open and order.pk not in kept:
            _closed_problem(order, findings)
        seen = (content.seen_dues or {}).get(order.pk)
        if order.is_open and seen is not None and seen != order.amount_due:
            findings.problem(
                "order_changed", "orders",
                _("Order %(number)s owes %(due)s now; it changed while you were filling this in. Check the amounts again.")
                % {"number": order.number, "due": shown(order.amount_due, order.currency)},
            )  # fmt: skip
    return [
        Due(order_id=order.pk, number=order.number, description=order.description, due_on=order.due_on,
            amount_due=order.amount_due, order=order)
        for order in orders
    ]  # fmt: skip


def _closed_problem(order: Order, findings: Findings) -> None:
    if order.voided_at:
        message = _("Order %(number)s was voided: it is owed no more. Untick it.") % {"number": order.number}
        findings.problem("order_void", "orders", message)
    elif order.paid_on:
        message = _("Order %(number)s is paid already, since %(date)s. Untick it.") % {
            "number": order.number, "date": written(order.paid_on),
        }  # fmt: skip
        findings.problem("order_paid", "orders", message)
    else:
        findings.problem("order_paid", "orders", _("Order %(number)s is paid already. Untick it.") % {"number": order.number})


def _currency(merchant: Merchant, dues: list[Due], findings: Findings, correction: Correction | None) -> str:
    """The one currency of the ticked orders; for a correction that of the report, which stays."""
    found = list(dict.fromkeys(due.order.currency if due.order else merchant.currency for due in dues))
    if len(found) > 1:
        findings.problem(
            "mixed_currency", "orders",
            _("The orders are in several currencies (%(currencies)s). Send one report for each.")
            % {"currencies": ", ".join(found)},
        )  # fmt: skip
    if correction is not None:
        if found and found[0] != correction.currency:
            findings.problem(
                "mixed_currency", "orders",
                _("This report is in %(currency)s. Orders in another currency need a report of their own.")
                % {"currency": correction.currency},
            )  # fmt: skip
        return correction.currency
    return found[0] if found else merchant.currency


def _transfers(
    content: ReportContent, offer: Offer, currency: str, findings: Findings, correction: Correction | None
) -> tuple[list[ResolvedTransfer], dict[int, Transfer]]:
    """Transfers that were checked, and rows that stay because nothing about them changed."""
    if not content.transfers:
        findings.problem("no_transfers", "t-0-amount", _("Write what you paid."))
    if len(content.transfers) > MOST_TRANSFERS:
        findings.problem(
            "too_many_transfers", "t-0-amount",
            _("At most %(most)d transfers fit in one report. Send another one for the rest.") % {"most": MOST_TRANSFERS},
        )  # fmt: skip
    kept: dict[int, Transfer] = {}
    resolved: list[ResolvedTransfer] = []
    rows = correction.transfers if correction else {}
    for position, transfer in enumerate(content.transfers[:MOST_TRANSFERS], start=1):
        row = rows.get(position)
        if row is not None and transfer_content(row, []).same_data(transfer):
            kept[position] = row
            continue
        found = resolve_transfer(position, transfer, offer, currency, findings)
        if found is not None:
            resolved.append(found)
    _warn_twins(resolved, findings)
    return resolved, kept


def _warn_twins(transfers: Iterable[ResolvedTransfer], findings: Findings) -> None:
    seen: set[tuple[int, str, Decimal]] = set()
    for each in transfers:
        mark = (each.account.pk, each.reference, each.content.amount)
        if each.reference and mark in seen:
            findings.warn(
                "twin_transfers", f"t-{each.position - 1}-reference",
                _("Two transfers of this report have the same account, number and amount. Is it one and the same?"),
            )  # fmt: skip
        seen.add(mark)


def _values(
    transfers: list[ResolvedTransfer],
    kept: dict[int, Transfer],
    dues: list[Due],
    withheld: Decimal,
    currency: str,
    findings: Findings,
) -> dict[int, Decimal]:
    """Position → worth without surcharge. What did not change keeps the worth that was stored with it."""
    values = {position: row.value for position, row in kept.items()}
    kept_value = sum(values.values(), withheld)
    left: list[Decimal] = []
    for due in dues:
        taken = min(kept_value, due.amount_due)
        kept_value -= taken
        if due.amount_due - taken > 0:
            left.append(due.amount_due - taken)
    sound = [each for each in transfers if 0 < each.content.amount < AMOUNT_LIMIT]
    paid = [
        Paid(amount=each.content.amount - each.surcharge, currency=each.currency, rate=each.rate.rate if each.rate else None)
        for each in sound
    ]
    for each, value in zip(sound, value_transfers(paid, left, currency), strict=True):
        values[each.position] = value
        name = f"t-{each.position - 1}-amount"
        if value <= 0:
            findings.problem("amount_worthless", name, _("This amount is worth less than the smallest coin of the orders."))
        elif value >= AMOUNT_LIMIT:
            findings.problem("amount_too_large", name, _("This amount is too large. Check the figures."))
    return values


def _check_payer(content: ReportContent, findings: Findings) -> None:
    if content.payer_tax_id and not content.payer_name:
        findings.problem("payer_name_required", "payer_name", _("Write the name of the person or company that paid."))


def _allocations(
    content: ReportContent,
    dues: list[Due],
    values: Mapping[int, Decimal],
    withheld: Decimal,
    currency: str,
    findings: Findings,
) -> dict[int, Decimal]:
    value = sum(values.values(), withheld)
    typed = {due.order_id: amount for due in dues if (amount := (content.allocations or {}).get(due.order_id)) is not None}
    problems = len(findings.problems)
    for due in dues:
        amount = typed.get(due.order_id)
        if amount is None:
            continue
        name = f"allocation-{due.order_id}"
        if not amount.is_finite() or amount < 0 or (minor_units(currency) < 4 and amount != quantize(amount, currency)):
            findings.problem("allocation_unreadable", name, amount_sentence("unreadable", currency))
        elif amount > due.amount_due:
            findings.problem(
                "allocation_over_due", name,
                _("Order %(number)s owes only %(due)s.") % {"number": due.number, "due": shown(due.amount_due, currency)},
            )  # fmt: skip
    if len(findings.problems) > problems:
        typed = {}
    total = sum(typed.values(), Decimal(0))
    if typed and total > value:
        if len(values) == len(content.transfers):
            findings.problem(
                "allocations_over_value", f"allocation-{next(iter(typed))}",
                _("You gave the orders %(given)s, but your payment is worth %(value)s. Lower the amounts, or leave them blank.")
                % {"given": shown(total, currency), "value": shown(value, currency)},
            )  # fmt: skip
        typed = {}
    return allocate(value, [(due.order_id, due.amount_due) for due in dues], typed)
