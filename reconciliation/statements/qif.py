"""QIF, as banks still give it: one letter and a value a line, `^` ends a movement. `!Tipo:Banco` is Spanish for `!Type:Bank`.

After the Quicken Interchange Format's published field list: D date, T amount (U the same again), N number, P payee, M memo,
L category, A address, S/E/$ splits of what T already holds.
"""

from __future__ import annotations

import re

from reconciliation.statements.amounts import Signs, read_amount
from reconciliation.statements.cells import fill_by_patterns, fitting
from reconciliation.statements.checks import Draft
from reconciliation.statements.dates import read_date
from reconciliation.statements.decode import decode, lines_of
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

_KINDS = {"bank", "banco", "cash", "efectivo", "ccard"}
_ONCE = {"D", "T", "N", "P", "M"}


def read(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Draft:
    """The movements of a QIF file. Raises `StatementRejected`: `format` (no QIF, or of another kind), `several_accounts`."""
    lines = lines_of(decode(content, profile.encoding))
    draft = Draft()
    signs = Signs.of(profile, currency)
    fields: dict[str, str] = {}
    started = kinds = 0
    damaged = False
    for line in lines:
        text = line.text.rstrip()
        if not text.strip():
            continue
        if text.startswith("!"):
            _heading(text, line.number)
            kinds += 1
            if kinds > 1 and draft.rows:
                raise StatementRejected("several_accounts", text, line.number)
            continue
        if not kinds:
            raise StatementRejected("format", text[:80], line.number)
        if text.strip() == "^":
            _end(draft, fields, started, profile, signs, damaged)
            fields, started, damaged = {}, 0, False
            continue
        started = started or line.number
        damaged = damaged or line.damaged
        letter, value = text[0].upper(), text[1:].strip()
        if letter in _ONCE and letter in fields:
            # A second date before the end: the mark between two movements is missing.
            fields["twice"] = letter
        fields.setdefault(letter, value)
        fields["raw"] = (fields.get("raw", "") + " " + text)[:300]
    if fields:
        draft.reject(started, "truncated", "", fields["raw"])
    if not kinds:
        raise StatementRejected("format")
    return draft


def _heading(text: str, number: int) -> None:
    kind = re.fullmatch(r"!(?:type|tipo)\s*:\s*(\w+)\s*", text, re.IGNORECASE)
    if kind and kind[1].lower() in _KINDS:
        return
    if re.match(r"!(?:option|clear|account)\b", text, re.IGNORECASE) and not kind:
        return
    raise StatementRejected("format", text[:80], number)


def _end(draft: Draft, fields: dict[str, str], number: int, profile: Profile, signs: Signs, damaged: bool) -> None:
    if not fields:
        return
    raw = fields.get("raw", "").strip()
    try:
        draft.rows.append(_movement(fields, number, profile, signs, damaged))
    except Unreadable as error:
        draft.reject(number, error.code, error.column, raw)
    draft.count()


def _movement(fields: dict[str, str], number: int, profile: Profile, signs: Signs, damaged: bool) -> Row:
    if damaged:
        raise Unreadable("encoding")
    if "twice" in fields:
        raise Unreadable("columns")
    # Quicken writes 01/02'2026 for the years after 1999.
    day = read_date(fields.get("D", "").replace("'", "/").replace(" ", ""), profile.date_format)
    amount, _signed = read_amount(fields.get("T") or fields.get("U", ""), signs, "amount")
    if amount == 0:
        raise Unreadable("zero", "amount")
    text = " ".join(filter(None, (fields.get("P", ""), fields.get("M", ""))))
    texts = {"text": text, "reference": fields.get("N", ""), "payer_name": "", "payer_id": "", "origin_bank": "", "balance": ""}
    fill_by_patterns(texts, profile)
    texts = fitting(texts)
    balance = read_amount(texts["balance"], signs, "balance")[0] if texts["balance"] else None
    return Row(
        number=number,
        booked_on=day,
        amount=amount,
        reference=texts["reference"],
        text=texts["text"],
        payer_name=texts["payer_name"],
        payer_id=texts["payer_id"],
        origin_bank=texts["origin_bank"],
        balance=balance,
    )
