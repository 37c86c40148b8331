"""T9: files of a bank that want to break their reader are refused in its own process, which reaches nobody and leaves nothing.

Smaller bombs, whatever else is wrong with files, and the limits themselves: tests/statements. Here the readers meet them through
the border, as in production, beside a listener that would notice who comes.
Seen to fail: with `close_the_door` doing nothing (sockets, programs and signals are the child's), and with the refusals of
definitions taken out of the readers of camt, OFX and workbooks.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import xlsxwriter

from reconciliation.statements import border
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import REFUSALS, StatementRejected

MEGABYTE = 1024 * 1024
PLAIN = Profile(
    separator=";", columns={"date": "Fecha", "reference": "Referencia", "text": "Concepto", "amount": "Monto", "balance": "Saldo"}
)
HEAD, GOOD = "Fecha;Referencia;Concepto;Monto;Saldo\n", "02/11/2026;75572442;Pago;5,00;\n"


class Listener:
    """A server on this machine: whoever fetches an entity from it is noticed."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.guests = 0
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        while True:
            try:
                guest, _address = self.socket.accept()
            except OSError:
                return
            self.guests += 1
            guest.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    with closing(listener.socket):
        yield listener


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def sparse() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Fecha")
    sheet.write(1_048_575, 16_383, "end")
    book.close()
    return out.getvalue()


def laughs(_port: int) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{entities}]><Document><Id>&l9;</Id></Document>'.encode()


def outside(port: int) -> bytes:
    fetched = f'<!ENTITY % a SYSTEM "http://127.0.0.1:{port}/a"> %a; <!ENTITY b SYSTEM "http://127.0.0.1:{port}/b">'
    return f'<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://127.0.0.1:{port}/d" [{fetched}]><Document>&b;</Document>'.encode()


# What the file is, whose layout reads it, and with which codes it may be refused.
BOMBS: dict[str, tuple[Callable[[int], bytes], Profile, set[str]]] = {
    "entities": (laughs, LAYOUTS["camt"].profile, {"doctype"}),
    "entities in OFX": (laughs, LAYOUTS["ofx"].profile, {"doctype"}),
    "outside": (outside, LAYOUTS["camt"].profile, {"doctype"}),
    "outside in OFX": (outside, LAYOUTS["ofx"].profile, {"doctype"}),
    "outside in HTML": (outside, Profile.from_json({**PLAIN.to_json(), "format": "html"}), REFUSALS),
    "workbook with definitions": (
        lambda port: zipped(xl__workbook_xml=outside(port)), LAYOUTS["mx-bbva-xlsx"].profile, {"doctype"},
    ),
    "zip bomb": (
        lambda _port: zipped(xl__workbook_xml=b"<workbook/>", xl__sheet1_xml=b"0" * 64 * MEGABYTE),
        LAYOUTS["mx-bbva-xlsx"].profile, {"bomb"},
    ),
    "sparse workbook": (lambda _port: sparse(), LAYOUTS["mx-bbva-xlsx"].profile, {"bomb"}),
    "field of 20 MB": (lambda _port: (HEAD + f"02/11/2026;1;{'y' * 20 * MEGABYTE};5,00;\n").encode(), PLAIN, {"too_large"}),
    "field of 9 MB alone": (lambda _port: (HEAD + f"02/11/2026;1;{'y' * 9 * MEGABYTE};5,00;\n").encode(), PLAIN, {"no_rows"}),
    "spaces of 9 MB": (lambda _port: (HEAD + f"02/11/2026;1;x;1{' ' * 9 * MEGABYTE}x;\n").encode(), PLAIN, {"no_rows"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_the_child_and_fetches_nothing(name: str, listener: Listener) -> None:
    make, profile, codes = BOMBS[name]
    content, began = make(listener.port), time.monotonic()
    with pytest.raises(StatementRejected) as refused:
        border.read(content, profile, currency="VES", memory_mb=900)
    assert refused.value.code in codes
    assert time.monotonic() - began < 60
    assert listener.guests == 0
    listed = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False)
    assert "statements/child.py" not in listed.stdout


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-inf", "1e9", "1E+9", "0x10", "١٢", "1_000", "9" * 4000])
def test_what_python_takes_for_a_number_and_no_bank_prints_loses_its_row_alone(amount: str) -> None:
    made = border.read_here((HEAD + GOOD + f"02/11/2026;1;x;{amount};\n" + GOOD).encode(), PLAIN, currency="VES")
    assert [(each.number, each.column) for each in made.rejected] == [(3, "amount")]
    assert [str(row.amount) for row in made.rows] == ["5.00", "5.00"]


def test_the_child_with_its_door_closed_opens_no_socket_and_starts_nobody(listener: Listener) -> None:
    """What a reader with a hole in it could still do: not this."""
    code = f"""
import os, socket, subprocess, sys
sys.path.append({str(border.CHILD.parents[2])!r})
from files.cage import close_the_door, limit_resources
limit_resources(cpu_s=5, memory_bytes=900 << 20, file_bytes=1 << 20)
assert close_the_door()
for act in (
    lambda: socket.create_connection(("127.0.0.1", {listener.port}), 2),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: subprocess.run(["/bin/true"]),
    os.fork,
    lambda: os.kill(os.getppid(), 9),
):
    try:
        act()
    except PermissionError:
        continue
    raise SystemExit("it could")
print("closed")
"""
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert said.stdout.strip() == "closed", said.stderr
    assert listener.guests == 0


def test_the_listener_would_notice(listener: Listener) -> None:
    socket.create_connection(("127.0.0.1", listener.port), 2).close()
    until = time.monotonic() + 5
    while not listener.guests and time.monotonic() < until:
        time.sleep(0.01)
    assert listener.guests == 1
