"""Money as `Decimal` + ISO currency code: the only place that rounds, and how amounts are read and written.

Minor units after ISO 4217. `parse_amount` accepts both `1.234,50` and `1,234.50`, as people on one continent write both.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MINOR_UNITS = {"USD": 2, "VES": 2, "COP": 2, "ARS": 2, "MXN": 2, "EUR": 2, "PEN": 2, "CLP": 0, "PYG": 0}
SYMBOLS = {"VES": "Bs"}
CURRENCY_WORDS = {
    ("VES", "es"): "bolívares", ("VES", "en"): "bolivars",
    ("USD", "es"): "dólares", ("USD", "en"): "dollars",
    ("COP", "es"): "pesos", ("COP", "en"): "pesos",
    ("ARS", "es"): "pesos", ("ARS", "en"): "pesos",
    ("MXN", "es"): "pesos", ("MXN", "en"): "pesos",
    ("EUR", "es"): "euros", ("EUR", "en"): "euros",
}  # fmt: skip
AMOUNT_LIMIT = Decimal(10) ** 12


class UnreadableAmount(ValueError):
    """The text is no amount, or is ambiguous. `code`: unreadable, zero, negative, too_large, too_fine."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def minor_units(currency: str) -> int:
    """Digits after the decimal sign; 2 for a currency that is not listed."""
    return MINOR_UNITS.get(currency, 2)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=ROUND_HALF_UP)


def smallest_unit(currency: str) -> Decimal:
    """One cent, or its like."""
    return Decimal(1).scaleb(-minor_units(currency))


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """`amount` × `rate`, rounded in the target `currency`."""
    return quantize(amount * rate, currency)


def parse_amount(text: str, currency: str) -> Decimal:
    """Read a positive amount as typed by a person.

    With both signs present the last one is the decimal sign. With one sign that appears once: three digits behind it mean
    thousands (`1.234` is 1234) unless the number starts with 0; otherwise it is the decimal sign. Several equal signs are
    thousands and must stand in groups of three. Raises `UnreadableAmount`.
    """
    cleaned = re.sub(r"[\s\u00a0\u202f']", "", text)
    for sign in ("Bs.", "Bs", "$", currency):
        cleaned = cleaned.removeprefix(sign)
    if not re.fullmatch(r"[+\-−]?[0-9][0-9.,]{0,31}", cleaned):
        raise UnreadableAmount("unreadable")
    negative = cleaned[0] in "-−"
    number = _plain_number(cleaned.lstrip("+-−"))
    try:
        value = Decimal(number)
    except InvalidOperation:
        raise UnreadableAmount("unreadable") from None
    if value == 0:
        raise UnreadableAmount("zero")
    if negative:
        raise UnreadableAmount("negative")
    if value >= AMOUNT_LIMIT:
        raise UnreadableAmount("too_large")
    if value != quantize(value, currency):
        raise UnreadableAmount("too_fine")
    return quantize(value, currency)


def _plain_number(digits: str) -> str:
    """Remove thousands signs and turn the decimal sign into a point."""
    last_comma, last_point = digits.rfind(","), digits.rfind(".")
    if last_comma >= 0 and last_point >= 0:
        decimal, thousands = (",", ".") if last_comma > last_point else (".", ",")
        whole, _, fraction = digits.partition(decimal)
        if decimal in fraction or thousands in fraction or not _grouped(whole, thousands):
            raise UnreadableAmount("unreadable")
        return f"{whole.replace(thousands, '')}.{fraction or '0'}"
    sign = "," if last_comma >= 0 else "." if last_point >= 0 else ""
    if not sign:
        return digits
    whole, _, fraction = digits.partition(sign)
    if digits.count(sign) > 1:
        if not _grouped(digits, sign):
            raise UnreadableAmount("unreadable")
        return digits.replace(sign, "")
    if len(fraction) == 3 and whole not in {"", "0"} and len(whole) <= 3:
        return whole + fraction
    return f"{whole or '0'}.{fraction or '0'}"


def _grouped(whole: str, sign: str) -> bool:
    """Whether thousands stand in groups of three."""
    if sign not in whole:
        return True
    first, *groups = whole.split(sign)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)


def format_number(amount: Decimal, currency: str, language: str) -> str:
    """`1.234,50` in Spanish, `1,234.50` in English, with the currency's minor units."""
    text = f"{quantize(amount, currency):,.{minor_units(currency)}f}".replace("-", "−")
    return text.translate(str.maketrans(",.", ".,")) if language.startswith("es") else text


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """`Bs 1.234,50`, `USD 33,60`: the currency is always written, before the number, with a no-break space."""
    return f"{SYMBOLS.get(currency, currency)}\u00a0{format_number(amount, currency, language)}"


def format_rate(rate: Decimal, language: str) -> str:
    """`36,74` or `36,7412`: at least two decimals and as many as there are, at most ten."""
    decimals = max(2, -int(rate.normalize().as_tuple().exponent))
    text = f"{rate:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language.startswith("es") else text


def money_in_words(amount: Decimal, currency: str, language: str) -> str:
    """`mil doscientos cincuenta bolívares con 50/100`, to let a person see how a large sum was read."""
    # Its languages are a fifth of what the child that reads a file takes to start, and no child says amounts in words.
    from num2words import num2words

    value = quantize(amount, currency)
    whole, cents = int(value), int((value % 1) * 100)
    words = num2words(whole, lang="es" if language.startswith("es") else "en")
    name = CURRENCY_WORDS.get((currency, language[:2]), currency)
    joint = " con " if language.startswith("es") else " and "
    return f"{words} {name}{f'{joint}{cents:02d}/100' if cents else ''}"
