"""How far a reader is, told while it reads: rows so far, every thousand of them. Only the child has anybody to tell."""

from __future__ import annotations

from typing import BinaryIO, TextIO

EVERY = 1000
LONGEST = 40
_listener: TextIO | None = None


def tell_to(listener: TextIO) -> None:
    """Tell how far the reading is on this stream, a number on a line."""
    global _listener  # noqa: PLW0603 - one reader in one process
    _listener = listener


def tell(rows: int) -> None:
    """So many rows have been read."""
    if _listener is not None:
        _listener.write(f"{rows}\n")
        _listener.flush()


def last_told(heard: BinaryIO) -> int:
    """The last whole number on the stream's last line, 0 when there is none. A child that met a bad file may write anything."""
    end = heard.seek(0, 2)
    heard.seek(max(0, end - LONGEST))
    lines = heard.read(LONGEST).split(b"\n")[:-1]
    return int(lines[-1]) if lines and lines[-1].isdigit() and len(lines[-1]) < 8 else 0
