"""A file's rows on their way in: sent with COPY into a temporary table, where each gets its fate by statements over all rows.

Everything here runs on Django's own connection inside the transaction of the caller; how many statements that takes does not
depend on how many rows there are. Fates: `new`, `known`, `confirming` (a line typed by hand), `held`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from banking.references import normalize_reference
from reconciliation.copying import copy_rows
from reconciliation.statements.rows import Row, Statement

NEW, KNOWN, CONFIRMING, HELD = "new", "known", "confirming", "held"

# Texts and amounts have the types of a line's, so that none is turned into another on the way there.
TABLE = """
DROP TABLE IF EXISTS pg_temp.incoming;
CREATE TEMP TABLE incoming (
    position integer NOT NULL, number integer NOT NULL, booked_on date NOT NULL, amount numeric(20, 4) NOT NULL,
    reference_raw varchar(80) NOT NULL, reference varchar(80) NOT NULL, text varchar(500) NOT NULL,
    payer_name varchar(200) NOT NULL, payer_id varchar(30) NOT NULL, origin_bank varchar(10) NOT NULL,
    balance numeric(20, 4), identity varchar(64) NOT NULL, ordinal integer NOT NULL, fate text NOT NULL DEFAULT 'new'
)
"""
# The columns that the statements of `sorting` compare by. A sample of 3,000 rows tells enough of a table that lives for a second;
# the usual 30,000 take as long as half a COPY of 100,000.
COMPARED = ("booked_on", "amount", "reference", "balance", "identity", "ordinal", "fate")
LEARN = f"""
ALTER TABLE incoming {", ".join(f"ALTER {name} SET STATISTICS 10" for name in COMPARED)};
ANALYZE incoming ({", ".join(COMPARED)})
"""
COLUMNS = (
    "position", "number", "booked_on", "amount", "reference_raw", "reference", "text", "payer_name", "payer_id", "origin_bank",
    "balance", "identity", "ordinal",
)  # fmt: skip


class Staged(NamedTuple):
    """A row with its digest and its number among equal ones. `position` is its place among the rows that were read.

    The number in the file is for people: a layout may hold several movements in a line.
    """

    position: int
    row: Row
    identity: str
    ordinal: int

    @property
    def is_certain(self) -> bool:
        """Whether its twins cannot look the same: the bank's own id, or a running balance."""
        return bool(self.row.unique_id) or self.row.balance is not None


def with_identities(statement: Statement) -> list[Staged]:
    """Each row with its digest and its number among equal ones in this file: genuine twins stay two."""
    return [
        Staged(position, row, identity, ordinal) for position, (row, identity, ordinal) in enumerate(statement.with_ordinals())
    ]


def stage(rows: Sequence[Staged]) -> None:
    """Fill the temporary table of this session; what it held before is gone."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        copy_rows("incoming", COLUMNS, map(_columns_of, rows))
        cursor.execute(LEARN)


def unstage() -> None:
    """Drop the temporary table."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")


def set_fate(positions: Sequence[int], fate: str) -> None:
    """Give these rows a fate; no statement for none."""
    if positions:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE incoming SET fate = %s WHERE position = ANY(%s)", [fate, list(positions)])


def take_out(positions: Sequence[int]) -> None:
    """Rows that were decided before by a person: not this file's business any more."""
    if positions:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM incoming WHERE position = ANY(%s)", [list(positions)])


def counts_by_fate() -> Counter[str]:
    """How many rows have each fate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fate, count(*) FROM incoming GROUP BY fate")
        return Counter(dict(cursor.fetchall()))


def _columns_of(staged: Staged) -> tuple[Any, ...]:
    """A row as the temporary table holds it. Readers refuse what is longer; cutting is for the columns' sake alone.

    Days and amounts go as text: COPY sends them as text anyway, and the driver takes its time to make it.
    """
    row = staged.row
    balance = None if row.balance is None else str(row.balance)
    texts: tuple[str, ...] = (
        row.reference[:80],
        normalize_reference(row.reference)[:80],
        row.text[:500],
        row.payer_name[:200],
        row.payer_id[:30],
        row.origin_bank[:10],
    )
    if "\x00" in "".join(texts):
        # No text of a bank holds a NUL that the database could take.
        texts = tuple(text.replace("\x00", "") for text in texts)
    day, amount = row.booked_on.isoformat(), str(row.amount)
    return staged.position, row.number, day, amount, *texts, balance, staged.identity, staged.ordinal


def values_of(staged: Staged) -> dict[str, Any]:
    """A row as plain values, as a held one waits for its decision; `row_of_values` gives it back."""
    row = staged.row
    return {
        "booked_on": row.booked_on.isoformat(),
        "amount": str(row.amount),
        "reference": row.reference,
        "text": row.text,
        "payer_name": row.payer_name,
        "payer_id": row.payer_id,
        "origin_bank": row.origin_bank,
        "balance": None if row.balance is None else str(row.balance),
        "unique_id": row.unique_id,
        "identity": staged.identity,
        "ordinal": staged.ordinal,
    }


def staged_of_values(number: int, values: dict[str, Any]) -> Staged:
    """A held row as it was read."""
    row = Row(
        number=number,
        booked_on=dt.date.fromisoformat(values["booked_on"]),
        amount=Decimal(values["amount"]),
        reference=values["reference"],
        text=values["text"],
        payer_name=values["payer_name"],
        payer_id=values["payer_id"],
        origin_bank=values["origin_bank"],
        balance=None if values["balance"] is None else Decimal(values["balance"]),
        unique_id=values["unique_id"],
    )
    return Staged(position=0, row=row, identity=values["identity"], ordinal=values["ordinal"])
