"""CAMT.053 (and .052, .054): ISO 20022's statements, an element at a time. No DTD and no entity is ever opened."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from banking.money import minor_units
from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.cells import fill_by_patterns, fitting
from reconciliation.statements.checks import Draft, join_pages, pick_account, plain_number
from reconciliation.statements.dates import likely
from reconciliation.statements.decode import check_size
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Problem, Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

_CONTAINERS = {"Stmt", "Rpt", "Ntfctn"}
_ROOTS = {"BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn"}
_OPENINGS, _CLOSINGS = {"OPBD", "PRCD"}, {"CLBD"}
_CUT = {3, 5}  # expat: no element found, unclosed token
_NO_REFERENCE = {"", "NOTPROVIDED", "NONREF", "NOT PROVIDED"}


def read(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Draft:
    """The booked entries of one account.

    Raises `StatementRejected`: `format`, `truncated`, `doctype`, `html`, `several_accounts`. What is not booked yet is a rejected
    row (`pending`): it may never come, and comes again when it does.
    """
    check_size(content)
    try:
        pages = list(_pages(content, profile, currency))
    except DefusedXmlException as error:
        raise StatementRejected("doctype") from error
    except ParseError as error:
        line = error.position[0]
        if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] != b"<":
            raise StatementRejected("format", "", line) from error
        raise StatementRejected("truncated" if error.code in _CUT else "format", "", line) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, StatementRejected):
            raise
        # An encoding that does not exist, or bytes that are not of it.
        raise StatementRejected("encoding") from error
    if not pages:
        raise StatementRejected("no_rows")
    account = pick_account([page.account for page in pages if page.account], profile.account or account_number)
    return join_pages([page for page in pages if not page.account or page.account == account], account)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _pages(content: bytes, profile: Profile, currency: str) -> Iterator[Draft]:
    page: Draft | None = None
    reader: _Entries | None = None
    seen: list[str] = []
    steps: Any = iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True)
    for event, element in steps:
        name = _name(element)
        if event == "start":
            if len(seen) < 2:
                seen.append(name)
                _check_root(seen)
            if name in _CONTAINERS:
                page, reader = Draft(), _Entries(profile, currency)
            continue
        if page is None or reader is None:
            continue
        if name == "Ntry":
            reader.take(element, page)
            element.clear()
        elif name == "Bal":
            _balance(element, page, currency)
        elif name in _CONTAINERS:
            _finish(element, page)
            yield page
            page = None
            element.clear()


def _check_root(seen: list[str]) -> None:
    if seen[0].lower() == "html":
        raise StatementRejected("html")
    if seen[0] != "Document" or (len(seen) > 1 and seen[1] not in _ROOTS):
        raise StatementRejected("format", "/".join(seen))


def _text(element: Element | None, *paths: str) -> str:
    """The first of these paths that holds words, whatever the namespace is."""
    if element is None:
        return ""
    for path in paths:
        found = element.find("/".join("{*}" + step for step in path.split("/")))
        if found is not None and found.text and found.text.strip():
            return " ".join(found.text.split())
    return ""


def _money(element: Element, path: str, currency: str, column: str) -> Decimal:
    """An amount of ISO 20022: a point, up to five decimals, its own currency beside it."""
    found = element.find("/".join("{*}" + step for step in path.split("/")))
    if found is None:
        raise Unreadable("amount", column)
    if found.get("Ccy", currency) != currency:
        raise Unreadable("currency", column)
    written = (found.text or "").strip()
    if not re.fullmatch(r"\d{1,18}(?:\.\d{1,5})?", written, re.ASCII):
        raise Unreadable("amount", column)
    return read_amount(written, Signs(".", "", 0, minor_units(currency)), column)[0]


def _sign(element: Element) -> int:
    mark = _text(element, "CdtDbtInd")
    if mark not in {"CRDT", "DBIT"}:
        raise Unreadable("sign", "amount")
    return 1 if mark == "CRDT" else -1


def _balance(element: Element, page: Draft, currency: str) -> None:
    kind = _text(element, "Tp/CdOrPrtry/Cd")
    if kind not in _OPENINGS | _CLOSINGS:
        return
    try:
        amount = _money(element, "Amt", currency, "balance") * _sign(element)
    except Unreadable as error:
        if error.code == "currency":
            found = element.find("{*}Amt")
            raise StatementRejected("other_currency", found.get("Ccy", "") if found is not None else kind) from error
        raise StatementRejected("format", kind) from error
    if kind in _CLOSINGS:
        page.closing = amount
    elif page.opening is None or kind == "OPBD":
        page.opening = amount


def _finish(element: Element, page: Draft) -> None:
    page.account = _text(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    page.currency = _text(element, "Acct/Ccy")
    page.cover(_day_or_none(_text(element, "FrToDt/FrDtTm")), _day_or_none(_text(element, "FrToDt/ToDtTm")))
    for side, sign, path in (("debits", -1, "TxsSummry/TtlDbtNtries"), ("credits", 1, "TxsSummry/TtlCdtNtries")):
        total = _text(element, f"{path}/Sum")
        ours = sum((abs(row.amount) for row in page.rows if row.amount * sign > 0), Decimal(0))
        if re.fullmatch(r"\d{1,18}(?:\.\d{1,5})?", total, re.ASCII) and Decimal(total) != ours:
            page.problems.append(Problem(code=f"sum_{side}", expected=total, found=plain_number(ours)))


def _day_or_none(text: str) -> dt.date | None:
    try:
        return _day(text)
    except Unreadable:
        return None


def _day(text: str) -> dt.date:
    """The day as written. A zone never moves it: the bank booked it on that day."""
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})(?:$|[TZ+-])", text, re.ASCII)
    try:
        if not found:
            raise Unreadable("date", "date")
        return likely(dt.date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("date", "date") from error


class _Entries:
    """Entries of one statement, numbered as they come: XML has no lines that a person would count."""

    def __init__(self, profile: Profile, currency: str) -> None:
        self.profile = profile
        self.currency = currency
        self.number = 0

    def take(self, entry: Element, page: Draft) -> None:
        self.number += 1
        try:
            page.rows += self._rows(entry)
        except Unreadable as error:
            raw = " ".join(filter(None, ("".join(entry.itertext()).split())))
            page.reject(self.number, error.code, error.column, raw)
        page.count()

    def _rows(self, entry: Element) -> list[Row]:
        status = _text(entry, "Sts/Cd", "Sts/Prtry", "Sts")
        if status and status != "BOOK":
            raise Unreadable("pending")
        amount = _money(entry, "Amt", self.currency, "amount") * _sign(entry)
        if amount == 0:
            raise Unreadable("zero", "amount")
        day = _day(_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
        parts = entry.findall("{*}NtryDtls/{*}TxDtls")
        amounts = self._split(parts, amount)
        if amounts:
            return [
                self._row(entry, part, day, each, f"#{place}")
                for place, (part, each) in enumerate(zip(parts, amounts, strict=True))
            ]
        return [self._row(entry, parts[0] if len(parts) == 1 else None, day, amount, "")]

    def _split(self, parts: list[Element], amount: Decimal) -> list[Decimal]:
        """The amounts of payments booked together, when each has one and they come to the entry's amount; else nothing."""
        if len(parts) < 2:
            return []
        amounts = []
        for part in parts:
            try:
                path = "Amt" if part.find("{*}Amt") is not None else "AmtDtls/TxAmt/Amt"
                each = _money(part, path, self.currency, "amount")
                mark = _text(part, "CdtDbtInd")
            except Unreadable:
                return []
            sign = {"CRDT": 1, "DBIT": -1}.get(mark, 1 if amount > 0 else -1)
            amounts.append(each * sign)
        return amounts if all(amounts) and sum(amounts, Decimal(0)) == amount else []

    def _row(self, entry: Element, part: Element | None, day: dt.date, amount: Decimal, place: str) -> Row:
        payer = "Dbtr" if amount > 0 else "Cdtr"
        bank_id = _text(part, "Refs/AcctSvcrRef") if part is not None else ""
        entry_id = _text(entry, "AcctSvcrRef")
        references = (
            _text(part, "Refs/EndToEndId"), _text(part, "RmtInf/Strd/CdtrRefInf/Ref"), _text(part, "Refs/TxId"), bank_id,
            entry_id, _text(entry, "NtryRef"),
        )  # fmt: skip
        words = [
            *(" ".join((each.text or "").split()) for each in (part.findall("{*}RmtInf/{*}Ustrd") if part is not None else [])),
            _text(part, "AddtlTxInf"),
            _text(entry, "AddtlNtryInf"),
        ]
        account = _text(part, f"RltdPties/{payer}Acct/Id/IBAN", f"RltdPties/{payer}Acct/Id/Othr/Id")
        base = f"RltdPties/{payer}"
        ids = [f"{base}{pty}/Id/{kind}/Othr/Id" for pty in ("", "/Pty") for kind in ("PrvtId", "OrgId")]
        bank = f"RltdAgts/{payer}Agt/FinInstnId"
        texts = {
            "reference": next((each for each in references if each.upper() not in _NO_REFERENCE), "")[:80],
            "text": " ".join(dict.fromkeys(filter(None, words))),
            "payer_name": _text(part, f"{base}/Nm", f"{base}/Pty/Nm"),
            "payer_id": _text(part, *ids) or account,
            "origin_bank": _text(part, f"{bank}/ClrSysMmbId/MmbId", f"{bank}/BICFI", f"{bank}/BIC"),
            "unique_id": (entry_id or bank_id) + (place if entry_id or bank_id else ""),
            "balance": "",
        }
        texts["payer_id"] = texts["payer_id"] if len(texts["payer_id"]) <= 30 else ""
        texts["origin_bank"] = texts["origin_bank"] if len(texts["origin_bank"]) <= 10 else texts["origin_bank"][:8]
        fill_by_patterns(texts, self.profile)
        fitting(texts)
        return Row(
            number=self.number,
            booked_on=day,
            amount=amount,
            reference=texts["reference"],
            text=texts["text"],
            payer_name=texts["payer_name"],
            payer_id=texts["payer_id"],
            origin_bank=texts["origin_bank"],
            unique_id=texts["unique_id"],
        )
