"""Numbers of fiscal invoices and credit notes: drawn without gaps, in the transaction of what asks for them.

The counter is one row a merchant and kind, locked after everything else: two settlements wait for each other there, and a
number whose transaction is rolled back is given to the next. Whoever draws holds the balance rows of the orders, so that no
order gets two invoices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.keys import as_array
from accounts.models import Merchant
from accounts.selectors import recipients_of_many
from accounts.setup_models import FiscalPolicy
from letters.services import queue_letters_to_customers
from orders.dates import today_at
from orders.models import FiscalDocument, FiscalKind, FiscalSeries, Order, OrderBalance
from webhooks.kinds import Kind
from webhooks.services import News, announce_many

PREFIXES = {FiscalKind.INVOICE: "", FiscalKind.CREDIT_NOTE: "NC-"}
DIGITS = 8

# Orders that have no invoice that stands, where the house draws numbers at this moment of an order's life.
LACKING = """
SELECT o.id FROM orders_order o JOIN accounts_merchant m ON m.id = o.merchant_id
 WHERE o.id = ANY (%(orders)s::bigint[]) AND o.merchant_id = %(merchant)s AND m.fiscal_policy = %(policy)s
   AND o.voided_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM orders_fiscaldocument d WHERE d.order_id = o.id AND d.kind = 'invoice'
                    AND NOT EXISTS (SELECT 1 FROM orders_fiscaldocument c WHERE c.cancels_id = d.id))
 ORDER BY o.paid_on, o.issued_on, o.id
"""
MAKE_SERIES = """
INSERT INTO orders_fiscalseries (merchant_id, kind, prefix, next_value) VALUES (%(merchant)s, %(kind)s, %(prefix)s, 1)
ON CONFLICT (merchant_id, kind) DO NOTHING
"""
DRAW = """
WITH wanted AS (
    SELECT order_id, cancels_id, place FROM unnest(%(orders)s::bigint[], %(cancels)s::bigint[])
           WITH ORDINALITY w(order_id, cancels_id, place)
), drawn AS (
    UPDATE orders_fiscalseries SET next_value = next_value + (SELECT count(*) FROM wanted)
     WHERE merchant_id = %(merchant)s AND kind = %(kind)s
    RETURNING next_value - (SELECT count(*) FROM wanted) - 1 AS last, prefix
)
INSERT INTO orders_fiscaldocument (merchant_id, order_id, kind, origin, series, sequence, number, cancels_id, reason, dated_on,
       seller_name, seller_tax_id, buyer_name, buyer_tax_id, buyer_address, by_id, drawn_at)
SELECT o.merchant_id, o.id, %(kind)s, %(origin)s, n.prefix, n.last + w.place,
       n.prefix || lpad((n.last + w.place)::text, GREATEST(%(digits)s, length((n.last + w.place)::text)), '0'),
       w.cancels_id, %(reason)s, %(today)s, COALESCE(NULLIF(m.legal_name, ''), m.name), m.tax_id, c.name, c.tax_id,
       concat_ws(E'\\n', NULLIF(c.address, ''), NULLIF(concat_ws(', ', NULLIF(c.city, ''), NULLIF(c.state, '')), '')),
       %(user)s, %(now)s
  FROM drawn n CROSS JOIN wanted w JOIN orders_order o ON o.id = w.order_id
  JOIN accounts_customer c ON c.id = o.customer_id JOIN accounts_merchant m ON m.id = o.merchant_id
 ORDER BY w.place
