"""Dates as a profile's format says, digit for digit. Never guessed: 05/11 is May or November only as the profile says.

The directives of `strptime` that banks need, without its leniency: `%d %m %Y %y %b %B %H %M %S`. Month names in Spanish, English
and Portuguese, whatever the machine's own language is.
"""

from __future__ import annotations

import datetime as dt
import functools
import re

from reconciliation.statements.unreadable import Unreadable

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST = 40
_MONTHS = (
    "enero january janeiro jan", "febrero february fevereiro fev", "marzo march março marco", "abril april",
    "mayo may maio mai", "junio june junho", "julio july julho", "agosto august", "septiembre september setembro setiembre set",
    "octubre october outubro out", "noviembre november novembro", "diciembre december dezembro dez",
)  # fmt: skip
_TWO, _FOUR, _ONE_OR_TWO = "[0-9]{2}", "[0-9]{4}", "[0-9]{1,2}"
_NUMBERS = {"d": _ONE_OR_TWO, "m": _ONE_OR_TWO, "Y": _FOUR, "y": _TWO, "H": _ONE_OR_TWO, "M": _TWO, "S": _TWO}
_NAMES = {"b": r"[^\W\d_]{3,4}\.?", "B": r"[^\W\d_]{3,12}"}


def _month_numbers() -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, names in enumerate(_MONTHS, start=1):
        for name in names.split():
            numbers[name] = number
            numbers[name[:3]] = number
            if len(name) > 4:
                numbers.setdefault(name[:4], number)
    return numbers


MONTH_NUMBERS = _month_numbers()


def date_format_error(date_format: object) -> str:
    """`type`, `too_long`, `date_format` (an unknown directive, or no day, month and year, each once), or nothing."""
    if not isinstance(date_format, str):
        return "type"
    if len(date_format) > LONGEST:
        return "too_long"
    directives = re.findall(r"%(.?)", date_format)
    known = set(_NUMBERS) | set(_NAMES)
    counts = [sum(directives.count(each) for each in kind) for kind in ("d", "mbB", "Yy")]
    times = [directives.count(each) for each in "HMS"]
    good = set(directives) <= known and counts == [1, 1, 1] and max(times) <= 1
    return "" if good else "date_format"


@functools.lru_cache(maxsize=50)
def _expression(date_format: str) -> re.Pattern[str]:
    parts = re.split(r"(%.)", date_format)
    written = []
    for place, part in enumerate(parts):
        if not part.startswith("%"):
            written.append(re.escape(part))
            continue
        # Digits that touch other digits are all there, or nobody could tell where one ends.
        touches = (place + 2 < len(parts) and not parts[place + 1]) or (place >= 2 and not parts[place - 1])
        shape = (_NUMBERS | _NAMES)[part[1]]
        written.append(f"(?P<{part[1]}>{shape.replace('{1,2}', '{2}') if touches else shape})")
    return re.compile("".join(written))


@functools.lru_cache(maxsize=4000)
def read_date(text: str, date_format: str, column: str = "date") -> dt.date:
    """The day that a text names. Raises `Unreadable` with `date`, or `date_unlikely` outside the years 2000 to 2100."""
    found = _expression(date_format).fullmatch(text.strip())
    if not found:
        raise Unreadable("date", column)
    parts = found.groupdict()
    name = (parts.get("b") or parts.get("B") or "").rstrip(".").lower()
    month = MONTH_NUMBERS.get(name, 0) if name else int(parts["m"])
    year = int(parts["Y"]) if "Y" in parts else 2000 + int(parts["y"])
    try:
        day = dt.date(year, month, int(parts["d"]))
        dt.time(int(parts.get("H") or 0), int(parts.get("M") or 0), int(parts.get("S") or 0))
    except ValueError as error:
        raise Unreadable("date", column) from error
    return likely(day, column)


def likely(day: dt.date, column: str = "date") -> dt.date:
    """The day itself when a statement can have been booked on it, else `Unreadable("date_unlikely")`."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Unreadable("date_unlikely", column)
    return day
