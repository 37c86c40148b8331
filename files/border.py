"""The border to strangers' tables and statements: a child reads them, bounded in time and memory, and can be killed."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

# What a child answers with when it had no memory left; half an answer may be written already.
OUT_OF_MEMORY = 3
# How often one looks how far it is.
LOOK_S = 0.4
# What the child may know of the world.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
Told = Callable[[BinaryIO], int]
Tell = Callable[[int], object]


class ChildGone(Exception):
    """The child did not answer: `timeout`, `bomb` (out of memory) or `format` (it died of something else)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@contextlib.contextmanager
def answer_of(
    child: Path, question: bytes, *, cpu_s: int, wall_s: float, memory_mb: int, tell: Tell | None = None, told: Told | None = None
) -> Iterator[Iterator[str]]:
    """The lines that `python -I child CPU_S MEMORY_MB` answers to `question`; `tell` hears what `told` reads on its stderr.

    Raises `ChildGone`; no child is left, whatever happens.
    """
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as heard:
        asked.write(question)
        asked.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", str(child), str(cpu_s), str(memory_mb)],
            stdin=asked,
            stdout=said,
            stderr=heard,
            cwd=tempfile.gettempdir(),
            env=ENVIRONMENT,
            start_new_session=True,
            close_fds=True,
        )
        try:
            status = _wait(process, wall_s, heard, tell, told)
        except subprocess.TimeoutExpired as late:
            raise ChildGone("timeout") from late
        finally:
            leave_nobody(process)
        if status in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise ChildGone("timeout")
        if status in {OUT_OF_MEMORY, -signal.SIGABRT}:
            # The workbook library gives up so when it cannot have the memory for a sheet of a million empty columns.
            raise ChildGone("bomb")
        if status:
            raise ChildGone("format", f"status {status}")
        said.seek(0)
        yield iter(io.TextIOWrapper(said, encoding="utf-8", errors="replace"))


def _wait(process: subprocess.Popen[bytes], wall_s: float, heard: BinaryIO, tell: Tell | None, told: Told | None) -> int:
    """The child's status. Looks now and then how far it is. Raises `TimeoutExpired`."""
    end, last = time.monotonic() + wall_s, 0
    while tell is not None and told is not None and time.monotonic() + LOOK_S < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=LOOK_S)
        rows = told(heard)
        if rows > last:
            last = rows
            tell(rows)
    return process.wait(timeout=max(0.0, end - time.monotonic()))


def leave_nobody(process: subprocess.Popen[bytes]) -> None:
    """Kill the child's process group and collect the child, also when we were interrupted."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
