"""What the pages say of an account's days, and what its lines say, counted in another way."""

from __future__ import annotations

from typing import Any

from accounts.models import Merchant
from orders.dates import today_at
from reconciliation.books.ageing import ageing_of, deposits_by_day
from reconciliation.books.balances import TOTALS, TOTALS_NOW, rows_of
from reconciliation.models import StatementLine

# Deposits that no report took whole, a row each.
WAITING = """
    SELECT l.booked_on, l.currency, b.amount - b.allocated - b.reserved AS amount
      FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
     WHERE l.merchant_id = %(merchant)s AND l.amount > 0 AND b.allocated + b.reserved < b.amount AND b.returned_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM reconciliation_ignoredline g WHERE g.line_id = l.id AND g.taken_back_at IS NULL)
"""


def pages_say(merchant: Merchant) -> dict[str, Any]:
    """Totals by account; deposits that wait, how many and how much by currency; how many came in the last days, and wait."""
    ageing = ageing_of(merchant)
    amounts: dict[str, Any] = {}
    for bucket in ageing.deposits:
        for currency, amount in bucket.amounts.items():
            amounts[currency] = amounts.get(currency, 0) + amount
    days = deposits_by_day(merchant)
    return {
        "totals": _totals(TOTALS_NOW, merchant),
        "waiting": (ageing.deposits_count, amounts),
        "days": {each.day: (each.arrived, each.open) for each in days if each.arrived},
    }


def lines_say(merchant: Merchant) -> dict[str, Any]:
    """The same from the ledger and from each line."""
    waiting = rows_of(WAITING, {"merchant": merchant.pk})
    amounts: dict[str, Any] = {}
    for row in waiting:
        amounts[row["currency"]] = amounts.get(row["currency"], 0) + row["amount"]
    arrived: dict[Any, tuple[int, int]] = {}
    shown = {each.day for each in deposits_by_day(merchant)}
    for day in StatementLine.objects.filter(merchant=merchant, amount__gt=0, booked_on__in=shown).values_list(
        "booked_on", flat=True
    ):
        arrived[day] = (arrived.get(day, (0, 0))[0] + 1, sum(row["booked_on"] == day for row in waiting))
    return {"totals": _totals(TOTALS, merchant), "waiting": (len(waiting), amounts), "days": arrived}


def _totals(sql: str, merchant: Merchant) -> dict[int, dict[str, Any]]:
    return {row["account_id"]: row for row in rows_of(sql, {"merchant": merchant.pk, "day": today_at(merchant)})}
