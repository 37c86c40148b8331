"""Bringing in a file of 100,000 lines, from its bytes to indexed lines, against a bare COPY of the very same rows.

A bare COPY parses nothing: text that is ready goes into a table without keys and indexes. Two more measures say where the rest
goes: the same COPY from values of Python, as any program must send them that has read a file; and into the real table, with the
keys, indexes and balances that a line has there, which is the database's own share.
"""

from __future__ import annotations

import datetime as dt
import resource
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, transaction

from reconciliation.models import StatementImport, StatementLine
from reconciliation.services import (
    commit_import,
    import_statement,
    read_statement,
    receive_statement,
    undo_import,
    write_statement,
)
from tests.bench.months import cpu_s
from tests.bench.timing import Row
from tests.cast import Cast, make_cast

SIZE = 100_000
ROUNDS = 3
COLUMNS = (
    "merchant_id, account_id, statement_import_id, source, line_number, booked_on, amount, currency, reference_raw, reference, "
    "text, payer_name, payer_id, origin_bank_code, balance_after, identity, ordinal, entry_reason, created_at"
)


def spent(act: Callable[[], object]) -> float:
    """Processor seconds of this process, of its database connection, and of the child that reads the file."""

    def now() -> float:
        child = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cpu_s() + child.ru_utime + child.ru_stime

    start = now()
    act()
    return now() - start


def file_of(size: int, first: dt.date) -> bytes:
    """Two months in the house's layout: as many days, references and payers as a busy account has."""
    rows = (
        f"{first + dt.timedelta(days=at * 60 // size)},{at % 900 + 1}.{at % 90 + 10},{at * 7919 % 10**9:011d},"
        f"TRF.OB 0134 CLIENTE {at % 5000},CLIENTE {at % 5000},0134"
        for at in range(size)
    )
    return "\n".join(["date,amount,reference,text,payer_name,origin_bank", *rows]).encode()


def by_the_page(cast: Cast, content: bytes) -> None:
    """Received, read for the preview, and read again and written when it is accepted."""
    made = receive_statement(
        merchant=cast.merchant, account_id=cast.account.pk, file_name="mes.csv", content=content, by=cast.carol
    )
    read_statement(import_id=made.pk)
    commit_import(import_id=made.pk, by=cast.carol)
    write_statement(import_id=made.pk)


def at_once(cast: Cast, content: bytes) -> None:
    import_statement(
        merchant=cast.merchant, account_id=cast.account.pk, file_name="mes.csv", content=content, profile=None, by=cast.carol
    )


def forget(cast: Cast) -> None:
    """Take the lines away again, so that the next round starts from an empty account too."""
    made = StatementImport.objects.latest("pk")
    undo_import(import_id=made.pk, reason="otra vez", by=cast.carol)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM reconciliation_statementline, reconciliation_linebalance")


def copy_in(table: str, columns: str, feed: Callable[[Any], object]) -> float:
    """Processor seconds of one COPY; what it brought is taken back."""

    def act() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            feed(copy)

    with transaction.atomic():
        took = spent(act)
        transaction.set_rollback(True)
    return took


def measure(size: int = SIZE) -> list[Row]:
    """Medians of `ROUNDS`; what is compared takes turns, so that a machine whose speed drifts is as fast or slow for each."""
    cast, content = make_cast(), file_of(size, dt.date(2026, 9, 1))
    at_once(cast, content)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare AS SELECT {COLUMNS} FROM reconciliation_statementline ORDER BY id")
        cursor.execute("SELECT * FROM bare")
        values = cursor.fetchall()
        with cursor.copy("COPY bare TO STDOUT") as copy:
            text = b"".join(bytes(part) for part in copy)
        cursor.execute("CREATE TABLE empty (LIKE bare)")
    forget(cast)

    def rows_of_python(copy: Any) -> None:
        for row in values:
            copy.write_row(row)

    took: dict[Callable[[Cast, bytes], None], list[float]] = {by_the_page: [], at_once: []}
    bares, drivers = [], []
    for _round in range(ROUNDS):
        for act, seconds in took.items():
            seconds.append(spent(partial(act, cast, content)))
            assert StatementLine.objects.count() == size
            forget(cast)
            bares += [copy_in("empty", COLUMNS, lambda copy: copy.write(text)) for _ in range(ROUNDS)]
            drivers.append(copy_in("empty", COLUMNS, rows_of_python))
    bare, driver = statistics.median(bares), statistics.median(drivers)
    own = statistics.median(
        copy_in("reconciliation_statementline", COLUMNS, lambda copy: copy.write(text)) for _ in range(ROUNDS)
    )
    page, once = statistics.median(took[by_the_page]), statistics.median(took[at_once])
    return [
        Row("lines of the file", size, ""),
        Row("bare COPY of the same rows, as text", bare, "s cpu"),
        Row("  from values of Python", driver, "s cpu"),
        Row("  into the real table: keys, indexes, balances", own, "s cpu"),
        Row("read, compared, written, indexed", once, "s cpu"),
        Row("  against the bare COPY", once / bare, "×", "≤ 15", once <= 15 * bare),
        Row("  against the one from values of Python", once / driver, "×"),
        Row("  against the one into the real table", once / own, "×"),
        Row("by the page: read for the preview, then read again and written", page, "s cpu"),
        Row("  against the bare COPY", page / bare, "×"),
    ]
