"""Which rows of a bank's file are lines that a person had typed before: one deposit must not become two lines.

What is certain confirms the line, what is likely is held for a person, all else is new.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from banking.models import ReceivingAccount
from banking.references import normalize_reference
from reconciliation.candidates import business_days_apart
from reconciliation.models import StatementLine
from reconciliation.statements.rows import Row

Numbered = tuple[Row, int]
Pair = tuple[Numbered, StatementLine]

# The days between which one business day may lie: a long weekend with holidays before and after it.
LONGEST_CLOSED = dt.timedelta(days=10)
# An end of a reference says that it may be the same one; fewer signs agree by chance.
SHORTEST_END = 6


def adopt(account: ReceivingAccount, rows: Sequence[Numbered]) -> tuple[list[Pair], list[Pair], list[Numbered]]:
    """Rows that are a line by hand, rows that look like one, and rows that are new. One query; the caller holds the account.

    A row is a line of the same date and amount with the same reference, or, where either reference is blank, the only such
    line. It looks like one when several are possible, or when only the date (by a business day) or the front of the reference
    differs.
    """
    left = _unconfirmed(account, rows)
    if not left:
        return [], [], list(rows)
    adopted: list[Pair] = []
    others: list[Numbered] = []
    # Equal references first, over the whole file: a blank one must not take the line that another row names.
    for each in rows:
        row, _ordinal = each
        reference = normalize_reference(row.reference)
        same = [hand for hand in left[row.amount] if hand.booked_on == row.booked_on and hand.reference == reference]
        if reference and same:
            _take(left, adopted, each, same[0])
        else:
            others.append(each)
    held: list[Pair] = []
    fresh: list[Numbered] = []
    for each in others:
        row, _ordinal = each
        reference = normalize_reference(row.reference)
        same_day = [hand for hand in left[row.amount] if hand.booked_on == row.booked_on]
        blank = [hand for hand in same_day if not (hand.reference and reference)]
        alike = [hand for hand in left[row.amount] if _looks_like(account, row, reference, hand)]
        if len(blank) == 1:
            _take(left, adopted, each, blank[0])
        elif blank or alike:
            held.append((each, (blank or alike)[0]))
        else:
            fresh.append(each)
    return adopted, held, fresh


def _unconfirmed(account: ReceivingAccount, rows: Sequence[Numbered]) -> dict[Decimal, list[StatementLine]]:
    """Lines by hand of those days that no file has confirmed, by amount, the oldest first."""
    by_amount: dict[Decimal, list[StatementLine]] = defaultdict(list)
    if rows:
        days = [row.booked_on for row, _ordinal in rows]
        span = (min(days) - LONGEST_CLOSED, max(days) + LONGEST_CLOSED)
        by_hand = StatementLine.objects.filter(account=account, source=StatementLine.Source.MANUAL, confirmation__isnull=True)
        for hand in by_hand.filter(booked_on__range=span).order_by("pk"):
            by_amount[hand.amount].append(hand)
    return by_amount


def _take(left: dict[Decimal, list[StatementLine]], adopted: list[Pair], each: Numbered, hand: StatementLine) -> None:
    left[hand.amount].remove(hand)
    adopted.append((each, hand))


def _looks_like(account: ReceivingAccount, row: Row, reference: str, hand: StatementLine) -> bool:
    if not reference or not hand.reference or abs(hand.booked_on - row.booked_on) > LONGEST_CLOSED:
        return False
    short, long = sorted((reference, hand.reference), key=len)
    is_end = short == long or (len(short) >= SHORTEST_END and long.endswith(short))
    return is_end and abs(business_days_apart(account.merchant, row.booked_on, hand.booked_on)) <= 1
