"""MT940, and MT942 for the day so far: SWIFT's tagged lines, read strictly, with the liberties that banks take.

After SWIFT's category 9 message reference: `:61:` value date YYMMDD, entry date MMDD, mark (C, D, RC, RD), funds code, amount
with a comma, type, customer's reference, `//` bank's reference; `:86:` information, at many banks
with `?20`-like fields.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.cells import fill_by_patterns, fitting
from reconciliation.statements.checks import Draft, join_pages, pick_account, plain_number
from reconciliation.statements.dates import likely
from reconciliation.statements.decode import Line, decode, lines_of
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Problem, Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

_TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):(.*)", re.DOTALL)
_END = re.compile(r"-(?:\}.*|XXX)?")
_HEAD = re.compile(r"(?P<date>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?(?P<rest>.*)", re.DOTALL)
_REST = re.compile(r"(?P<amount>[0-9]{1,15},[0-9]*)(?P<type>[A-Z][A-Z0-9]{3})(?P<ours>.*?)(?://(?P<theirs>.*))?")
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<date>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9]{1,15},[0-9]*)")
_TRAILER = re.compile(r"(?P<count>[0-9]{1,6})(?P<currency>[A-Z]{3})(?P<amount>[0-9]{1,15},[0-9]*)")
_FIELDS = re.compile(r"[0-9]{3}(?P<sign>[?>])")
_NO_REFERENCE = {"", "NONREF", "KREF+", "NOTPROVIDED"}


class _Page:
    """One `:20:` block: its draft, and the tags that have been read."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.draft = Draft()
        self.account = ""
        self.interim = False
        self.entries = 0


def read(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Draft:
    """The movements of one account. Raises `StatementRejected`: `format`, `truncated` (not closed), `several_accounts`."""
    pages = list(_pages(decode(content, profile.encoding), profile, currency))
    if not pages:
        raise StatementRejected("format")
    for page in pages:
        if page.draft.closing is None and profile.closing_required and not page.interim:
            raise StatementRejected("truncated", ":62F:", page.line)
    account = pick_account([page.account for page in pages if page.account], profile.account or account_number)
    ours = [page for page in pages if not page.account or page.account == account]
    draft = join_pages([page.draft for page in ours], account)
    _check_last(draft, profile)
    return draft


def _tags(text: str) -> Iterator[tuple[int, str, list[str], bool]]:
    """Line, tag, the lines of its value, and whether they hold damaged bytes. An end of a page is the tag `-`."""
    number, tag, damaged = 0, "", False
    value: list[str] = []
    for line in lines_of(text):
        written = line.text.strip("\x01\x03\x1a ").rstrip()
        found = _TAG.fullmatch(written)
        ended = _END.fullmatch(written) is not None
        if found or ended:
            if tag:
                yield number, tag, value, damaged
            number, tag, value, damaged = line.number, found[1] if found else "-", [found[2]] if found else [], line.damaged
        elif tag and tag != "-" and written not in {"", ":"}:
            value.append(_kept(line))
            damaged = damaged or line.damaged
    if tag:
        yield number, tag, value, damaged


def _kept(line: Line) -> str:
    return line.text.strip("\x01\x03\x1a").rstrip("\r")


def _pages(text: str, profile: Profile, currency: str) -> Iterator[_Page]:
    page: _Page | None = None
    waiting: tuple[int, str, str] | None = None  # a :61: until its :86: is read, or none comes
    lost = False
    for number, tag, value, damaged in _tags(text):
        if tag != "86" and waiting and page:
            _entry(page, waiting, "", profile, currency, lost)
            waiting = None
        if tag == "-":
            if page:
                yield page
            page = None
        elif tag == "20" or (page is None and tag in {"25", "60F", "60M", "61"}):
            if page:
                yield page
            page = _Page(number)
        if page is None:
            continue
        if tag == "61":
            waiting, lost = (number, value[0], " ".join(value[1:]).strip()), damaged
            page.entries += 1
        elif tag == "86" and waiting:
            _entry(page, waiting, _information(value), profile, currency, lost or damaged)
            waiting = None
        elif tag == "25":
            if page.entries:
                raise StatementRejected("format", ":25:", number)
            page.account = value[0].strip()
        elif tag in {"60F", "60M", "62F", "62M"}:
            _balance(page, tag, value[0].strip(), number, currency)
        elif tag in {"13", "13D", "34F"}:
            page.interim = True
        elif tag in {"90D", "90C"}:
            _trailer(page, tag, value[0].strip(), number)
    if page:
        if waiting:
            _entry(page, waiting, "", profile, currency, lost)
        yield page


def _information(lines: list[str]) -> str:
    """The text of `:86:`. Lines of structured information are cut at 65 signs, within words; others are lines of their own."""
    return ("" if _FIELDS.match(lines[0]) else " ").join(lines).strip()


def _entry(page: _Page, waiting: tuple[int, str, str], information: str, profile: Profile, currency: str, damaged: bool) -> None:
    number, first, more = waiting
    try:
        if damaged:
            raise Unreadable("encoding")
        page.draft.rows.append(_movement(number, first, more, information, profile, currency))
    except Unreadable as error:
        page.draft.reject(number, error.code, error.column, f":61:{first} {information}".strip())
    page.draft.count()


def _movement(number: int, first: str, more: str, information: str, profile: Profile, currency: str) -> Row:
    head = _HEAD.fullmatch(first)
    if not head:
        raise Unreadable("date" if not re.match("[0-9]{6}", first) else "sign")
    rest = _REST.fullmatch(head["rest"].rstrip())
    if not rest:
        raise Unreadable("amount", "amount")
    amount = _amount(rest["amount"], profile, currency)
    if amount == 0:
        raise Unreadable("zero", "amount")
    if head["mark"] in {"D", "RC", "ED"}:
        amount = -amount
    ours, theirs = rest["ours"].strip(), (rest["theirs"] or "").strip()
    reference = next((each for each in (ours, theirs) if each.upper() not in _NO_REFERENCE), "")
    texts = {"reference": reference, "payer_name": "", "payer_id": "", "origin_bank": "", "balance": "", "unique_id": ""}
    texts["text"] = _plain_text(information, more)
    if amount > 0:
        texts |= _payer(information)
    fill_by_patterns(texts, profile)
    texts = fitting(texts)
    balance = read_amount(texts["balance"], Signs.of(profile, currency), "balance")[0] if texts["balance"] else None
    return Row(
        number=number,
        booked_on=_day(head["date"], head["entry"]),
        amount=amount,
        reference=texts["reference"],
        text=texts["text"],
        payer_name=texts["payer_name"],
        payer_id=texts["payer_id"],
        origin_bank=texts["origin_bank"],
        balance=balance,
    )


def _amount(written: str, profile: Profile, currency: str) -> Decimal:
    """SWIFT's own writing, whatever the profile says of other files: a comma, no thousands, `12,` is twelve."""
    signs = Signs(",", "", 0, Signs.of(profile, currency).units)
    return read_amount(written.removesuffix(","), signs, "amount")[0]


def _day(value: str, entry: str | None) -> dt.date:
    """The booking day: the entry date in the year that brings it nearest to the value date; else the value date."""
    year = 2000 + int(value[:2]) if int(value[:2]) < 80 else 1900 + int(value[:2])
    try:
        if not entry:
            return likely(dt.date(year, int(value[2:4]), int(value[4:])))
        # Some banks' value dates are no days (30 February); the month is enough to find the entry's year.
        months = {each: (each - year) * 12 + int(entry[:2]) - int(value[2:4]) for each in (year - 1, year, year + 1)}
        nearest = min(months, key=lambda each: abs(months[each]))
        return likely(dt.date(nearest, int(entry[:2]), int(entry[2:])))
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("date", "date") from error


def _plain_text(information: str, more: str) -> str:
    found = _FIELDS.match(information)
    if not found:
        return " ".join(filter(None, (more, information)))
    parts = re.split(rf"\{found['sign']}([0-9]{{2}})", information[3:])
    words = [parts[0], *(text for code, text in zip(parts[1::2], parts[2::2], strict=False) if _is_text(code))]
    return " ".join(filter(None, (more, *(word.strip() for word in words))))


def _is_text(code: str) -> bool:
    return code == "00" or "20" <= code <= "29" or "60" <= code <= "63"


def _payer(information: str) -> dict[str, str]:
    found = _FIELDS.match(information)
    if not found:
        return {}
    parts = re.split(rf"\{found['sign']}([0-9]{{2}})", information[3:])
    fields = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=False))
    payer = {"payer_name": " ".join(filter(None, (fields.get("32", ""), fields.get("33", ""))))}
    account, bank = fields.get("31", ""), fields.get("30", "")
    payer["payer_id"] = account if len(account) <= 30 else ""
    payer["origin_bank"] = bank if len(bank) <= 10 else bank[:8]
    return payer


