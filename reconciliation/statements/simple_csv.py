"""The house's own CSV layout, for banks without a profile.

Columns by name in the first row, in English or in Spanish, in any order: `date, amount, reference, text` and, where known,
`payer_name, payer_id, origin_bank, balance`; or `fecha, monto, referencia, texto, nombre_pagador, documento_pagador,
banco_origen, saldo`.
Separated by commas or semicolons (whichever the first row uses). UTF-8, else Windows-1252. Nothing is guessed: dates are
`2026-11-24` or `24/11/2026` (day first), amounts `1234.50` or `1234,50` without thousands signs, negative with a leading minus.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from banking.money import AMOUNT_LIMIT, minor_units
from reconciliation.statements.rows import RejectedRow, Row, Statement, StatementRejected
from reconciliation.statements.told import EVERY, tell

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 200_000
COLUMNS = {
    "date": "date", "amount": "amount", "reference": "reference", "text": "text",
    "payer_name": "payer_name", "payer_id": "payer_id", "origin_bank": "origin_bank", "balance": "balance",
    "fecha": "date", "monto": "amount", "referencia": "reference", "texto": "text",
    "nombre_pagador": "payer_name", "documento_pagador": "payer_id", "banco_origen": "origin_bank", "saldo": "balance",
}  # fmt: skip
NEEDED = ("date", "amount", "reference", "text")
LONGEST_HEADER = 500
LONGEST = {"reference": 80, "text": 500, "payer_name": 200, "payer_id": 30, "origin_bank": 10}


class _Unreadable(ValueError):
    def __init__(self, code: str, column: str) -> None:
        super().__init__(code)
        self.code, self.column = code, column


def parse(content: bytes, currency: str) -> Statement:
    """Read a file of movements in `currency`. One bad row never loses the good ones.

    Rows are rejected with `columns`, `date`, `date_unlikely`, `amount`, `zero`, `too_large`, `balance`, `too_long`; the file as a
    whole with `StatementRejected`.
    """
    text = _decode(content)
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        columns = _header(next(reader, []))
        rows, rejected = _read(reader, columns, currency)
    except csv.Error as error:
        raise StatementRejected("header", str(error)) from error
    if not rows and not rejected:
        raise StatementRejected("empty")
    return Statement(rows=rows, rejected=rejected)


def is_own_sheet(content: bytes) -> bool:
    """Whether the first row names this layout's columns and nothing else. No bank writes these words alone by chance."""
    first = content[:LONGEST_HEADER].partition(b"\n")[0]
    try:
        text = _decode(first)
        _header(next(csv.reader([text], delimiter=";" if ";" in text else ",")))
    except (StatementRejected, csv.Error):
        return False
    return True


def _decode(content: bytes) -> str:
    """UTF-8 with or without mark, else Windows-1252; never a detector's guess."""
    if len(content) > MOST_BYTES:
        raise StatementRejected("too_large")
    if not content.strip():
        raise StatementRejected("empty")
    if b"\x00" in content:
        raise StatementRejected("binary")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementRejected("encoding")


def _header(cells: list[str]) -> list[str]:
    names = [COLUMNS.get(cell.strip().lower(), "") for cell in cells]
    lacking = [name for name in NEEDED if name not in names]
    if lacking or "" in names or len(set(names)) != len(names):
        raise StatementRejected("header", ", ".join(cells)[:200])
    return names


def _read(reader: Iterator[list[str]], columns: list[str], currency: str) -> tuple[list[Row], list[RejectedRow]]:
    rows: list[Row] = []
    rejected: list[RejectedRow] = []
    places = {name: place for place, name in enumerate(columns)}
    amounts = _pattern_of_amounts(currency)
    for number, written in enumerate(reader, start=2):
        cells = [cell.strip() for cell in written]
        if not any(cells):
            continue
        found = len(rows) + len(rejected)
        if found >= MOST_ROWS:
            raise StatementRejected("too_many")
        if found % EVERY == 0:
            tell(found)
        try:
            if len(cells) != len(columns):
                raise _Unreadable("columns", "")
            rows.append(_row(number, cells, places, amounts))
        except _Unreadable as error:
            raw = ";".join(written)[:300]
            rejected.append(RejectedRow(number=number, code=error.code, column=error.column, raw=raw))
    return rows, rejected


def _row(number: int, cells: list[str], places: Mapping[str, int], amounts: re.Pattern[str]) -> Row:
    texts = {name: cells[places[name]] if name in places else "" for name in LONGEST}
    for column, text in texts.items():
        if len(text) > LONGEST[column]:
            raise _Unreadable("too_long", column)
    amount = _amount(cells[places["amount"]], amounts, "amount")
    if not amount:
        raise _Unreadable("zero", "amount")
    balance = cells[places["balance"]] if "balance" in places else ""
    return Row(
        number=number,
        booked_on=_date(cells[places["date"]]),
        amount=amount,
        balance=_amount(balance, amounts, "balance") if balance else None,
        **texts,
    )


# A file holds few days, each many times.
@lru_cache(maxsize=1000)
def _date(text: str) -> dt.date:
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
    day_first = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text, re.ASCII)
    try:
        if iso:
            found = dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif day_first:
            found = dt.date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
        else:
            raise _Unreadable("date", "date")
    except ValueError as error:
        raise _Unreadable("date", "date") from error
    if not 2000 <= found.year <= 2100:
        raise _Unreadable("date_unlikely", "date")
    return found


def _pattern_of_amounts(currency: str) -> re.Pattern[str]:
    """A sign, digits, and at most as many decimals as the currency has: `1.234` is unreadable, not a guess."""
    units = minor_units(currency)
    decimals = rf"(?:[.,]\d{{1,{units}}})?" if units else ""
    return re.compile(rf"[-−]?\d{{1,18}}{decimals}", re.ASCII)


def _amount(text: str, written: re.Pattern[str], column: str) -> Decimal:
    if not written.fullmatch(text):
        raise _Unreadable("amount", column)
    amount = Decimal(text.replace("−", "-").replace(",", "."))
    if abs(amount) >= AMOUNT_LIMIT:
        raise _Unreadable("too_large", column)
    return amount
