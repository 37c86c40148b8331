"""What takes too long for `make bench`: a million lines against a million reports, and a hundred thousand from file to order."""

from __future__ import annotations

import resource

import pytest

from tests.bench.months import furnish, spent
from tests.bench.settling import match, measure_ends
from tests.bench.timing import show

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0), pytest.mark.django_db(transaction=True)]

MOST_KB = 4 * 1024 * 1024


def test_a_million_lines_take_twelve_times_as_long_as_a_hundred_thousand() -> None:
    few = furnish(100_000)
    short = spent(lambda: match(few))
    many = furnish(1_000_000)
    long = spent(lambda: match(many))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n100k: {short:.1f} s cpu, 1M: {long:.1f} s cpu, {long / short:.1f} times; {memory / 1024:.0f} MB at most")
    assert memory < MOST_KB
    assert long / short <= 12


def test_a_hundred_thousand_lines_from_the_file_to_the_order() -> None:
    rows = measure_ends(99_999, goal=200)
    show("From the bank's file to paid orders, a hundred thousand lines", rows)
    better = next(row for row in rows if "better" in row.what)
    assert better.value >= 50
