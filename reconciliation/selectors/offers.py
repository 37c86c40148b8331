"""Offered deposits: whom to ask about one, what a customer is asked, and where the questions stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Customer
from accounts.selectors import customers_for
from orders.dates import today_at
from reconciliation.models import DepositOffer, StatementLine

MOST_PROBABLE = 8
MOST_FOUND = 10
LIVE = (DepositOffer.State.OFFERED, DepositOffer.State.CLAIMED)
# The least likeness of two names that is worth showing, by trigrams.
ALIKE = 0.45
# How much each reason says, only to put the customers in order; a person chooses.
WEIGHTS = {"tax_id": 8, "paid_before": 6, "all_orders": 4, "one_order": 3, "name": 2}

PROBABLE = """
WITH paid AS (
    SELECT DISTINCT e.customer_id
      FROM reconciliation_statementline l
      JOIN reconciliation_ledgerentry e ON e.source_line_id = l.id
     WHERE %(payer)s <> '' AND l.merchant_id = %(merchant)s AND l.payer_id = %(payer)s AND l.id <> %(line)s
       AND l.account_id IN (SELECT id FROM banking_receivingaccount WHERE merchant_id = %(merchant)s)
       AND e.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM reconciliation_ledgerentry x WHERE x.reverses_id = e.id)
), owed AS (
    SELECT o.customer_id, o.id, o.total - b.paid AS due
      FROM orders_order o JOIN orders_orderbalance b ON b.order_id = o.id
     WHERE o.merchant_id = %(merchant)s AND o.currency = %(currency)s AND o.voided_at IS NULL AND b.paid < o.total
), sums AS (
    SELECT customer_id, sum(due) AS due, count(*) AS orders, bool_or(due = %(amount)s) AS has_one FROM owed GROUP BY customer_id
), plain AS (
    SELECT c.id,
           %(payer)s <> '' AND regexp_replace(upper(c.tax_id), '[^A-Z0-9]', '', 'g') = %(plain_payer)s AS tax_id,
           c.id IN (SELECT customer_id FROM paid) AS paid_before,
           COALESCE(s.due = %(amount)s AND s.orders > 1, false) AS all_orders,
           COALESCE(s.has_one, false) AS one_order,
           %(name)s <> '' AND similarity(unaccent(lower(c.name)), unaccent(lower(%(name)s))) >= %(alike)s AS name
      FROM accounts_customer c LEFT JOIN sums s ON s.customer_id = c.id
     WHERE c.merchant_id = %(merchant)s AND c.is_active
)
SELECT id, tax_id, paid_before, all_orders, one_order, name FROM plain
 WHERE tax_id OR paid_before OR all_orders OR one_order OR name
 ORDER BY tax_id::int * 8 + paid_before::int * 6 + all_orders::int * 4 + one_order::int * 3 + name::int * 2 DESC, id
 LIMIT %(most)s
"""


@dataclass(frozen=True, kw_only=True)
class Probable:
    """A customer to whom a deposit may belong, and why. `refusal` says why they cannot be asked, when they cannot."""

    customer: Customer
    reasons: Sequence[str] = ()
    refusal: str = ""


def probable_customers(actor: Actor, line: StatementLine) -> list[Probable]:
    """Customers that may have sent a deposit, the most likely first. They are shown, never chosen. Staff only; three queries."""
    _require_staff(actor)
    payer = line.payer_id.strip()
    asked: dict[str, Any] = {
        "merchant": actor.merchant.pk, "line": line.pk, "currency": line.currency, "amount": line.amount, "payer": payer,
        "plain_payer": "".join(each for each in payer.upper() if each.isascii() and each.isalnum()),
        "name": line.payer_name.strip(), "alike": ALIKE, "most": MOST_PROBABLE,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PROBABLE, asked)
        rows = cursor.fetchall()
    said = _reasons()
    why = {row[0]: [said[kind] for kind, holds in zip(WEIGHTS_ORDER, row[1:], strict=True) if holds] for row in rows}
    customers = Customer.objects.in_bulk(list(why))
    return _told(line, [(customers[pk], reasons) for pk, reasons in why.items()])


def customers_found(actor: Actor, line: StatementLine, text: str) -> list[Probable]:
    """Customers found by words, for who knows better. Staff only; two queries."""
    _require_staff(actor)
    found = customers_for(actor, text.replace("\x00", " ")[:100]).filter(is_active=True)[:MOST_FOUND]
    return _told(line, [(customer, []) for customer in found])


def _told(line: StatementLine, found: Sequence[tuple[Customer, Sequence[str]]]) -> list[Probable]:
    denied = set(
        DepositOffer.objects.filter(
            line=line, state=DepositOffer.State.DENIED, customer__in=[customer.pk for customer, _why in found]
        ).values_list("customer_id", flat=True)
    )
    return [
        Probable(
            customer=customer, reasons=why, refusal=_("Said that this deposit is not theirs.") if customer.pk in denied else ""
        )
        for customer, why in found
    ]  # fmt: skip


WEIGHTS_ORDER = tuple(WEIGHTS)


def _reasons() -> dict[str, str]:
    return {
        "tax_id": _("The payer's document is this customer's"),
        "paid_before": _("The same payer paid for this customer before"),
        "all_orders": _("It is exactly what all their open orders add up to"),
        "one_order": _("It is exactly what one of their open orders is"),
        "name": _("The payer's name is like this customer's"),
    }


# --- For the customer ------------------------------------------------------------------------


def open_offers_for(actor: Actor) -> list[DepositOffer]:
    """What a contact who may report is asked now, and the yes that is not reported yet; oldest first. One query."""
    contact = actor.contact
    if contact is None or not contact.can_report:
        return []
    found = DepositOffer.objects.filter(
        merchant=actor.merchant, customer=contact.customer_id, state__in=LIVE, report__isnull=True,
        expires_on__gte=today_at(actor.merchant),
    )  # fmt: skip
    return list(found.select_related("account__bank").order_by("pk"))


def offer_for(actor: Actor, pk: int) -> DepositOffer:
    """One offer to the contact's own customer. `Http404` for anybody else's: nobody learns that there is one."""
    contact = actor.contact
    if contact is None or not contact.can_report:
        raise NotAllowed
    found = DepositOffer.objects.filter(merchant=actor.merchant, customer=contact.customer_id, pk=pk)
    offer = found.select_related("account__bank", "report__ticket", "merchant").first()
    if offer is None:
        raise Http404
    return offer


# --- For the desk ----------------------------------------------------------------------------


def offers_for(actor: Actor, state: str = "") -> QuerySet[DepositOffer]:
    """All offers of the merchant, newest first; `state` narrows. Staff only."""
    _require_staff(actor)
    found = DepositOffer.objects.filter(merchant=actor.merchant).select_related(
        "customer", "account__bank", "offered_by", "ended_by", "report__ticket"
    )
    return (found.filter(state=state) if state else found).order_by("-pk")


def offers_of_line(actor: Actor, line: StatementLine) -> list[DepositOffer]:
    """Whom a movement was offered to, newest first. Staff only."""
    return list(offers_for(actor).filter(line=line))


def live_offers(merchant_id: int, line_ids: Iterable[int]) -> dict[int, DepositOffer]:
    """Line → its live offer, with the customer. One query."""
    found = DepositOffer.objects.filter(merchant=merchant_id, line__in=list(line_ids), state__in=LIVE).select_related("customer")
    return {offer.line_id or 0: offer for offer in found}


def _require_staff(actor: Actor) -> Any:
    if not actor.is_staff:
        raise NotAllowed
