"""Rows sent by columns are the rows that are sent one by one."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from reconciliation.copying import Money, Said, as_jsonb, copy_columns, copy_rows

pytestmark = pytest.mark.django_db
COLUMNS = """
number bigint, small smallint, weight double precision, is_so boolean, amount numeric(20, 4), word varchar(20), told jsonb,
note text
"""
UNITS = [1, 10_000, 123_456_789, 9_999_999_999_999_999, 0, 500_000]


def test_rows_by_columns_are_the_rows_one_by_one() -> None:
    with connection.cursor() as cursor:
        for table in ("by_rows", "by_columns"):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({COLUMNS}) ON COMMIT DROP")
    numbers, words = [-5, 0, 1, 2**62, 7, 8], ["ñandú", "", "a\tb\\N"]
    told = [[], [{"kind": "amount", "of": "ñ"}]]
    which, other = [0, 1, 2, 1, 0, 1], [1, 0, 1, 0, 0, 0]
    rows = [
        (number, place, place / 10, place % 2 == 0, Decimal(units).scaleb(-4), words[which[place]],
         ["[]", '[{"kind": "amount", "of": "ñ"}]'][other[place]], "")
        for place, (number, units) in enumerate(zip(numbers, UNITS, strict=True))
    ]  # fmt: skip
    names = ("number", "small", "weight", "is_so", "amount", "word", "told", "note")
    copy_rows("by_rows", names, rows)
    place = np.arange(len(rows))
    columns = (
        np.asarray(numbers), place.astype(np.int16), place / 10, place % 2 == 0, Money(np.asarray(UNITS)),
        Said(np.asarray(which), [word.encode() for word in words]),
        Said(np.asarray(other), [as_jsonb(each) for each in told]), b"",
    )  # fmt: skip
    copy_columns("by_columns", dict(zip(names, columns, strict=True)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM by_rows ORDER BY small")
        expected = cursor.fetchall()
        cursor.execute("SELECT * FROM by_columns ORDER BY small")
        assert cursor.fetchall() == expected


def test_no_rows_are_no_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE by_columns ({COLUMNS}) ON COMMIT DROP")
        copy_columns("by_columns", {"number": np.zeros(0, dtype=np.int64), "note": b""})
        cursor.execute("SELECT count(*) FROM by_columns")
        assert cursor.fetchone() == (0,)
