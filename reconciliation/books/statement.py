"""A customer's statement of account: what was charged and what was paid, in order, with the balance after each row.

What is owed is the sum of the orders less everything received, by currency; below zero it is in the customer's favour. Using
credit on an order moves nothing of that, and is listed all the same. Reversed payments stand as paid and as taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Customer
from banking.money import format_money, format_rate
from reconciliation.books.balances import rows_of
from reconciliation.models import Adjustment

ZERO = Decimal(0)

ROWS = """
    SELECT o.issued_on AS day, 1 AS step, o.id AS place, o.currency, 'order' AS kind, o.number AS orders, '' AS ticket,
           o.description AS text, o.total AS charge, 0::numeric AS paid, 0::numeric AS moved, 0::numeric AS other,
           '' AS other_currency, NULL::numeric AS rate
      FROM orders_order o WHERE o.merchant_id = %(merchant)s AND o.customer_id = %(customer)s
    UNION ALL
    SELECT (o.voided_at AT TIME ZONE %(zone)s)::date, 2, o.id, o.currency, 'void', o.number, '', o.void_reason, -o.total, 0, 0,
           0, '', NULL
      FROM orders_order o WHERE o.merchant_id = %(merchant)s AND o.customer_id = %(customer)s AND o.voided_at IS NOT NULL
    UNION ALL
    SELECT e.booked_on, 3, min(e.id), CASE WHEN e.target_line_id IS NULL THEN e.target_currency ELSE e.source_currency END,
           CASE WHEN bool_or(e.target_line_id IS NOT NULL) THEN 'refund' ELSE COALESCE(a.kind, 'payment') END
             || CASE WHEN e.reverses_id IS NULL THEN '' ELSE '_back' END,
           COALESCE(string_agg(DISTINCT o.number, ', '), ''), COALESCE(max(k.number), ''),
           COALESCE(max(l.reference_raw), max(d.reference_raw), ''),
           0,
           sum(CASE WHEN e.target_line_id IS NULL THEN e.target_amount ELSE -e.source_amount END
               * CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END),
           0,
           COALESCE(sum(e.target_amount) FILTER (WHERE e.target_line_id IS NOT NULL AND e.rate IS NOT NULL), 0),
           COALESCE(max(e.target_currency) FILTER (WHERE e.target_line_id IS NOT NULL AND e.rate IS NOT NULL), ''),
           max(e.rate) FILTER (WHERE e.target_line_id IS NOT NULL)
      FROM reconciliation_ledgerentry e JOIN reconciliation_settlement s ON s.id = e.settlement_id
      LEFT JOIN reconciliation_adjustment a ON a.id = e.source_adjustment_id
      LEFT JOIN reconciliation_statementline l ON l.id = e.source_line_id
      LEFT JOIN reconciliation_statementline d ON d.id = e.target_line_id
      LEFT JOIN orders_order o ON o.id = e.target_order_id
      LEFT JOIN tickets_ticket k ON k.id = s.ticket_id
     WHERE e.merchant_id = %(merchant)s AND e.customer_id = %(customer)s
       AND (e.source_credit_id IS NULL AND e.target_adjustment_id IS NULL OR e.target_line_id IS NOT NULL)
     GROUP BY e.booked_on, e.settlement_id, a.kind, (e.reverses_id IS NULL), 4
    UNION ALL
    SELECT e.booked_on, 4, e.id, e.target_currency, CASE WHEN e.reverses_id IS NULL THEN 'credit_use' ELSE 'credit_use_back' END,
           o.number, '', '', 0, 0, e.target_amount, 0, '', NULL
      FROM reconciliation_ledgerentry e JOIN orders_order o ON o.id = e.target_order_id
     WHERE e.merchant_id = %(merchant)s AND e.customer_id = %(customer)s AND e.source_credit_id IS NOT NULL
