"""How the child tells what it read: lines of JSON, checked like any other input: a child that met a bad file is not trusted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TextIO

from reconciliation.statements.preview import Preview, PreviewRow
from reconciliation.statements.rows import REFUSALS, Problem, RejectedRow, Row, Statement, StatementRejected

# Rows that share a line of the answer: a line for each would be read more slowly, a single one held in memory twice.
AT_ONCE = 500
_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def write_statement(statement: Statement, out: TextIO) -> None:
    """The head on the first line, then the rows and the rejected rows, `AT_ONCE` on a line."""
    head = {
        "opening": _number(statement.opening),
        "closing": _number(statement.closing),
        "account": statement.account,
        "currency": statement.currency,
        "first_day": _day(statement.first_day),
        "last_day": _day(statement.last_day),
        "problems": [[each.code, each.expected, each.found, each.line] for each in statement.problems],
        "rows": len(statement.rows),
        "rejected": len(statement.rejected),
    }
    _line(out, head)
    for start in range(0, len(statement.rows), AT_ONCE):
        _line(out, [_row(row) for row in statement.rows[start : start + AT_ONCE]])
    for start in range(0, len(statement.rejected), AT_ONCE):
        _line(out, [_rejected(each) for each in statement.rejected[start : start + AT_ONCE]])


def write_refusal(refusal: StatementRejected, out: TextIO) -> None:
    _line(out, {"refused": refusal.code, "detail": refusal.detail, "line": refusal.line})


def write_preview(preview: Preview, out: TextIO) -> None:
    rows = [
        [each.number, list(each.cells), each.role, _row(each.row) if each.row else None, each.code, each.column]
        for each in preview.rows
    ]
    refused = None if preview.refusal is None else [preview.refusal.code, preview.refusal.detail, preview.refusal.line]
    _line(out, {"preview": rows, "refused": refused})
    if preview.statement is not None:
        write_statement(preview.statement, out)


def read_statement(lines: Iterator[str]) -> Statement:
    """The statement that a child wrote. Raises `StatementRejected`: what it says, or `format` when it says nothing sensible."""
    try:
        head = json.loads(next(lines))
        if "refused" in head:
            raise _refusal([head["refused"], head["detail"], head["line"]])
        rows = [_read_row(parts) for parts in _many(lines, int(head["rows"]))]
        rejected = [_read_rejected(parts) for parts in _many(lines, int(head["rejected"]))]
        return Statement(
            rows=rows,
            rejected=rejected,
            opening=_read_number(head["opening"]),
            closing=_read_number(head["closing"]),
            account=str(head["account"]),
            currency=str(head["currency"]),
            first_day=_read_day(head["first_day"]),
            last_day=_read_day(head["last_day"]),
            problems=[_read_problem(each) for each in head["problems"]],
        )
    except StatementRejected:
        raise
    except (StopIteration, ValueError, KeyError, TypeError, IndexError, ArithmeticError) as error:
        raise StatementRejected("format", "answer") from error


def read_preview(lines: Iterator[str]) -> Preview:
    """The preview that a child wrote. Raises `StatementRejected` as `read_statement` does."""
    try:
        head = json.loads(next(lines))
        if "preview" not in head:
            raise _refusal([head["refused"], head["detail"], head["line"]])
        rows = [
            PreviewRow(
                number=int(number), cells=tuple(map(str, cells)), role=str(role), row=_read_row(row) if row else None,
                code=str(code), column=str(column),
            )
            for number, cells, role, row, code, column in head["preview"]
        ]  # fmt: skip
        if head["refused"] is not None:
            return Preview(rows=rows, refusal=_refusal(head["refused"]))
    except (StopIteration, ValueError, KeyError, TypeError, IndexError, ArithmeticError) as error:
        if isinstance(error, StatementRejected):
            raise
        raise StatementRejected("format", "answer") from error
    return Preview(rows=rows, statement=read_statement(lines))


def _line(out: TextIO, value: object) -> None:
    out.write(_ENCODER.encode(value))
    out.write("\n")


def _many(lines: Iterator[str], count: int) -> Iterator[list[Any]]:
    """`count` rows from as many lines as they take. Raises `ValueError` when the child wrote another number of them."""
    found = 0
    while found < count:
        parts = json.loads(next(lines))
        if not parts:
            raise ValueError("rows")
        found += len(parts)
        yield from parts
    if found != count:
        raise ValueError("rows")


def _number(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _row(row: Row) -> list[Any]:
    texts = [row.reference, row.text, row.payer_name, row.payer_id, row.origin_bank, row.unique_id]
    return [row.number, row.booked_on.isoformat(), str(row.amount), _number(row.balance), *texts]


def _rejected(each: RejectedRow) -> list[Any]:
    return [each.number, each.code, each.column, each.raw]


def _read_row(parts: list[Any]) -> Row:
    number, day, amount, balance, reference, text, payer_name, payer_id, origin_bank, unique_id = parts
    found = Decimal(amount)
    if not found or not found.is_finite():
        raise ValueError("row")
    # By position, in the order of the fields: this is done for every row of a file.
    return Row(
        int(number), dt.date.fromisoformat(day), found, str(reference), str(text), str(payer_name), str(payer_id),
        str(origin_bank), _read_number(balance), str(unique_id),
    )  # fmt: skip


def _read_rejected(parts: list[Any]) -> RejectedRow:
    number, code, column, raw = parts
    return RejectedRow(number=int(number), code=str(code)[:30], column=str(column)[:30], raw=str(raw)[:300])


def _read_problem(parts: list[Any]) -> Problem:
    code, expected, found, line = parts
    return Problem(code=str(code)[:30], expected=str(expected)[:40], found=str(found)[:40], line=int(line))


def _read_number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("number")
    return number


def _read_day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _refusal(parts: list[Any]) -> StatementRejected:
    code, detail, line = parts
    return StatementRejected(str(code) if code in REFUSALS else "format", str(detail), int(line))
