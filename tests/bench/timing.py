"""Processor time of a callable, in medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

BATCHES = 9


@dataclass(frozen=True)
class Row:
    """One line of the report. `met` is None where the row is a measure without a goal of its own."""

    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


def cpu_ms(acts: Mapping[int, Callable[[], object]], *, times: int = 5) -> dict[int, float]:
    """Milliseconds of processor time that one call of each takes: medians of nine batches.

    Batches take turns, so that a machine whose speed drifts is as fast or slow for one as for the other.
    """
    for act in acts.values():
        act()
    batches: dict[int, list[float]] = {key: [] for key in acts}
    for _ in range(BATCHES):
        for key, act in acts.items():
            start = time.process_time()
            for _ in range(times):
                act()
            batches[key].append((time.process_time() - start) * 1000 / times)
    return {key: statistics.median(each) for key, each in batches.items()}


def queries(act: Callable[[], object]) -> int:
    """How many statements one call sends, after one call to warm up."""
    act()
    with CaptureQueriesContext(connection) as sent:
        act()
    return len(sent)


def show(title: str, rows: list[Row]) -> None:
    """Print one part of the report."""
    print(f"\n{title}")
    for row in rows:
        mark = "" if row.met is None else ("  met" if row.met else "  MISSED")
        goal = f"   goal {row.goal}{mark}" if row.goal else ""
        value = f"{row.value:12.3f}" if row.value != int(row.value) else f"{int(row.value):12d}"
        print(f"  {row.what:56} {value} {row.unit:10}{goal}", flush=True)
