"""Many rows into one table with one COPY, on Django's own connection and inside its transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection

# PostgreSQL's binary COPY: a signature with two empty words, the rows, and a last count of -1.
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
# How each kind of array stands in a row: bigint, smallint, double precision, boolean.
KINDS = {np.dtype(np.int64): ">i8", np.dtype(np.int16): ">i2", np.dtype(np.float64): ">f8", np.dtype(np.bool_): "u1"}
# A numeric is told in digits of base 10,000: four of them before the point and one behind hold every amount of the house.
NUMERIC, BASE = np.array([5, 3, 0, 4], dtype=">i2").tobytes(), 10_000


@dataclass(frozen=True)
class Money:
    """A column of amounts in units of 10^-4, none below 0."""

    units: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Said:
    """A column of few different values: row i holds `values[which[i]]`, its bytes as the type sends them."""

    which: npt.NDArray[np.int64]
    values: Sequence[bytes]


Column: TypeAlias = npt.NDArray[Any] | Money | Said | bytes


def as_jsonb(value: Any) -> bytes:
    """A value as jsonb is sent."""
    return b"\x01" + json.dumps(value).encode()


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Send rows into a table of ours. Table and `columns` are names of the program, never of a person."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_names(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def copy_columns(table: str, columns: Mapping[str, Column]) -> None:
    """The same by columns, for very many rows: arrays, or bytes that every row holds. Their types are the table's own.

    Rows with the same of their `Said` values are sent together, in their order: they are all of one length.
    """
    said = [column for column in columns.values() if isinstance(column, Said)]
    size = max(_length(column) for column in columns.values())
    kind = reduce(lambda kind, column: kind * len(column.values) + column.which, said, np.zeros(size, dtype=np.int64))
    order = np.argsort(kind, kind="stable")
    edges = np.flatnonzero(np.diff(kind[order], prepend=-1, append=-1))
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_names(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(HEADER)
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            copy.write(_records(list(columns.values()), order[start:end]).tobytes())
        copy.write(TRAILER)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in columns)


def _length(column: Column) -> int:
    if isinstance(column, bytes):
        return 0
    return len(column.units if isinstance(column, Money) else column.which if isinstance(column, Said) else column)


def _records(columns: Sequence[Column], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.void]:
    """These rows as they are sent: how many columns, and of each its length and its bytes."""
    fields = [_field(column, rows) for column in columns]
    parts: list[Any] = [("columns", ">i2")]
    for place, (kind, _values) in enumerate(fields):
        parts += [(f"length{place}", ">i4"), (f"value{place}", kind)]
    records = np.empty(len(rows), dtype=parts)
    records["columns"] = len(fields)
    for place, (_kind, values) in enumerate(fields):
        records[f"length{place}"] = records.dtype[f"value{place}"].itemsize
        records[f"value{place}"] = values
    return records


def _field(column: Column, rows: npt.NDArray[np.int64]) -> tuple[str, Any]:
    if isinstance(column, Money):
        units = column.units[rows]
        digits = [units // BASE**place % BASE for place in range(4, -1, -1)]
        values = np.empty(len(rows), dtype=[("head", f"V{len(NUMERIC)}"), ("digits", ">i2", 5)])
        values["head"], values["digits"] = np.void(NUMERIC), np.stack(digits, axis=1)
        return f"V{values.dtype.itemsize}", values.view(f"V{values.dtype.itemsize}")
    if isinstance(column, Said):
        column = column.values[int(column.which[rows[0]])]
    if isinstance(column, bytes):
        return f"V{len(column)}", np.void(column)
    return KINDS[column.dtype], column[rows]
