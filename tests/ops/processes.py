"""Looking at processes from outside, to see that none is left."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def pids_of(mark: str) -> list[int]:
    """Processes, other than this one, that were started with `mark` in their arguments or environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            said = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if mark.encode() in said and state != "Z":
                found.append(int(folder.name))
    return found


def wait_until(happened: Callable[[], object], *, seconds: float, what: str) -> None:
    """Ask again and again until it happened; fails the test when it did not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} seconds")
