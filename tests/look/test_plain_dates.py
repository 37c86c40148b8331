"""Dates and times that nobody can misread, in both languages."""

from datetime import UTC, date, datetime

import pytest

from config.plain_dates import write_date, write_moment, write_relative_day

TODAY = date(2026, 11, 24)
DEADLINE = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


def test_writes_the_month_in_letters() -> None:
    assert write_date(date(2026, 11, 5), "es") == "5 nov 2026"
    assert write_date(date(2026, 11, 5), "en") == "5 Nov 2026"
    assert write_date(date(2026, 11, 23), "es", weekday=True) == "lunes 23 nov 2026"
    assert write_date(date(2026, 11, 23), "en-us", year=False) == "23 Nov"


@pytest.mark.parametrize(
    ("style", "spanish", "english"),
    [
        ("plain", "25 nov 2026, 17:00", "25 Nov 2026, 17:00"),
        ("near", "mañana, 17:00", "tomorrow, 17:00"),
        ("long", "miércoles 25 nov 2026, 5:00\u00a0p.\u00a0m.", "Wednesday 25 Nov 2026, 5:00\u00a0pm"),
    ],
)
def test_writes_a_moment(style: str, spanish: str, english: str) -> None:
    assert write_moment(DEADLINE, "es", today=TODAY, style=style) == spanish
    assert write_moment(DEADLINE, "en", today=TODAY, style=style) == english


def test_a_far_moment_is_never_near() -> None:
    assert write_moment(DEADLINE, "es", today=date(2026, 11, 20), style="near") == "25 nov, 17:00"
    assert write_moment(DEADLINE, "es", today=date(2027, 1, 2), style="near") == "25 nov 2026, 17:00"


def test_counts_days() -> None:
    assert [write_relative_day(date(2026, 11, day), "es", today=TODAY) for day in (18, 23, 24, 25, 27)] == [
        "hace 6 días", "ayer", "hoy", "mañana", "en 3 días",
    ]  # fmt: skip
    assert write_relative_day(date(2026, 11, 18), "en", today=TODAY) == "6 days ago"
