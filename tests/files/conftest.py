"""What the tests of the files room share: a kept file, and an eye on the children."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Watch:
    """What was seen of this process's children: the most memory of any (address space, bytes), and who is left."""

    def __init__(self) -> None:
        self.most_memory = 0
        self.seen = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        known: set[int] = set()
        while not self._over.is_set():
            for pid in children():
                known.add(pid)
                self.most_memory = max(self.most_memory, _peak(pid))
            self.seen = len(known)
            time.sleep(0.002)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def children() -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _peak(pid: int) -> int:
    try:
        # Until it has become the decoder, a child shows the memory of this process.
        if b"child.py" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return 0
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmPeak:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


@pytest.fixture
def watch() -> Iterator[Callable[[], Watch]]:
    """`with watch() as seen:` keeps an eye on children; at the end of the test none may be left."""
    before = set(children())
    yield Watch
    assert set(children()) <= before, "a child was left"
