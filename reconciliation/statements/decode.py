"""From bytes to lines of text, by the profile's encoding and never a detector's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reconciliation.statements.rows import StatementRejected
from reconciliation.statements.simple_csv import MOST_BYTES, MOST_ROWS

# Not more lines than rows and their pages' headings can need; a CAMT or QIF row takes several.
MOST_LINES = 12 * MOST_ROWS
_PYTHON_NAMES = {"utf-8": "utf-8-sig", "cp1252": "cp1252", "latin-1": "latin-1", "utf-16": "utf-16", "cp850": "cp850"}
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\xff\xd8\xff", b"\x89PNG", b"Rar!", b"7z\xbc\xaf")


class Line(NamedTuple):
    """One line: its number from 1, its text, whether some of its bytes were no text, and whether a line end followed it."""

    number: int
    text: str
    damaged: bool = False
    ended: bool = True


def check_size(content: bytes) -> None:
    """Refuse what is empty or over the limit, whatever its format. Raises `StatementRejected`."""
    if len(content) > MOST_BYTES:
        raise StatementRejected("too_large", f"{len(content)}")
    if not content.strip(b"\x00 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise StatementRejected("empty")


def decode(content: bytes, encoding: str, *, markup: bool = False) -> str:
    """The whole text. Bytes that are no text in that encoding become U+FFFD; a row that holds one is refused, not its file.

    Raises `StatementRejected`: `empty`, `too_large`, `encoding` (UTF-16 where another was said, or no text at all), `binary`,
    and, unless `markup` is what the format is made of, `html`.
    """
    check_size(content)
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if encoding == "utf-16":
        text = content.decode("utf-16" if utf16 else "utf-16-le", errors="replace")
    elif utf16:
        raise StatementRejected("encoding", "UTF-16")
    elif content.startswith(_ARCHIVES) or content.count(b"\x00") * 50 > len(content):
        raise StatementRejected("binary")
    elif encoding == "auto":
        text = _by_itself(content)
    else:
        text = content.decode(_PYTHON_NAMES[encoding], errors="replace")
    if (encoding == "utf-16" and "\x00" in text) or _mostly_noise(text[:4000]):
        raise StatementRejected("encoding" if encoding == "utf-16" else "binary")
    # A stray zero byte spoils its line, not the file.
    text = text.replace("\x00", "\ufffd")
    if not markup and re.match(
        r"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta)\b", text[:4000], re.IGNORECASE | re.DOTALL
    ):
        raise StatementRejected("html")
    return text


def _by_itself(content: bytes) -> str:
    """UTF-8 with or without its mark; else each line for itself, since files are glued together from two systems."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_one_line(line) for line in content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True))


def _one_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _mostly_noise(text: str) -> bool:
    """Whether the beginning is control signs and unreadable bytes rather than writing."""
    noise = sum(1 for sign in text if sign == "\ufffd" or (ord(sign) < 32 and sign not in "\t\r\n\x0c\x01\x02\x03\x04\x1a\x1e"))
    return noise * 10 > len(text)


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a text, numbered as an editor numbers them. Raises `StatementRejected("too_many")`."""
    parts = _LINE_ENDS.split(text)
    if len(parts) > MOST_LINES:
        raise StatementRejected("too_many")
    last = len(parts)
    for number, part in enumerate(parts, start=1):
        if number < last or part:
            yield Line(number, part, "\ufffd" in part, number < last)