RETURNING id
"""


def draw_for_paid(*, order_ids: Sequence[int], by: Actor) -> None:
    """Give orders that were paid just now their fiscal number, where the house draws it then. Call it last: see above."""
    _draw_for(order_ids, FiscalPolicy.PAID, FiscalDocument.Origin.PAID, by)


def draw_for_issued(*, order_ids: Sequence[int], by: Actor) -> None:
    """The same for orders that were issued just now."""
    _draw_for(order_ids, FiscalPolicy.ISSUED, FiscalDocument.Origin.ISSUED, by)


def _draw_for(order_ids: Sequence[int], policy: FiscalPolicy, origin: str, by: Actor) -> None:
    if not order_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(LACKING, {"orders": as_array(order_ids), "merchant": by.merchant.pk, "policy": policy})
        lacking = [row[0] for row in cursor.fetchall()]
    if lacking:
        made = _draw(FiscalKind.INVOICE, origin, [(pk, None) for pk in lacking], "", by)
        tell_customers(merchant=by.merchant, document_ids=made)


def _draw(kind: FiscalKind, origin: str, wanted: Sequence[tuple[int, int | None]], reason: str, by: Actor) -> list[int]:
    """Documents for these (order, what it cancels), numbered in this order; their keys."""
    asked: dict[str, Any] = {
        "merchant": by.merchant.pk, "kind": kind, "prefix": PREFIXES[kind], "origin": origin, "digits": DIGITS,
        "orders": [order_id for order_id, _cancels in wanted], "cancels": [cancels for _order, cancels in wanted],
        "reason": reason, "today": today_at(by.merchant), "user": by.user.pk if by.user else None, "now": timezone.now(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MAKE_SERIES, asked)
        _pass_over_foreign(by.merchant, kind, len(wanted))
        cursor.execute(DRAW, asked)
        return [row[0] for row in cursor.fetchall()]


def _pass_over_foreign(merchant: Merchant, kind: FiscalKind, count: int) -> None:
    """Lock the series, and go on behind numbers that another system gave before the house began to number here."""
    series = FiscalSeries.objects.select_for_update().get(merchant=merchant, kind=kind)
    first = series.next_value
    given = FiscalDocument.objects.filter(merchant=merchant, kind=kind, number__gte=f"{series.prefix}{first:0{DIGITS}d}")
    # In one reading: there may be a hundred thousand of them, one after the other.
    for number in given.order_by("number").values_list("number", flat=True).iterator():
        digits = number.removeprefix(series.prefix)
        if not (number.startswith(series.prefix) and len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
            continue
        value = int(digits)
        if value >= first + count:
            break
        first = max(first, value + 1)
    if first != series.next_value:
        FiscalSeries.objects.filter(pk=series.pk).update(next_value=first)


def tell_customers(*, merchant: Merchant, document_ids: Iterable[int]) -> None:
    """Write to the customers of these documents, with the papers attached, and tell other systems; in a few statements."""
    documents = FiscalDocument.objects.filter(pk__in=list(document_ids)).select_related("order__customer").order_by("pk")
    rows, customers, news = [], {}, []
    for each in documents:
        order = each.order
        customers[order.customer_id] = order.customer
        facts = {
            "number": each.number, "order": order.number, "subject": order.description, "amount": str(order.total),
            "currency": order.currency, "kind": each.kind, "reason": each.reason, "papers": [["fiscal", each.pk]],
        }  # fmt: skip
        about = {"customer_id": order.customer_id, "about": f"order:{order.pk}", "occasion": f"fiscal:{each.pk}"}
        rows.append({**about, "context": facts})
        payload: dict[str, object] = {name: facts[name] for name in ("number", "kind", "order", "amount", "currency")}
        payload |= {"customer": order.customer.number, "dated_on": each.dated_on}
        news.append(News(about=f"order:{order.pk}", occasion=f"fiscal:{each.pk}", payload=payload))
    announce_many(merchant=merchant, kind=Kind.DOCUMENT_ISSUED, news=news)
    recipients = recipients_of_many(customers.values(), about="orders")
    queue_letters_to_customers(merchant_id=merchant.pk, kind="fiscal_document", recipients=recipients, rows=json.dumps(rows))


# --- Credit notes -----------------------------------------------------------------------------


def standing_invoices(merchant: Merchant) -> QuerySet[FiscalDocument]:
    """Invoices that no credit note took back."""
    return FiscalDocument.objects.filter(merchant=merchant, kind=FiscalKind.INVOICE, credit_note__isnull=True)


def asking_credit_note(merchant: Merchant) -> QuerySet[FiscalDocument]:
    """Invoices that stand though their order is void, or is owed again after the payment that drew the number."""
    lost = Q(origin=FiscalDocument.Origin.PAID, order__paid_on__isnull=True)
    return standing_invoices(merchant).filter(Q(order__voided_at__isnull=False) | lost).select_related("order__customer")


def draw_credit_note(*, document_id: int, reason: str, by: Actor) -> FiscalDocument:
    """Take a fiscal invoice back whose order was reversed or voided, with the next number of the credit notes.

    By accounting. Raises `NotAllowed`, `Http404`, `Refused` (`reason_required`, `external`, `not_asked`), `Stale` (`credited`).
    """
    by.require(by.can_decide)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refused(_("Write why the fiscal invoice is taken back."), code="reason_required", fields=("reason",))
    with transaction.atomic():
        invoice = lock_invoice(document_id, by)
        if invoice.is_external:
            raise Refused(_("Another system numbers these invoices: attach its credit note instead."), code="external")
        if not asking_credit_note(by.merchant).filter(pk=invoice.pk).exists():
            raise Refused(_("The order of this invoice stands. Reverse its payment or void it first."), code="not_asked")
        made = _draw(FiscalKind.CREDIT_NOTE, FiscalDocument.Origin.HAND, [(invoice.order_id, invoice.pk)], reason, by)
        tell_customers(merchant=by.merchant, document_ids=made)
        return FiscalDocument.objects.get(pk=made[0])


def lock_invoice(document_id: int, by: Actor) -> FiscalDocument:
    """The invoice with its order's balance locked. Raises `Http404`, `Stale(credited)`."""
    found = FiscalDocument.objects.filter(merchant=by.merchant, pk=document_id, kind=FiscalKind.INVOICE)
    invoice = found.select_related("order").first()
    if invoice is None:
        raise Http404
    OrderBalance.objects.select_for_update(no_key=True).get(pk=invoice.order_id)
    if FiscalDocument.objects.filter(cancels=invoice).exists():
        raise Stale(_("A credit note took this invoice back already."), code="credited")
    invoice.order = Order.objects.with_balance().select_related("customer").get(pk=invoice.order_id)
    return invoice


