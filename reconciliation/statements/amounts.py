"""Amounts as a profile's signs say. What cannot be read is refused, never 0.00 and never a guess."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

from banking.money import AMOUNT_LIMIT, minor_units
from reconciliation.statements.profile import Profile
from reconciliation.statements.unreadable import Unreadable

MINUSES = "-−–‒"  # noqa: RUF001 - what banks print for a minus
# Spaces of every kind that stand between groups of three.
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]")
_SYMBOL = re.compile(
    r"(?:Bs\.?\s?[SFDsfd]?\.?|US\$|USD|VES|COP|ARS|MXN|EUR|PEN|CLP|PYG|\$|€|S/\.?)(?=[\s\d(+−-])\s*|(?<!\s)\s*(?:€|EUR|USD)$"
)  # noqa: RUF001
# Each gap stands before one sign, and a number begins and ends without one, so that no text can be divided in many ways.
_GAP, _DIGITS = r"[\s\u00a0\u2007\u202f]", r"\d.,'’"
_SIGN = re.compile(
    rf"(?:(?P<open>\(){_GAP}*)?(?:(?P<before>[{MINUSES}+]){_GAP}*)?"
    rf"(?P<number>[{_DIGITS}](?:[{_DIGITS}\s\u00a0\u2007\u202f]*[{_DIGITS}])?)"
    rf"(?:{_GAP}*(?P<after>[{MINUSES}+]))?(?:{_GAP}*(?P<close>\)))?(?:{_GAP}*(?P<mark>DR|CR|DB|D|C))?\.?",
    re.ASCII,
)
# A spreadsheet's binary numbers end in dust (30000.770000000004); less than this is dust.
_DUST = Decimal("0.000001")
_UNITS = [Decimal(1).scaleb(-units) for units in range(7)]


@dataclass(frozen=True)
class Signs:
    """How numbers are written: the decimal and thousands sign, decimals without a sign, and how many the currency has."""

    decimal: str
    thousands: str
    implied: int
    units: int

    @functools.cached_property
    def plainest(self) -> re.Pattern[str]:
        """Nearly every cell of a file: digits, in groups or not, and the decimals behind their sign."""
        grouped = rf"|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+" if self.thousands in {".", ","} else ""
        return re.compile(rf"-?(?:[0-9]{{1,15}}{grouped})(?:{re.escape(self.decimal)}[0-9]{{1,6}})?")

    @classmethod
    def of(cls, profile: Profile, currency: str) -> Signs:
        return cls(profile.decimal, profile.thousands, profile.implied_decimals, minor_units(currency))


def read_amount(cell: str | Decimal, signs: Signs, column: str) -> tuple[Decimal, bool]:
    """The signed number in a cell, and whether a sign was written.

    `(23.00)`, `23.00-`, `−23.00` and `23.00 DR` are debits. Raises `Unreadable` with `amount`, `too_fine` (more decimals than the
    currency has), `sign` (two signs that disagree) or `too_large` (from 10^12).
    """
    if isinstance(cell, Decimal):
        return _fitting(_undusted(cell, signs.units), signs.units, column), cell < 0
    if not signs.implied and signs.plainest.fullmatch(cell):
        number = Decimal(
            cell.replace(signs.thousands, "").replace(signs.decimal, ".") if signs.thousands else cell.replace(",", ".")
        )
        return _fitting(number, signs.units, column), cell[0] == "-"
    if signs.implied and cell.isascii() and cell.isdigit():
        return _fitting(Decimal(cell).scaleb(-signs.implied), signs.units, column), False
    found = _SIGN.fullmatch(_SYMBOL.sub("", cell.strip(), count=1).strip())
    if not found or bool(found["open"]) != bool(found["close"]):
        raise Unreadable("amount", column)
    debits = [
        found["open"],
        (found["before"] or "") not in ("", "+"),
        (found["after"] or "") not in ("", "+"),
        (found["mark"] or "")[:1] == "D",
    ]
    credited = "+" in (found["before"] or "", found["after"] or "") or (found["mark"] or "")[:1] == "C"
    minus = any(debits)
    if minus and (credited or sum(map(bool, debits)) > 1):
        raise Unreadable("sign", column)
    number = _plain(found["number"], signs, column)
    return _fitting(-number if minus else number, signs.units, column), minus or credited


def _plain(number: str, signs: Signs, column: str) -> Decimal:
    """Digits with the profile's signs as a number. Thousands stand in groups of three or not at all."""
    whole, sign, fraction = number.strip().partition(signs.decimal)
    if sign and not (fraction.isascii() and fraction.isdigit()):
        # `12,` is how MT940 writes twelve; elsewhere a number that ends in its decimal sign has been cut.
        raise Unreadable("amount", column)
    whole = whole if whole or not sign else "0"  # .53 is how some banks print cents
    if signs.thousands:
        groups = _SPACES.split(whole) if signs.thousands == " " else whole.replace("’", "'").split(signs.thousands)
        if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
            raise Unreadable("amount", column)
        whole = "".join(groups)
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 18 or len(fraction) > 12:
        raise Unreadable("amount", column)
    if signs.implied and not sign:
        return Decimal(whole).scaleb(-signs.implied)
    return Decimal(f"{whole}.{fraction or '0'}")


def _undusted(number: Decimal, units: int) -> Decimal:
    if not number.is_finite() or number.adjusted() > 17:
        return number
    rounded = number.quantize(Decimal(1).scaleb(-units))
    return rounded if abs(rounded - number) < _DUST else number


def _fitting(number: Decimal, units: int, column: str) -> Decimal:
    """The number with the currency's decimals, if that changes nothing."""
    if not number.is_finite():
        raise Unreadable("amount", column)
    if abs(number) >= AMOUNT_LIMIT:
        raise Unreadable("too_large", column)
    fitted = number.quantize(_UNITS[units])
    if fitted != number:
        raise Unreadable("too_fine", column)
    return fitted


def decimals_written(cell: object, decimal: str) -> int:
    """How many digits follow the decimal sign in a cell's text: a cut number has fewer than its neighbours."""
    return len(re.sub(r"\D", "", cell.rpartition(decimal)[2])) if isinstance(cell, str) and decimal in cell else 0
