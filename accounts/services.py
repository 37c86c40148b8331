"""Writes of the accounts room."""

from __future__ import annotations

from django.db import connection

from accounts.models import Merchant, NumberSeries


def draw_number(*, merchant: Merchant, kind: NumberSeries.Kind) -> int:
    """Take the next number of a series, inside the caller's transaction. Gaps are allowed, repeats are not.

    One statement, so the row is locked from here to the end of the transaction: call it last.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_numberseries AS series (merchant_id, kind, next_value) VALUES (%s, %s, 2) "
            "ON CONFLICT (merchant_id, kind) DO UPDATE SET next_value = series.next_value + 1 "
            "RETURNING next_value - 1",
            [merchant.pk, str(kind)],
        )
        return int(cursor.fetchone()[0])
