"""Run the decoding child from the worker: bytes in, copies in a folder out, or a code. Whatever happens, no child is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from files.child import LOGO

CHILD = Path(__file__).resolve().parent / "child.py"

# Processor time is the bound that a hostile file meets; wall time is only for a child that waits for ever, and is generous, so
# that a busy machine does not refuse an honest photo.
CPU_S = 4
WALL_S = 20
MEMORY_MB = 640
ANSWER_BYTES = 4096

# What the child may know of the world: where the fonts are is found without any of it.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class ChildInterrupted(Exception):
    """Wall time ran out before processor time did, or somebody killed the child: the machine is busy or short of memory.

    Worth another try, not many.
    """


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The child's answer. `code` is empty when copies were made; else a code of `files.reasons`."""

    directory: Path
    code: str = ""
    detail: str = ""
    width: int = 0
    height: int = 0
    page_count: int = 0
    copies: int = 0
    perceptual_hash: str | None = None

    def names(self) -> list[str]:
        """File names of the copies, pages first."""
        return [f"{number}.jpg" for number in range(1, self.copies + 1)] + (["thumb.jpg"] if self.copies else [])


@contextlib.contextmanager
def prepared_copies(
    raw: BinaryIO, kind: str, *, cpu_s: int = CPU_S, wall_s: float = WALL_S, memory_mb: int = MEMORY_MB
) -> Iterator[Prepared]:
    """Decode `raw` (a real file, at its start) of MIME type `kind` in the child; the copies are gone when the block ends.

    Raises `ChildInterrupted`. Every other end of the child, crashes included, is a code: `too_heavy` for a broken limit.
    """
    with tempfile.TemporaryDirectory(prefix="concilia-copy-") as name:
        yield _run(raw, kind, Path(name), cpu_s, wall_s, memory_mb)


def drawn_logo(raw: BinaryIO, kind: str) -> tuple[bytes, str]:
    """A PNG of our own of the logo `raw`, drawn in the child; nothing, and a code of `files.reasons`, where it cannot be."""
    with tempfile.TemporaryDirectory(prefix="concilia-logo-") as name:
        try:
            answer = _run(raw, LOGO + kind, Path(name), CPU_S, WALL_S, MEMORY_MB)
        except ChildInterrupted:
            return b"", "too_heavy"
        picture = Path(name) / "logo.png"
        if answer.code or picture.is_symlink() or not picture.is_file():
            return b"", answer.code or "crashed"
        drawn = picture.read_bytes()
        return (drawn, "") if drawn[:8] == b"\x89PNG\r\n\x1a\n" else (b"", "crashed")


def _run(raw: BinaryIO, kind: str, directory: Path, cpu_s: int, wall_s: float, memory_mb: int) -> Prepared:
    with tempfile.TemporaryFile() as answer:
        child = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), kind, str(cpu_s), str(memory_mb)],
            stdin=raw,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=directory,
            env=ENVIRONMENT,
            start_new_session=True,
            close_fds=True,
        )
        try:
            status = child.wait(timeout=wall_s)
        except subprocess.TimeoutExpired as late:
            raise ChildInterrupted("wall time") from late
        finally:
            _leave_nobody(child)
        answer.seek(0)
        said = answer.read(ANSWER_BYTES)
    return _understand(said, status, directory)


def _leave_nobody(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's process group and collect the child, also when we were interrupted."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _understand(said: bytes, status: int, directory: Path) -> Prepared:
    """The child is not trusted: what it prints is checked like any other input."""
    if status == -signal.SIGKILL:
        raise ChildInterrupted("killed")
    if status == -signal.SIGXCPU:
        return Prepared(directory=directory, code="too_heavy", detail="processor time")
    try:
        words = json.loads(said) if status == 0 else None
    except ValueError:
        words = None
    if not isinstance(words, dict):
        return Prepared(directory=directory, code="crashed", detail=f"status {status}")
    if words.get("ok") is not True:
        return Prepared(directory=directory, code=str(words.get("code", "crashed"))[:30], detail=str(words.get("error", ""))[:60])
    answer = Prepared(
        directory=directory,
        width=int(words["width"]),
        height=int(words["height"]),
        page_count=int(words["page_count"]),
        copies=int(words["copies"]),
        perceptual_hash=words["perceptual_hash"],
    )
    for name in answer.names():
        copy = directory / name
        if copy.is_symlink() or not copy.is_file() or copy.read_bytes()[:3] != b"\xff\xd8\xff":
            return Prepared(directory=directory, code="crashed", detail=f"no copy {name}")
    return answer
