"""Races made deterministic: the competitor runs inside a function of the act under test, in a thread and connection of its own.

`run_before("module.name", competitor)` starts the competitor when the patched function is first called, `run_after` when it
returns. Either way the act goes on as soon as the competitor is through or waits for a lock, so that nothing depends on luck.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.db import connection, connections

LONGEST_S = 20.0


@dataclass
class Competitor:
    """Somebody else, at the same time. `result` or `error` after the race; `waited` when a lock held it back."""

    act: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None
    waited: bool = False
    pid: int = 0
    started: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Run, and come back once it is done or held back by a lock."""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.started.wait(LONGEST_S)
        until = time.monotonic() + LONGEST_S
        while self.thread.is_alive() and time.monotonic() < until:
            if self._is_held_back():
                self.waited = True
                return
            time.sleep(0.01)

    def finish(self) -> None:
        """Wait for it after the act under test has ended."""
        assert self.thread is not None, "the patched function was never called"
        self.thread.join(LONGEST_S)
        assert not self.thread.is_alive(), "the competitor hangs"

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            self.started.set()
            self.result = self.act()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self.started.set()
            connections.close_all()

    def _is_held_back(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [self.pid])
            return cursor.fetchone() is not None


@contextmanager
def run_before(target: str, act: Callable[[], Any]) -> Iterator[Competitor]:
    """The competitor starts when `target` is first called."""
    with _run_at(target, act, before=True) as competitor:
        yield competitor


@contextmanager
def run_after(target: str, act: Callable[[], Any]) -> Iterator[Competitor]:
    """The competitor starts when the first call of `target` returns."""
    with _run_at(target, act, before=False) as competitor:
        yield competitor


# `run_before` or `run_after`, where a test is played with either.
Race = Callable[[str, Callable[[], Any]], AbstractContextManager[Competitor]]


@contextmanager
def _run_at(target: str, act: Callable[[], Any], *, before: bool) -> Iterator[Competitor]:
    competitor = Competitor(act)
    module, _, name = target.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)
    main = threading.get_ident()

    def patched(*args: Any, **kwargs: Any) -> Any:
        first = competitor.thread is None and threading.get_ident() == main
        if first and before:
            competitor.start()
        result = real(*args, **kwargs)
        if first and not before:
            competitor.start()
        return result

    with mock.patch(target, patched):
        yield competitor
        competitor.finish()
