"""Reading exchange rates from CSV: `date,base,quote,rate[,source]`, pure: bytes in, rows and errors out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

MAX_BYTES = 1024 * 1024
MAX_ROWS = 5000
COLUMNS = ("date", "base", "quote", "rate", "source")
HEADERS = {"fecha": "date", "tasa": "rate", "fuente": "source", "moneda": "base", "cotizada": "quote"}
RATE_LIMIT = Decimal(10) ** 10


@dataclass(frozen=True)
class RateRow:
    """One rate as read: 1 `base` is `rate` `quote`."""

    line: int
    date: dt.date
    base: str
    quote: str
    rate: Decimal
    source: str


@dataclass(frozen=True)
class RowError:
    """Which line of the file cannot be used, and why, in a sentence."""

    line: int
    reason: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(reason)s") % {"line": self.line, "reason": self.reason}


class UnreadableRate(ValueError):
    """A rate or date that cannot be read; the message is a sentence."""


def read_rates(content: bytes) -> tuple[list[RateRow], list[RowError]]:
    """All rows that can be read, all lines that cannot. UTF-8 (BOM or not), else cp1252; `,` `;` or tab; a header is optional."""
    if len(content) > MAX_BYTES:
        return [], [RowError(0, _("The file is larger than 1 MB."))]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        return [], [RowError(0, _("This is not a CSV file."))]
    rows: list[RateRow] = []
    errors: list[RowError] = []
    columns = list(COLUMNS)
    try:
        for line, cells in _lines(text):
            if line > MAX_ROWS:
                return [], [RowError(line, _("The file has too many rows; send at most %(most)s.") % {"most": MAX_ROWS})]
            if not rows and not errors and (header := _header(cells)):
                columns = header
                continue
            try:
                rows.append(_row(line, dict(zip(columns, cells, strict=False)), extra=len(cells) > len(columns)))
            except UnreadableRate as error:
                errors.append(RowError(line, str(error)))
    except csv.Error:
        return [], [RowError(0, _("This is not a CSV file."))]
    if not rows and not errors:
        errors.append(RowError(0, _("The file holds no rates.")))
    return rows, errors


def read_rate(text: str) -> Decimal:
    """A positive rate with up to ten decimals. One sign alone is always the decimal sign: `36.512` is thirty-six and a half."""
    cleaned = re.sub(r"[\s\u00a0']", "", text)
    if not re.fullmatch(r"[0-9][0-9.,]*", cleaned) or not cleaned.isascii() or len(cleaned) > 32:
        raise UnreadableRate(_("We cannot read this rate. Write it in figures, for example 36.5127."))
    last = max(cleaned.rfind(","), cleaned.rfind("."))
    whole, fraction = (cleaned[:last], cleaned[last + 1 :]) if last >= 0 else (cleaned, "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (cleaned[last] in whole or not all(len(group) == 3 for group in groups[1:])):
        raise UnreadableRate(_("We cannot read this rate. Write it in figures, for example 36.5127."))
    try:
        rate = Decimal(f"{''.join(groups)}.{fraction or '0'}")
    except InvalidOperation:
        raise UnreadableRate(_("We cannot read this rate. Write it in figures, for example 36.5127.")) from None
    if rate <= 0:
        raise UnreadableRate(_("The rate must be more than zero."))
    if rate >= RATE_LIMIT or len(fraction.rstrip("0")) > 10:
        raise UnreadableRate(_("The rate is too large or has more than ten decimals."))
    return rate


def read_date(text: str) -> dt.date:
    """`2026-11-24` or `24/11/2026`."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text.strip(), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise UnreadableRate(_("We cannot read the date. Write it as 2026-11-24."))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=lambda sign: (first.count(sign), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _header(cells: list[str]) -> list[str]:
    names = [HEADERS.get(cell.lower(), cell.lower()) for cell in cells]
    return names if "date" in names and "rate" in names else []


def _row(line: int, cells: dict[str, str], *, extra: bool) -> RateRow:
    if extra or re.fullmatch(r"\d+", cells.get("source", "")):
        # `2026-11-24,USD,VES,36,50`: a decimal comma became a column, and the rate would be wrong without a word.
        raise UnreadableRate(_("There are too many columns. Write decimals with a point, or separate columns with a semicolon."))
    missing = [name for name in COLUMNS[:4] if not cells.get(name)]
    if missing:
        raise UnreadableRate(_("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)})
    base, quote = cells["base"].upper(), cells["quote"].upper()
    for currency in (base, quote):
        if not re.fullmatch(r"[A-Z]{3}", currency):
            sentence = _("%(text)s is no currency code; write three letters, for example USD.")
            raise UnreadableRate(sentence % {"text": currency[:20]})
    source = cells.get("source", "")
    if len(source) > 20:
        raise UnreadableRate(_("The source is longer than 20 signs."))
    return RateRow(line, read_date(cells["date"]), base, quote, read_rate(cells["rate"]), source)
