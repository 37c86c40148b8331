"""The one border to strangers' files: a child of its own reads them, with its time and memory bounded, and can be killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from reconciliation.statements import answer
from reconciliation.statements.child import OUT_OF_MEMORY
from reconciliation.statements.decode import check_size
from reconciliation.statements.preview import Preview
from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse
from reconciliation.statements.rows import Statement, StatementRejected
from reconciliation.statements.told import last_told

CHILD = Path(__file__).resolve().parent / "child.py"
# 200,000 rows take some ten seconds of processor on a slow machine. Wall time is only for a child that waits for ever, and is
# generous, so that a busy machine does not refuse an honest file.
CPU_S = 60
WALL_S = 300
MEMORY_MB = 1400
# A preview is looked at while somebody waits.
PREVIEW_CPU_S = 15
PREVIEW_WALL_S = 45
# How often one looks how far it is.
LOOK_S = 0.4
Tell = Callable[[int], object]

# What the child may know of the world.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def read(
    content: bytes, profile: Profile, *, currency: str, account_number: str = "", cpu_s: int = CPU_S, wall_s: float = WALL_S,
    memory_mb: int = MEMORY_MB, tell: Tell | None = None,
) -> Statement:  # fmt: skip
    """Read a statement in a child of its own; `tell` hears how many rows are read. Raises `StatementRejected`."""
    with _asked(content, profile, currency, account_number, 0, cpu_s, wall_s, memory_mb, tell) as lines:
        return answer.read_statement(lines)


def read_here(content: bytes, profile: Profile, *, currency: str, account_number: str = "") -> Statement:
    """The same in this process: for files of our own."""
    return parse(content, profile, currency=currency, account_number=account_number)


def preview(content: bytes, profile: Profile, *, currency: str, account_number: str = "", most: int = 20) -> Preview:
    """What a profile makes of a file's first rows, in a child. A file that cannot be read is a preview with its refusal."""
    asked = _asked(content, profile, currency, account_number, max(most, 1), PREVIEW_CPU_S, PREVIEW_WALL_S, MEMORY_MB)
    try:
        with asked as lines:
            return answer.read_preview(lines)
    except StatementRejected as refusal:
        return Preview(refusal=refusal)


@contextlib.contextmanager
def _asked(
    content: bytes, profile: Profile, currency: str, account_number: str, most: int, cpu_s: int, wall_s: float, memory_mb: int,
    tell: Tell | None = None,
) -> Iterator[Iterator[str]]:  # fmt: skip
    """The lines of the child's answer. Raises `StatementRejected`; no child is left, whatever happens."""
    check_size(content)
    request = {"profile": profile.to_json(), "currency": currency, "account_number": account_number, "most": most}
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as heard:
        question.write(json.dumps(request).encode() + b"\n")
        question.write(content)
        question.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), str(cpu_s), str(memory_mb)],
            stdin=question,
            stdout=said,
            stderr=heard,
            cwd=tempfile.gettempdir(),
            env=ENVIRONMENT,
            start_new_session=True,
            close_fds=True,
        )
        try:
            status = _wait(child, wall_s, heard, tell)
        except subprocess.TimeoutExpired as late:
            raise StatementRejected("timeout") from late
        finally:
            _leave_nobody(child)
        if status in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise StatementRejected("timeout")
        if status in {OUT_OF_MEMORY, -signal.SIGABRT}:
            # The workbook library gives up so when it cannot have the memory for a sheet of a million empty columns.
            raise StatementRejected("bomb")
        if status:
            raise StatementRejected("format", f"status {status}")
        said.seek(0)
        yield iter(io.TextIOWrapper(said, encoding="utf-8", errors="replace"))


def _wait(child: subprocess.Popen[bytes], wall_s: float, heard: BinaryIO, tell: Tell | None) -> int:
    """The child's status. Looks now and then how far it is. Raises `TimeoutExpired`."""
    end, told = time.monotonic() + wall_s, 0
    while tell is not None and time.monotonic() + LOOK_S < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=LOOK_S)
        rows = last_told(heard)
        if rows > told:
            told = rows
            tell(rows)
    return child.wait(timeout=max(0.0, end - time.monotonic()))


def _leave_nobody(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's process group and collect the child, also when we were interrupted."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
