"""OFX, versions 1 (SGML, tags left open) and 2 (XML): tags and values, read without a DTD.

After the Open Financial Exchange specification 1.0.2 and 2.1: a comma or a point is the decimal sign, dates are YYYYMMDD with a
time and a zone behind, and neither ever moves the day.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from decimal import Decimal

from banking.money import minor_units
from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.cells import fill_by_patterns, fitting
from reconciliation.statements.checks import Draft, join_pages, pick_account
from reconciliation.statements.dates import likely
from reconciliation.statements.decode import decode
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

_TAG = re.compile(r"<(/?)([A-Za-z0-9._]+)\s*/?>([^<]*)")
_STATEMENTS = {"STMTRS", "CCSTMTRS"}
_PLACES = {"BANKACCTFROM", "CCACCTFROM", "BANKTRANLIST", "LEDGERBAL", "AVAILBAL", "STMTTRN", "BALLIST"}
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{2,6}(?:\.[0-9]{1,6})?)?(?:\[.*\])?")


class _Page:
    def __init__(self) -> None:
        self.draft = Draft()
        self.where = ""
        self.balance: dict[str, str] = {}
        self.entry: dict[str, str] | None = None
        self.entry_line = 0


def read(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Draft:
    """The movements of one account. Raises `StatementRejected`: `format`, `truncated`, `doctype`, `several_accounts`."""
    text = decode(content, profile.encoding)
    upper = text.upper()
    if "<!DOCTYPE" in upper or "<!ENTITY" in upper:
        raise StatementRejected("doctype")
    start = upper.find("<OFX>")
    if start < 0:
        raise StatementRejected("format", text[:80])
    if "</OFX>" not in upper[start:]:
        raise StatementRejected("truncated", "</OFX>", text.count("\n") + 1)
    pages = [page.draft for page in _pages(text, start, profile, currency)]
    if not pages:
        raise StatementRejected("no_rows")
    account = pick_account([page.account for page in pages if page.account], profile.account or account_number)
    return join_pages([page for page in pages if page.account == account], account)


def _pages(text: str, start: int, profile: Profile, currency: str) -> Iterator[_Page]:
    page: _Page | None = None
    line, counted = 1 + text.count("\n", 0, start), start
    for found in _TAG.finditer(text, start):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        closing, name, value = found[1] == "/", found[2].upper(), html.unescape(found[3]).strip()
        if name in _STATEMENTS:
            if page:
                _end_entry(page, profile, currency, whole=False)
                yield page
            page = None if closing else _Page()
        elif page is None:
            continue
        elif name == "STMTTRN":
            _end_entry(page, profile, currency, whole=closing)
            page.where = "" if closing else name
            page.entry, page.entry_line = (None, 0) if closing else ({}, line)
        elif page.entry is not None:
            if not closing and value:
                page.entry.setdefault(name, value)
        elif name in _PLACES:
            if closing and name == "LEDGERBAL":
                _ledger_balance(page, currency)
            page.where = "" if closing else name
        elif not closing and value:
            _head(page, name, value)
    if page:
        _end_entry(page, profile, currency, whole=False)
        yield page


def _head(page: _Page, name: str, value: str) -> None:
    draft = page.draft
    if name == "CURDEF":
        draft.currency = value
    elif name == "ACCTID" and page.where in {"BANKACCTFROM", "CCACCTFROM"}:
        draft.account = value
    elif name in {"DTSTART", "DTEND"} and page.where == "BANKTRANLIST":
        try:
            day = _day(value)
        except Unreadable:
            return
        draft.cover(day if name == "DTSTART" else None, day if name == "DTEND" else None)
    elif page.where == "LEDGERBAL":
        page.balance[name] = value


def _ledger_balance(page: _Page, currency: str) -> None:
    """The balance counts as this file's closing one only when it is of the file's last day."""
    try:
        if page.draft.last_day is not None and _day(page.balance.get("DTASOF", "")) == page.draft.last_day:
            page.draft.closing = _amount(page.balance.get("BALAMT", ""), currency, "balance")
    except Unreadable:
        return


def _end_entry(page: _Page, profile: Profile, currency: str, *, whole: bool) -> None:
    if page.entry is None:
        return
    entry, page.entry = page.entry, None
    try:
        if not whole:
            raise Unreadable("truncated")
        page.draft.rows.append(_movement(entry, page.entry_line, profile, currency))
    except Unreadable as error:
        page.draft.reject(page.entry_line, error.code, error.column, " ".join(f"{name}={value}" for name, value in entry.items()))
    page.draft.count()


def _movement(entry: dict[str, str], number: int, profile: Profile, currency: str) -> Row:
    if any("\ufffd" in value for value in entry.values()):
        raise Unreadable("encoding")
    if entry.get("CURSYM", currency) != currency and "ORIGCURRENCY" not in entry:
        raise Unreadable("currency", "currency")
    day = _day(entry.get("DTPOSTED", ""))
    amount = _amount(entry.get("TRNAMT", ""), currency, "amount")
    if amount == 0:
        raise Unreadable("zero", "amount")
    name, memo = entry.get("NAME", ""), entry.get("MEMO", "")
    reference = next((entry[each] for each in ("REFNUM", "CHECKNUM") if entry.get(each, "0").strip("0")), "")
    texts = {
        "text": memo if memo.startswith(name) else f"{name} {memo}".strip(),
        "reference": reference,
        "unique_id": entry.get("FITID", ""),
        **dict.fromkeys(("payer_name", "payer_id", "origin_bank", "balance"), ""),
    }
    fill_by_patterns(texts, profile)
    fitting(texts)
    return Row(
        number=number,
        booked_on=day,
        amount=amount,
        reference=texts["reference"],
        text=texts["text"],
        payer_name=texts["payer_name"],
        payer_id=texts["payer_id"],
        origin_bank=texts["origin_bank"],
        unique_id=texts["unique_id"],
    )


def _day(value: str) -> dt.date:
    found = _DATE.fullmatch(value)
    try:
        if not found:
            raise Unreadable("date", "date")
        return likely(dt.date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("date", "date") from error


def _amount(value: str, currency: str, column: str) -> Decimal:
    """A sign, digits, and one comma or point for the decimals, as the specification allows."""
    if not re.fullmatch(r"[+-]?\d{0,18}(?:[.,]\d{1,8})?", value, re.ASCII) or not re.search(r"\d", value):
        raise Unreadable("amount", column)
    number = re.sub(r"^([+-]?)([.,])", r"\g<1>0\2", value)
    return read_amount(number.replace(",", "."), Signs(".", "", 0, minor_units(currency)), column)[0]
