"""An old XLS workbook of our own: BIFF8 records in a compound file, the least that a reader of spreadsheets takes for one."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
# Shorter streams would have to lie in a small one of their own.
LEAST_STREAM = 4096


def old_workbook(rows: Sequence[Sequence[str | float]], *, sheet: str = "Movimientos") -> bytes:
    """One sheet with these cells: texts as labels, numbers as they are."""
    return _compound("Workbook", _book(rows, sheet))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _book(rows: Sequence[Sequence[str | float]], name: str) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    code_page = _record(0x0042, struct.pack("<H", 1200))
    length = len(begin) + len(code_page) + 4 + 8 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name.encode("latin-1"))
    whole = begin + code_page + bound + _record(0x000A)
    assert len(whole) == length
    whole += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    whole += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                whole += _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
            else:
                whole += _record(0x0203, place + struct.pack("<d", cell))
    return whole + _record(0x000A)


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file with one stream: header, a sector of the table of sectors, one of the directory, then the stream's."""
    stream = stream.ljust(max(LEAST_STREAM, -(-len(stream) // SECTOR) * SECTOR), b"\x00")
    count = len(stream) // SECTOR
    assert count + 2 <= SECTOR // 4, "one sector of the table is enough for a test"
    chain = [FAT, END, *range(3, count + 2), END]
    table = struct.pack(f"<{SECTOR // 4}I", *chain, *[FREE] * (SECTOR // 4 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, LEAST_STREAM, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    directory = _entry("Root Entry", 5, child=1) + _entry(name, 2, start=2, size=len(stream)) + _entry("", 0) * 2
    return header + table + directory + stream


def _entry(name: str, kind: int, *, child: int = FREE, start: int = END, size: int = 0) -> bytes:
    text = (name + "\x00").encode("utf-16-le") if name else b""
    head = text.ljust(64, b"\x00") + struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return head + b"\x00" * 36 + struct.pack("<IQ", start if kind == 2 else END if kind == 5 else 0, size)
