"""How one bank writes its statements: typed by people on a page, checked here, kept as plain JSON, obeyed by every reader.

Nothing in a profile is a guess, and no reader guesses where the profile is silent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciliation.statements import patterns as pattern_rules
from reconciliation.statements.dates import date_format_error

FORMATS = ("csv", "fixed", "xlsx", "html", "aeb43", "qif", "mt940", "camt", "ofx", "simple")
# Formats that are rows of cells; the others name their fields themselves.
TABLES = ("csv", "fixed", "xlsx", "html")
# `auto`: UTF-8 with or without its mark, else line by line Windows-1252. Never a detector.
ENCODINGS = ("auto", "utf-8", "cp1252", "latin-1", "utf-16", "cp850")
SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (",", ".")
THOUSANDS = ("", ".", ",", " ", "'")
AMOUNT_STYLES = ("signed", "debit_credit", "amount_mark")
COLUMNS = (
    "date", "amount", "debit", "credit", "mark", "balance", "reference", "text", "payer_name", "payer_id", "origin_bank",
    "unique_id", "currency", "account",
)  # fmt: skip
# What a regular expression may find within the text of a row.
PATTERN_FIELDS = ("reference", "payer_name", "payer_id", "origin_bank", "balance")
SEVERAL = 6  # columns that may make one text together
LONGEST_WORDS = 80
LONGEST_LINE = 4000

ColumnKey = str | int
Place = ColumnKey | tuple[ColumnKey, ...]


class ProfileInvalid(ValueError):
    """What is wrong with a profile. `errors` maps a field (`date_format`, `columns.amount`, `patterns.reference`) to a code.

    Codes: `unknown` (no such field), `type`, `choice`, `range`, `too_long`, `needed`, `same`, `date_format`, `place`, and those
    of patterns: `pattern`, `pattern_group`, `pattern_nested`, `pattern_refused`.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One bank's way of writing. Fields that a format has no use for are ignored by its reader.

    `columns` says where each of `COLUMNS` stands. A name of the heading row or a number counted from 1; several of them make one
    text together, while of several references the first that can be read counts. For `fixed`: (first character from 1, length).
    `start_after`: rows until the one that begins with these words are skipped. `stop_at`: the row that begins so ends the
    movements. `ignore`: rows that begin so are not movements (totals, notes). `opening_text`, `closing_text`: rows that begin so
    hold the balance. `debits_negative`: the bank prints a minus inside its debit column, or beside its D mark.
    `implied_decimals`: the last digits are decimals without a sign between. `closing_required`: an MT940 without `:62F:` has
    been cut. `account`: which one to read from a file that holds several. `sheet`: of a workbook, else its first.
    """

    format: str = "csv"
    encoding: str = "auto"
    separator: str = ","
    skip_header: int = 0
    skip_footer: int = 0
    start_after: str = ""
    stop_at: str = ""
    ignore: tuple[str, ...] = ()
    header_row: bool = True
    columns: Mapping[str, Place] = field(default_factory=dict)
    row_length: int = 0
    sheet: str = ""
    date_format: str = "%d/%m/%Y"
    decimal: str = ","
    thousands: str = ""
    implied_decimals: int = 0
    amount_style: str = "signed"
    debit_marks: tuple[str, ...] = ("D", "DB", "DR")
    credit_marks: tuple[str, ...] = ("C", "CR")
    debits_negative: bool = False
    opening_text: str = ""
    closing_text: str = ""
    patterns: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    closing_required: bool = True

    def __post_init__(self) -> None:
        errors = _errors(self)
        if errors:
            raise ProfileInvalid(errors)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` gives the same profile back."""
        data = dataclasses.asdict(self)
        return {name: _plain(value) for name, value in data.items()}

    @classmethod
    def from_json(cls, data: object) -> Profile:
        """A profile from stored or typed values. What is left out takes its default. Raises `ProfileInvalid`."""
        if not isinstance(data, dict):
            raise ProfileInvalid({"": "type"})
        known = {each.name for each in dataclasses.fields(cls)}
        errors = {str(name): "unknown" for name in data if name not in known}
        if errors:
            raise ProfileInvalid(errors)
        return cls(**{name: _settled(value) for name, value in data.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def _settled(value: Any) -> Any:
    """Lists of JSON become tuples, so that a profile stays frozen."""
    if isinstance(value, list):
        return tuple(_settled(each) for each in value)
    return {name: _settled(each) for name, each in value.items()} if isinstance(value, dict) else value


_CHOICES = {
    "format": FORMATS,
    "encoding": ENCODINGS,
    "separator": SEPARATORS,
    "decimal": DECIMALS,
    "thousands": THOUSANDS,
    "amount_style": AMOUNT_STYLES,
}
_RANGES = {"skip_header": 1000, "skip_footer": 100, "implied_decimals": 4, "row_length": LONGEST_LINE}
_WORDS = ("start_after", "stop_at", "opening_text", "closing_text", "account", "sheet")
_LISTS = ("ignore", "debit_marks", "credit_marks")
_SWITCHES = ("header_row", "debits_negative", "closing_required")


def _errors(profile: Profile) -> dict[str, str]:
    errors: dict[str, str] = {}
    for name, choices in _CHOICES.items():
        if getattr(profile, name) not in choices:
            errors[name] = "choice"
    for name, most in _RANGES.items():
        value = getattr(profile, name)
        if not isinstance(value, int) or isinstance(value, bool):
            errors[name] = "type"
        elif not 0 <= value <= most:
            errors[name] = "range"
    for name in _SWITCHES:
        if not isinstance(getattr(profile, name), bool):
            errors[name] = "type"
    for name in _WORDS:
        errors |= _word_error(name, getattr(profile, name))
    for name in _LISTS:
        errors |= _list_error(name, getattr(profile, name))
    if code := date_format_error(profile.date_format):
        errors["date_format"] = code
    errors |= _pattern_errors(profile.patterns)
    errors |= _column_errors(profile) if not errors else {}
    return errors or _amount_errors(profile)


def _word_error(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, str):
        return {name: "type"}
    if any(ord(sign) < 32 for sign in value):
        return {name: "type"}
    return {name: "too_long"} if len(value) > LONGEST_WORDS else {}


def _list_error(name: str, values: Any) -> dict[str, str]:
    if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
        return {name: "type"}
    if len(values) > 20 or any(not value.strip() or len(value) > LONGEST_WORDS for value in values):
        return {name: "range"}
    return {}


def _pattern_errors(patterns: Any) -> dict[str, str]:
    if not isinstance(patterns, Mapping):
        return {"patterns": "type"}
    errors = {}
    for name, pattern in patterns.items():
        code = "unknown" if name not in PATTERN_FIELDS else pattern_rules.pattern_error(pattern)
        if code:
            errors[f"patterns.{name}"] = code
    return errors


def _column_errors(profile: Profile) -> dict[str, str]:
    columns: Any = profile.columns
    if not isinstance(columns, Mapping):
        return {"columns": "type"}
    errors = {}
    for name, place in columns.items():
        if name not in COLUMNS:
            errors[f"columns.{name}"] = "unknown"
        elif not _good_place(place, profile):
            errors[f"columns.{name}"] = "place"
    return errors


def _good_place(place: Any, profile: Profile) -> bool:
    if profile.format == "fixed":
        whole = isinstance(place, tuple) and len(place) == 2 and all(type(each) is int for each in place)
        return whole and place[0] >= 1 and place[1] >= 1 and place[0] + place[1] - 1 <= (profile.row_length or LONGEST_LINE)
    keys = place if isinstance(place, tuple) else (place,)
    return 1 <= len(keys) <= SEVERAL and all(_good_key(key, profile.header_row) for key in keys)


def _good_key(key: Any, named: bool) -> bool:
    if type(key) is int:
        return 1 <= key <= 200
    return isinstance(key, str) and named and 0 < len(key.strip()) <= LONGEST_WORDS and key.isprintable()


def _amount_errors(profile: Profile) -> dict[str, str]:
    """What the fields must be to each other: an amount that can be read, and no sign with two meanings."""
    if profile.decimal == profile.thousands:
        return {"thousands": "same"}
    if profile.format not in TABLES:
        return {}
    needed = {"signed": ("amount",), "debit_credit": ("debit", "credit"), "amount_mark": ("amount", "mark")}[profile.amount_style]
    errors = {f"columns.{name}": "needed" for name in ("date", *needed) if name not in profile.columns}
    if profile.amount_style == "amount_mark":
        debits, credits = ({mark.strip().upper() for mark in marks} for marks in (profile.debit_marks, profile.credit_marks))
        if not debits or not credits:
            errors["debit_marks" if not debits else "credit_marks"] = "needed"
        elif debits & credits:
            errors["credit_marks"] = "same"
    return errors
