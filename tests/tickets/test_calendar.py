"""Business time: hours, weekends, holidays, zones, and days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Merchant, default_business_hours
from tickets.calendar import (
    add_business_days,
    add_business_minutes,
    business_minutes_between,
    end_of_day,
    is_business_day,
    local_day,
)

CARACAS = ZoneInfo("America/Caracas")


def merchant(**kw: object) -> Merchant:
    kw.setdefault("country", "VE")
    kw.setdefault("time_zone", "America/Caracas")
    return Merchant(**kw)


def at(text: str, zone: ZoneInfo = CARACAS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_eight_hours_from_tuesday_morning_end_the_next_morning() -> None:
    # 24 November 2026 is a Tuesday; 10:36 to 17:00 are 6 h 24 min.
    assert add_business_minutes(merchant(), at("2026-11-24T10:36"), 480) == at("2026-11-25T09:36")


def test_a_report_of_saturday_night_starts_on_monday() -> None:
    assert add_business_minutes(merchant(), at("2026-11-21T23:00"), 60) == at("2026-11-23T09:00")


def test_a_national_holiday_is_closed() -> None:
    # Wednesday 24 June: the battle of Carabobo.
    assert not is_business_day(merchant(), date(2026, 6, 24))
    assert add_business_minutes(merchant(), at("2026-06-23T16:30"), 60) == at("2026-06-25T08:30")


def test_a_day_of_the_merchants_own_is_closed() -> None:
    closed = merchant(extra_holidays=["2026-11-25"])
    assert add_business_minutes(closed, at("2026-11-24T16:30"), 60) == at("2026-11-26T08:30")


def test_two_spans_a_day_leave_lunch_out() -> None:
    split = merchant(business_hours={"2": [["14:00", "18:00"], ["09:00", "12:00"]]})
    assert add_business_minutes(split, at("2026-11-24T11:30"), 60) == at("2026-11-24T14:30")
    assert business_minutes_between(split, at("2026-11-24T08:00"), at("2026-11-24T15:00")) == 240


def test_the_end_of_the_hours_counts_as_in_time() -> None:
    assert add_business_minutes(merchant(), at("2026-11-24T08:00"), 540) == at("2026-11-24T17:00")


def test_no_minutes_are_the_moment_itself_in_utc() -> None:
    moment = add_business_minutes(merchant(), at("2026-11-21T23:00"), 0)
    assert moment == at("2026-11-21T23:00")
    assert moment.tzinfo is UTC


def test_minutes_between_are_negative_backwards() -> None:
    assert business_minutes_between(merchant(), at("2026-11-25T09:00"), at("2026-11-24T16:00")) == -120


def test_a_night_when_the_clocks_change_is_as_long_as_it_is() -> None:
    # In Santiago the clocks go forward from 24:00 on Saturday 5 September 2026; a merchant open all Sunday has 23 hours.
    open_sunday = merchant(
        country="CL", time_zone="America/Santiago", business_hours={"7": [["00:00", "23:59"]], "1": [["00:00", "23:59"]]}
    )
    zone = ZoneInfo("America/Santiago")
    start, end = at("2026-09-06T00:00", zone), at("2026-09-07T00:00", zone)
    assert business_minutes_between(open_sunday, start, end) == 23 * 60 - 1


def test_a_merchant_without_hours_has_calendar_time() -> None:
    never = merchant(business_hours={})
    assert add_business_minutes(never, at("2026-11-24T10:00"), 90) == at("2026-11-24T11:30")
    assert add_business_days(never, date(2026, 11, 24), 3) == date(2026, 11, 27)


def test_a_country_that_is_not_known_has_no_holidays() -> None:
    assert is_business_day(merchant(country="XX"), date(2026, 12, 25))


def test_business_days_skip_weekend_and_holiday() -> None:
    assert add_business_days(merchant(), date(2026, 11, 24), 3) == date(2026, 11, 27)
    assert add_business_days(merchant(), date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert add_business_days(merchant(), date(2026, 11, 28), 0) == date(2026, 11, 30)
    assert add_business_days(merchant(), date(2026, 6, 23), 1) == date(2026, 6, 25)


def test_the_day_is_the_merchants_own() -> None:
    assert local_day(merchant(), datetime(2026, 11, 24, 2, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert end_of_day(merchant(), date(2026, 11, 24)) == datetime(2026, 11, 25, 3, 59, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(0, 6000),
    zone=st.sampled_from(["America/Caracas", "America/Santiago", "America/Mexico_City", "UTC"]),
)
def test_what_was_added_is_what_lies_between(start: int, minutes: int, zone: str) -> None:
    somebody = merchant(time_zone=zone, business_hours=default_business_hours())
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    end = add_business_minutes(somebody, begin, minutes)
    assert end >= begin
    assert business_minutes_between(somebody, begin, end) == minutes


@pytest.mark.parametrize("minutes", [1, 59, 480])
def test_more_minutes_end_later(minutes: int) -> None:
    start = at("2026-11-24T10:00")
    assert add_business_minutes(merchant(), start, minutes) < add_business_minutes(merchant(), start, minutes + 1)
    assert timedelta(0) < add_business_minutes(merchant(), start, minutes) - start
