"""Columns from a few words: what is not said is blank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from reconciliation.matching.columns import Lines, Pairs, Transfers, ints

DAY = 739_580  # a Tuesday
ONE = 10_000  # one unit of currency


def make_transfers(*rows: dict[str, Any]) -> Transfers:
    """Transfers 1, 2, … of customers 1, 2, …; amounts in whole units of currency."""

    def column(name: str, default: Any) -> list[Any]:
        return [row.get(name, default) for row in rows]

    return Transfers(
        id=ints([row.get("id", place) for place, row in enumerate(rows, start=1)]),
        group=ints([row.get("group", place) for place, row in enumerate(rows, start=1)]),
        account=ints(column("account", 1)),
        method=ints(column("method", 1)),
        amount=ints([round(amount * ONE) for amount in column("amount", 1250)]),
        day=ints(column("day", DAY)),
        reference=column("reference", ""),
        bank_code=column("bank_code", ""),
        payer_id=column("payer_id", ""),
        payer_names=column("payer_names", ()),
        flagged=np.array(column("flagged", False), dtype=np.bool_),
        zeros=ints(column("zeros", 0)),
    )


def make_lines(*rows: dict[str, Any]) -> Lines:
    """Lines 101, 102, …; `free` is the amount unless said otherwise, `seen` is 1."""

    def column(name: str, default: Any) -> list[Any]:
        return [row.get(name, default) for row in rows]

    amounts = column("amount", 1250)
    return Lines(
        id=ints([row.get("id", place) for place, row in enumerate(rows, start=101)]),
        account=ints(column("account", 1)),
        amount=ints([round(amount * ONE) for amount in amounts]),
        free=ints([round(row.get("free", amount) * ONE) for row, amount in zip(rows, amounts, strict=True)]),
        day=ints(column("day", DAY)),
        seen=ints(column("seen", 1)),
        reference=column("reference", ""),
        text=column("text", ""),
        bank_code=column("bank_code", ""),
        payer_id=column("payer_id", ""),
        payer_name=column("payer_name", ""),
        zeros=ints(column("zeros", 0)),
    )


def make_pairs(pairs: Iterable[tuple[int, int]], crowded: Iterable[int] = ()) -> Pairs:
    """Pairs of positions."""
    rows = sorted(pairs)
    return Pairs(transfer=ints([pair[0] for pair in rows]), line=ints([pair[1] for pair in rows]), crowded=ints(list(crowded)))


def all_pairs(transfers: Transfers, lines: Lines) -> Pairs:
    """Everybody with everybody."""
    return make_pairs((t, m) for t in range(len(transfers)) for m in range(len(lines)))