"""
SINCE = f"""
    WITH each AS ({ROWS})
    SELECT NULL::date AS day, 0 AS step, 0 AS place, currency, 'opening' AS kind, '' AS orders, '' AS ticket, '' AS text,
           sum(charge) AS charge, sum(paid) AS paid, 0 AS moved,
           0 AS other, '' AS other_currency, NULL AS rate
      FROM each WHERE day < %(since)s GROUP BY currency
    UNION ALL
    SELECT * FROM each WHERE day >= %(since)s AND day <= %(until)s
    ORDER BY currency, day NULLS FIRST, step, place
"""  # noqa: S608 - stands above


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a statement: `charge` and `paid` in its currency, `moved` what a use of credit carried, `balance` after it.

    A refund in another currency says too what was transferred: `other` in `other_currency`, at `rate` for one of the row's.
    """

    day: dt.date | None
    kind: str
    orders: str
    ticket: str
    text: str
    charge: Decimal
    paid: Decimal
    moved: Decimal
    other: Decimal
    other_currency: str
    rate: Decimal | None
    balance: Decimal = ZERO

    @property
    def words(self) -> str:
        """What happened, in words."""
        kind = self.kind.removesuffix("_back")
        said = _kind_words().get(kind) or str(dict(Adjustment.Kind.choices).get(kind, kind))
        if self.other_currency and self.rate:
            language = get_language() or "es"
            money = {"money": format_money(self.other, self.other_currency, language), "rate": format_rate(self.rate, language)}
            said = _("%(what)s: %(money)s transferred, at %(rate)s") % {"what": said, **money}
        return said if kind == self.kind else _("%(what)s, taken back") % {"what": said}


@dataclass(frozen=True, kw_only=True)
class CurrencyStatement:
    """One currency: what was owed before, the rows, and what is owed at the end (below zero: in the customer's favour)."""

    currency: str
    opening: Decimal
    rows: tuple[Row, ...]

    @property
    def closing(self) -> Decimal:
        return self.rows[-1].balance if self.rows else self.opening

    @property
    def in_favour(self) -> Decimal:
        """What the customer has at the end; 0 while they owe."""
        return max(-self.closing, ZERO)

    @property
    def charged(self) -> Decimal:
        return sum((row.charge for row in self.rows), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((row.paid for row in self.rows), ZERO)


@dataclass(frozen=True, kw_only=True)
class AccountStatement:
    """A customer's account from one day to another, both included."""

    customer: Customer
    since: dt.date
    until: dt.date
    currencies: tuple[CurrencyStatement, ...]


def statement_of(customer: Customer, since: dt.date, until: dt.date) -> AccountStatement:
    """Everything charged and received between two days, by currency. One query."""
    params = {
        "merchant": customer.merchant_id,
        "customer": customer.pk,
        "zone": customer.merchant.time_zone,
        "since": since,
        "until": until,
    }
    found = rows_of(SINCE, params)
    parts = []
    for currency, rows in groupby(found, key=lambda row: str(row["currency"])):
        several = [Row(**{name: row[name] for name in Row.__dataclass_fields__ if name != "balance"}) for row in rows]
        opening = several.pop(0) if several[0].kind == "opening" else None
        start = opening.charge - opening.paid if opening else ZERO
        parts.append(CurrencyStatement(currency=currency, opening=start, rows=tuple(_with_balances(several, start))))
    return AccountStatement(customer=customer, since=since, until=until, currencies=tuple(parts))


def for_the_customer(statement: AccountStatement) -> AccountStatement:
    """The same without the words of the staff and of the bank: only an order says what it was for."""
    parts = (
        replace(each, rows=tuple(row if row.kind == "order" else replace(row, text="") for row in each.rows))
        for each in statement.currencies
    )
    return replace(statement, currencies=tuple(parts))


def _with_balances(rows: Sequence[Row], start: Decimal) -> list[Row]:
    found, balance = [], start
    for row in rows:
        balance += row.charge - row.paid
        found.append(replace(row, balance=balance))
    return found


def _kind_words() -> dict[str, str]:
    return {
        "order": _("Order"),
        "void": _("Order voided"),
        "payment": _("Payment"),
        "credit_use": _("Use of credit"),
        "refund": _("Refund"),
    }
