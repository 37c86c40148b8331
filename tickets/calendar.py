"""Business time of a merchant: opening hours by weekday, the country's holidays, and days of its own. Reads nothing but the
merchant.

Moments are aware and come back in UTC; hours are wall time in the merchant's zone, so a day on which the clocks change is as
long as
it really is. A merchant without any opening hours has calendar time.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from accounts.models import Merchant

# Nobody closes for longer: what lies beyond is counted in calendar time, so that no loop is endless.
LONGEST_CLOSURE = 366
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@lru_cache(maxsize=256)
def national_holidays(country: str, year: int) -> frozenset[date]:
    """Public (and, where the package knows them, bank) holidays of one year; none for a country that it does not know."""
    try:
        known = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return frozenset()
    if "bank" in known.supported_categories:
        known = holidays.country_holidays(country, years=year, categories=("public", "bank"))
    return frozenset(known)


def is_holiday(merchant: Merchant, day: date) -> bool:
    """Whether the merchant is closed on this day although its weekday has hours."""
    return day.isoformat() in merchant.extra_holidays or day in national_holidays(merchant.country, day.year)


def is_business_day(merchant: Merchant, day: date) -> bool:
    """Whether the merchant works at all on this day."""
    return bool(_hours_of(merchant, day)) and not is_holiday(merchant, day)


def local_day(merchant: Merchant, moment: datetime) -> date:
    """The date at the merchant's house."""
    return moment.astimezone(zoneinfo.ZoneInfo(merchant.time_zone)).date()


def end_of_day(merchant: Merchant, day: date) -> datetime:
    """The last minute of a day at the merchant's house, in UTC."""
    return datetime.combine(day, time(23, 59), tzinfo=zoneinfo.ZoneInfo(merchant.time_zone)).astimezone(UTC)


def add_business_days(merchant: Merchant, day: date, days: int) -> date:
    """The business day that lies `days` (0 or more) business days after `day`; with 0, `day` itself or the next one.

    >>> # Friday + 1 is Monday, and so is Saturday + 0
    """
    found = day
    for left in range(days, -1, -1):
        closed = 0
        while not is_business_day(merchant, found) and closed < LONGEST_CLOSURE:
            found += timedelta(days=1)
            closed += 1
        if closed >= LONGEST_CLOSURE:
            return day + timedelta(days=days)
        if left:
            found += timedelta(days=1)
    return found


def add_business_minutes(merchant: Merchant, start: datetime, minutes: int) -> datetime:
    """When `minutes` (0 or more) of opening time have passed since `start`, in UTC. 0 is `start` itself."""
    left = timedelta(minutes=minutes)
    if left <= timedelta(0):
        return start.astimezone(UTC)
    for begin, end in _spans(merchant, start, None):
        opened = max(begin, start)
        if end - opened >= left:
            return opened + left
        left -= end - opened
    return (start + left).astimezone(UTC)


def review_deadline(merchant: Merchant, at: datetime, *, clearing_days: int = 0) -> datetime:
    """By when a report that arrives `at` is decided: the merchant's review hours, counted in opening hours, after the business
    days that the money takes to be seen. What the form promises and what the desk is held to are this one moment."""
    start = at
    if clearing_days:
        day = add_business_days(merchant, local_day(merchant, at), clearing_days)
        start = datetime.combine(day, time(), tzinfo=zoneinfo.ZoneInfo(merchant.time_zone))
    return add_business_minutes(merchant, start, merchant.review_hours * 60)


def business_minutes_between(merchant: Merchant, start: datetime, end: datetime) -> int:
    """Whole minutes of opening time from `start` to `end`; negative when `end` is the earlier."""
    if end < start:
        return -business_minutes_between(merchant, end, start)
    total = timedelta(0)
    for opened, closed in _spans(merchant, start, end):
        total += max(timedelta(0), min(closed, end) - max(opened, start))
    return total // MINUTE


def _hours_of(merchant: Merchant, day: date) -> list[tuple[time, time]]:
    spans = merchant.business_hours.get(str(day.isoweekday()), [])
    return sorted((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in spans if begin < end)


def _spans(merchant: Merchant, start: datetime, end: datetime | None) -> Iterator[Span]:
    """Opening times that end after `start`, in order, in UTC; until `end`, or until a year without any has passed."""
    zone = zoneinfo.ZoneInfo(merchant.time_zone)
    day, closed = start.astimezone(zone).date(), 0
    last = end.astimezone(zone).date() if end else date.max
    while day <= last and closed < LONGEST_CLOSURE:
        hours = [] if is_holiday(merchant, day) else _hours_of(merchant, day)
        closed = 0 if hours else closed + 1
        for begin, finish in hours:
            opens = datetime.combine(day, begin, tzinfo=zone).astimezone(UTC)
            closes = datetime.combine(day, finish, tzinfo=zone).astimezone(UTC)
            if closes > start:
                yield opens, closes
        if day == date.max:
            return
        day += timedelta(days=1)
