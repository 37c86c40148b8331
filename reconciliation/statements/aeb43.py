"""The AEB-43 family: records 00/11/22/23/33/88, with commas as BBVA Provincial writes, or in the 80 signs of Norma 43.

After the Asociación Española de Banca's Cuaderno 43: 11 opens an account, 22 is a movement (1 debit, 2 credit, the last two
digits are decimals), 23 adds words to it, 33 counts, sums and closes it, 88 counts the records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.cells import fill_by_patterns, fitting
from reconciliation.statements.checks import CURRENCY_NUMBERS, Draft, join_pages, pick_account, plain_number
from reconciliation.statements.dates import read_date
from reconciliation.statements.decode import Line, decode, lines_of
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Problem, Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

# The signs of amounts: whole cents, no signs at all. Every currency of the family has two decimals in its records.
_DATE = "%y%m%d"
# Norma 43: field -> (from, to) in the 80 signs.
_FIXED: dict[str, dict[str, tuple[int, int]]] = {
    "11": {"account": (2, 20), "first": (20, 26), "last": (26, 32), "mark": (32, 33), "amount": (33, 47), "currency": (47, 50)},
    "22": {"day": (10, 16), "mark": (27, 28), "amount": (28, 42), "reference": (42, 52), "text": (52, 80)},
    "33": {
        "account": (2, 20), "debits": (20, 25), "debit_sum": (25, 39), "credits": (39, 44), "credit_sum": (44, 58),
        "mark": (58, 59), "amount": (59, 73), "currency": (73, 76),
    },
}  # fmt: skip
# With commas: field -> position. The account is bank, branch and number together.
_COMMAS: dict[str, dict[str, int]] = {
    "11": {"first": 4, "last": 5, "mark": 6, "amount": 7, "currency": 8},
    "22": {"day": 3, "mark": 7, "amount": 8, "reference": 9},
    "33": {"debits": 4, "debit_sum": 5, "credits": 6, "credit_sum": 7, "mark": 8, "amount": 9, "currency": 10},
}


class _Reading:
    def __init__(self, profile: Profile, currency: str) -> None:
        self.profile = profile
        self.currency = currency
        self.pages: list[Draft] = []
        self.page: Draft | None = None
        self.records = 0
        self.ended = False

    def open_page(self, line: Line) -> Draft:
        if self.page is None:
            raise StatementRejected("format", line.text[:80], line.number)
        return self.page


def read(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Draft:
    """The movements of one account. Raises `StatementRejected`: `format`, `truncated` (no 33 or 88), `several_accounts`."""
    reading = _Reading(profile, currency)
    last = 0
    for line in lines_of(decode(content, profile.encoding)):
        text = line.text.strip("\x1a").rstrip()
        if not text:
            continue
        last = line.number
        kind = _KINDS.get(text[:2])
        if kind is None or reading.ended:
            raise StatementRejected("format", text[:80], line.number)
        reading.records += 1
        kind(reading, line, text)
    if not reading.records:
        raise StatementRejected("format")
    if reading.page is not None or not reading.ended:
        raise StatementRejected("truncated", "33" if reading.page is not None else "88", last)
    account = pick_account([page.account for page in reading.pages], profile.account or account_number)
    return join_pages([page for page in reading.pages if page.account == account], account)


def _fields(kind: str, text: str) -> Mapping[str, str]:
    """The fields of a record by name, from either writing. Raises `Unreadable("columns")` for a record that is too short."""
    if text[2:3] != ",":
        spans = _FIXED[kind]
        if len(text) < max(end for name, (_start, end) in spans.items() if name != "text"):
            raise Unreadable("columns")
        return {name: text[start:end].strip() for name, (start, end) in spans.items()}
    cells = text.split(",")
    places = _COMMAS[kind]
    if len(cells) <= max(places.values()):
        raise Unreadable("columns")
    fields = {name: cells[place].strip() for name, place in places.items()}
    fields["account"] = "".join(cell.strip() for cell in cells[1:4])
    # The words come last and may hold commas; those that only end the record are not theirs.
    fields["text"] = ",".join(cells[10:]).strip().rstrip(",").strip()
    return fields


def _cents(digits: str, column: str) -> Decimal:
    if not (digits.isascii() and digits.isdigit()):
        raise Unreadable("amount", column)
    return read_amount(digits, Signs(",", "", 2, 2), column)[0]


def _signed(amount: Decimal, mark: str, column: str) -> Decimal:
    if mark not in {"1", "2"}:
        raise Unreadable("sign", column)
    return -amount if mark == "1" else amount


def _whole(line: Line, text: str, kind: str) -> tuple[Mapping[str, str], Decimal]:
    """A record that the file cannot do without, with its balance. Raises `StatementRejected("format")`."""
    try:
        fields = _fields(kind, text)
        return fields, _signed(_cents(fields["amount"], "balance"), fields["mark"], "balance")
    except Unreadable as error:
        raise StatementRejected("truncated" if error.code == "columns" else "format", text[:80], line.number) from error


def _begin(reading: _Reading, line: Line, text: str) -> None:
    if reading.records > 1:
        raise StatementRejected("format", text[:80], line.number)


def _open(reading: _Reading, line: Line, text: str) -> None:
    if reading.page is not None:
        raise StatementRejected("format", text[:80], line.number)
    fields, opening = _whole(line, text, "11")
    page = Draft(account=fields["account"], opening=opening, currency=CURRENCY_NUMBERS.get(fields["currency"], ""))
    if not page.currency:
        raise StatementRejected("other_currency", fields["currency"], line.number)
    page.cover(_day_or_none(fields["first"]), _day_or_none(fields["last"]))
    reading.page = page


def _day_or_none(text: str) -> dt.date | None:
    try:
        return read_date(text, _DATE)
    except Unreadable:
        return None


def _movement(reading: _Reading, line: Line, text: str) -> None:
    page = reading.open_page(line)
    try:
        if line.damaged:
            raise Unreadable("encoding")
        fields = _fields("22", text)
        amount = _signed(_cents(fields["amount"], "amount"), fields["mark"], "amount")
        if amount == 0:
            raise Unreadable("zero", "amount")
        page.rows.append(_row(line.number, read_date(fields["day"], _DATE), amount, fields, reading.profile))
    except Unreadable as error:
        page.reject(line.number, error.code, error.column, text)
    page.count()


def _row(number: int, day: dt.date, amount: Decimal, fields: Mapping[str, str], profile: Profile) -> Row:
    texts = {"reference": fields["reference"], "text": fields["text"], "payer_name": "", "payer_id": "", "origin_bank": ""}
    fill_by_patterns(texts, profile)
    texts = fitting(texts)
    return Row(
        number=number,
        booked_on=day,
        amount=amount,
        reference=texts["reference"],
        text=texts["text"],
        payer_name=texts["payer_name"],
        payer_id=texts["payer_id"],
        origin_bank=texts["origin_bank"],
    )


def _more_words(reading: _Reading, line: Line, text: str) -> None:
    """Words that go with the movement before; after a movement that was refused they add nothing."""
    page = reading.open_page(line)
    if not page.rows or (page.rejected and page.rejected[-1].number > page.rows[-1].number):
        return
    row = page.rows.pop()
    words = " ".join(part for part in (row.text, text[4:42].strip(), text[42:80].strip()) if part)
    fields = {"reference": row.reference, "text": words}
    try:
        page.rows.append(_row(row.number, row.booked_on, row.amount, fields, reading.profile))
    except Unreadable as error:
        page.reject(row.number, error.code, error.column, words)


def _ignored(reading: _Reading, line: Line, text: str) -> None:
    """Record 24 says what the amount was in another currency."""
    reading.open_page(line)


def _close(reading: _Reading, line: Line, text: str) -> None:
    page = reading.open_page(line)
    fields, page.closing = _whole(line, text, "33")
    if fields["account"] != page.account:
        raise StatementRejected("format", text[:80], line.number)
    for side, sign in (("debit", -1), ("credit", 1)):
        ours = [abs(row.amount) for row in page.rows if row.amount * sign > 0]
        count, written = fields[f"{side}s"], fields[f"{side}_sum"]
        if not (count.isdigit() and written.isdigit()):
            raise StatementRejected("format", text[:80], line.number)
        if int(count) != len(ours):
            page.problems.append(Problem(code="count", expected=str(int(count)), found=str(len(ours)), line=line.number))
        total, expected = sum(ours, Decimal(0)), Decimal(written).scaleb(-2)
        if total != expected:
            problem = Problem(code=f"sum_{side}s", expected=plain_number(expected), found=plain_number(total), line=line.number)
            page.problems.append(problem)
    _check_page(page, line.number)
    reading.pages.append(page)
    reading.page = None


def _check_page(page: Draft, number: int) -> None:
    """Each page's own total: the sum over all pages could hide two faults that cancel."""
    if page.opening is None or page.closing is None:
        return
    found = page.opening + sum((row.amount for row in page.rows), Decimal(0))
    if found != page.closing:
        page.problems.append(Problem(code="totals", expected=plain_number(page.closing), found=plain_number(found), line=number))


def _end(reading: _Reading, line: Line, text: str) -> None:
    if reading.page is not None:
        raise StatementRejected("truncated", "33", line.number)
    reading.ended = True
    digits = text.split(",")[2] if text[2:3] == "," and text.count(",") >= 2 else text[20:26]
    if not (digits.strip().isdigit() and len(digits.strip()) == 6):
        raise StatementRejected("truncated", text[:80], line.number)
    # The last record is not always counted with the others, nor is the first.
    if reading.pages and int(digits) not in range(reading.records - 2, reading.records + 1):
        problem = Problem(code="count", expected=str(int(digits)), found=str(reading.records - 1), line=line.number)
        reading.pages[-1].problems.append(problem)


_KINDS: dict[str, Callable[[_Reading, Line, str], None]] = {
    "00": _begin, "11": _open, "22": _movement, "23": _more_words, "24": _ignored, "33": _close, "88": _end,
}  # fmt: skip