def _balance(page: _Page, tag: str, value: str, number: int, currency: str) -> None:
    found = _BALANCE.fullmatch(value)
    if not found:
        raise StatementRejected("truncated" if tag.startswith("62") else "format", f":{tag}:{value}", number)
    signs = Signs(",", "", 0, Signs.of(Profile(format="mt940"), currency).units)
    try:
        amount = read_amount(found["amount"].removesuffix(","), signs, "balance")[0]
        day = _day(found["date"], None)
    except Unreadable as error:
        raise StatementRejected("format", f":{tag}:{value}", number) from error
    amount = amount if found["mark"] == "C" else -amount
    page.draft.currency = page.draft.currency or found["currency"]
    if page.draft.currency != found["currency"]:
        raise StatementRejected("other_currency", found["currency"], number)
    if tag.startswith("60"):
        page.draft.opening = amount if page.draft.opening is None else page.draft.opening
    else:
        page.draft.closing = amount
        page.draft.cover(None, day)


def _trailer(page: _Page, tag: str, value: str, number: int) -> None:
    """`:90D:` and `:90C:` of an MT942: how many movements, and what they come to."""
    found = _TRAILER.fullmatch(value)
    if not found:
        raise StatementRejected("format", f":{tag}:{value}", number)
    page.draft.currency = page.draft.currency or found["currency"]
    sign = -1 if tag == "90D" else 1
    ours = [abs(row.amount) for row in page.draft.rows if row.amount * sign > 0]
    total = Decimal(found["amount"].replace(",", ".").rstrip("."))
    if len(ours) != int(found["count"]):
        page.draft.problems.append(Problem(code="count", expected=found["count"], found=str(len(ours)), line=number))
    if sum(ours, Decimal(0)) != total:
        code = "sum_debits" if sign < 0 else "sum_credits"
        summed = plain_number(sum(ours, Decimal(0)))
        page.draft.problems.append(Problem(code=code, expected=plain_number(total), found=summed, line=number))


def _check_last(draft: Draft, profile: Profile) -> None:
    """Without a closing balance, only the last movement can show that the file was cut: it lacks what all others have."""
    rows = draft.rows
    if profile.closing_required or len(rows) < 2 or rows[-1].balance is not None:
        return
    if all(row.balance is not None for row in rows[:-1]):
        cut = rows.pop()
        draft.reject(cut.number, "truncated", "balance", f"{cut.reference} {cut.text}")
