"""Triggers put to sleep, as the owner of the tables may: to write in a test what the product never writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def triggers_asleep(*tables: str) -> Iterator[None]:
    """Nothing guards `tables` (without names: any table) inside the block. Foreign keys and CHECKs hold all the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not tables:
            cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
            tables = tuple(row[0] for row in cursor.fetchall())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
