"""Whose file is it: the account whose number stands where a file names its own account. Certain, or no answer at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from banking.models import ReceivingAccount

# Shorter numbers turn up by chance.
SHORTEST = 10
HEAD_BYTES = 200_000
# Places where layouts print their own account: MT940, OFX, CAMT. A number inside a movement is somebody else's.
NAMED = re.compile(
    r":25:([^\r\n]{1,60})|<ACCTID>([^<\r\n]{1,60})"
    r"|<Id>\s*<IBAN>([^<]{1,60})|<Acct>\s*<Id>\s*<Othr>\s*<Id>([^<]{1,60})",
    re.ASCII,
)
DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\b\d{8}\b", re.ASCII)


def guess_account(accounts: Iterable[ReceivingAccount], content: bytes, file_name: str) -> ReceivingAccount | None:
    """The one account that a file names as its own: in a tag, on every line, before the first date, or in the file's name."""
    numbers = {_digits(account.number): account for account in accounts}
    numbers = {number: account for number, account in numbers.items() if len(number) >= SHORTEST}
    head = content[:HEAD_BYTES]
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    named = [_digits("".join(groups)) for groups in NAMED.findall(text)]
    preamble = "\n".join(lines[: next((at for at, line in enumerate(lines) if DATE.search(line)), 0)])
    places = [*named, _digits_by_line(preamble), _digits_by_line(file_name)]
    found = {number for number in numbers if any(number in place for place in places)}
    # Some banks leave their own code out of the number that they name.
    ends = tuple(place for place in named if len(place) >= SHORTEST)
    found |= {number for number in numbers if number.endswith(ends)}
    # Fixed-width layouts begin every row with the account; a cut last line may be shorter.
    found |= {number for number in numbers if len(lines) > 1 and all(number in line for line in lines[:-1])}
    return numbers[found.pop()] if len(found) == 1 else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text, flags=re.ASCII)


def _digits_by_line(text: str) -> str:
    """Digits of each line together, so that groups of four are one number and lines do not run into each other."""
    return " ".join(re.sub(r"[\s.-]", "", line) for line in text.splitlines())