# --- Series -----------------------------------------------------------------------------------


def series_of(merchant: Merchant) -> dict[str, FiscalSeries]:
    """The counters by kind, as they are or would begin."""
    found = {each.kind: each for each in FiscalSeries.objects.filter(merchant=merchant)}
    return {
        kind.value: found.get(kind) or FiscalSeries(merchant=merchant, kind=kind, prefix=PREFIXES[kind]) for kind in FiscalKind
    }


def set_series(*, kind: str, prefix: str, next_value: int, by: Actor) -> FiscalSeries:
    """Begin a series: its prefix and its first number. A series that gave a number already goes on as it is.

    By an administrator. Raises `NotAllowed`, `Refused` (`kind_unknown`, `prefix_invalid`, `number_invalid`, `series_begun`).
    """
    by.require(by.can_administer)
    prefix = prefix.strip()
    if kind not in FiscalKind.values:
        raise Refused(_("There is no such series."), code="kind_unknown")
    if len(prefix) > 10 or not all(each.isalnum() or each in "-/." for each in prefix):
        raise Refused(_("A prefix has at most ten letters, digits or - / ."), code="prefix_invalid", fields=("prefix",))
    if not 1 <= next_value < 10**12:
        raise Refused(_("The next number is 1 or more."), code="number_invalid", fields=("next_value",))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MAKE_SERIES, {"merchant": by.merchant.pk, "kind": kind, "prefix": PREFIXES[FiscalKind(kind)]})
        series = FiscalSeries.objects.select_for_update().get(merchant=by.merchant, kind=kind)
        if (series.prefix, series.next_value) == (prefix, next_value):
            return series
        if FiscalDocument.objects.filter(merchant=by.merchant, kind=kind, series=prefix, sequence__isnull=False).exists():
            raise Refused(
                _("The series %(prefix)s has begun: its numbers follow each other. Another prefix begins another series.")
                % {"prefix": prefix or "–"},
                code="series_begun", fields=("prefix",),
            )  # fmt: skip
        series.prefix, series.next_value = prefix, next_value
        series.save(update_fields=["prefix", "next_value"])
        return series
