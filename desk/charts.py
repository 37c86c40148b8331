"""Figures of the books as pictures: whole numbers for the SVG that the templates draw, each beside its own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reconciliation.books.ageing import Bucket, DecisionTimes, DepositDay

WIDE, HIGH, DAY_WIDE = 100, 100, 10


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar across: its words, its number, and its length of WIDE."""

    label: str
    count: int
    length: int
    colour: str
    amounts: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DayColumn:
    """One day of a column chart: what of it is matched stands below, what is open above."""

    day: dt.date
    arrived: int
    matched: int
    open: int
    x: int
    matched_top: int
    matched_high: int
    open_top: int
    open_high: int


@dataclass(frozen=True, kw_only=True)
class DayChart:
    """Days side by side."""

    columns: tuple[DayColumn, ...]
    width: int
    arrived: int
    matched: int
    most: int

    @property
    def open(self) -> int:
        return self.arrived - self.matched


def ageing_bars(buckets: Sequence[Bucket]) -> list[Bar]:
    """Bars of an ageing; the oldest stands in red."""
    most = max((bucket.count for bucket in buckets), default=0)
    return [
        Bar(
            label=days_words(bucket.first, bucket.last),
            count=bucket.count,
            length=bar_length(bucket.count, most, WIDE),
            colour="red" if bucket.is_old else "accent",
            amounts=tuple(sorted(bucket.amounts.items())),
        )
        for bucket in buckets
    ]


def decision_bars(times: DecisionTimes) -> list[Bar]:
    """Bars of the hours that decisions took."""
    most = max((count for _first, _last, count in times.counts), default=0)
    return [
        Bar(
            label=hours_words(first, last),
            count=count,
            length=bar_length(count, most, WIDE),
            colour="red" if last is None else "accent",
        )
        for first, last, count in times.counts
    ]


def day_chart(days: Sequence[DepositDay]) -> DayChart:
    """Columns of deposits by day."""
    most = max((day.arrived for day in days), default=0)
    columns = []
    for place, day in enumerate(days):
        matched, waiting = bar_length(day.matched, most, HIGH), bar_length(day.open, most, HIGH)
        waiting = min(waiting, HIGH - matched)
        columns.append(
            DayColumn(
                day=day.day,
                arrived=day.arrived,
                matched=day.matched,
                open=day.open,
                x=place * DAY_WIDE + 1,
                matched_top=HIGH - matched,
                matched_high=matched,
                open_top=HIGH - matched - waiting,
                open_high=waiting,
            )
        )
    arrived, done = sum(day.arrived for day in days), sum(day.matched for day in days)
    return DayChart(columns=tuple(columns), width=len(days) * DAY_WIDE, arrived=arrived, matched=done, most=most)


def days_words(first: int, last: int | None) -> str:
    """`0 a 2 días`, `Más de 30 días`."""
    if last is None:
        return _("More than %(days)d days") % {"days": first - 1}
    return _("%(first)d to %(last)d days") % {"first": first, "last": last}


def hours_words(first: int, last: int | None) -> str:
    """`Menos de 1 hora`, `4 a 24 horas`, `Más de 3 días`."""
    if last is None:
        return _("More than %(days)d days") % {"days": first // 24}
    if first == 0:
        return _("Less than an hour")
    if last > 24:
        return _("%(first)d to %(last)d days") % {"first": first // 24, "last": last // 24}
    return _("%(first)d to %(last)d hours") % {"first": first, "last": last}


def span_words(span: dt.timedelta | None) -> str:
    """`3 h 20 min`, `2 d 4 h`."""
    if span is None:
        return "–"
    minutes = int(span.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}


def bar_length(count: int, most: int, whole: int) -> int:
    """A length; something is never nothing."""
    return max(2, round(count * whole / most)) if count and most else 0
