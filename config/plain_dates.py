"""Dates that nobody can misread: `24 nov 2026`, with the month in letters whatever the language. Pure."""

from __future__ import annotations

from datetime import date, datetime

MONTHS = {
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
NEAR = {"es": {-1: "ayer", 0: "hoy", 1: "mañana"}, "en": {-1: "yesterday", 0: "today", 1: "tomorrow"}}


def spoken(language: str) -> str:
    """`es` or `en`, from codes such as `es-ve`; Spanish for anything else."""
    return "en" if language.startswith("en") else "es"


def write_date(day: date, language: str, *, weekday: bool = False, year: bool = True) -> str:
    """`24 nov 2026`; with `weekday`, `martes 24 nov 2026`; without `year`, `24 nov`."""
    tongue = spoken(language)
    text = f"{day.day} {MONTHS[tongue][day.month - 1]}"
    if year:
        text = f"{text} {day.year}"
    return f"{DAYS[tongue][day.weekday()]} {text}" if weekday else text


def write_time(moment: datetime, language: str) -> str:
    """`17:00`, the same in both languages."""
    return f"{moment.hour}:{moment.minute:02d}"


def write_hour(moment: datetime, language: str) -> str:
    """`5:00 p. m.` in Spanish, `5:00 pm` in English: for deadlines in sentences."""
    afternoon = moment.hour >= 12
    mark = {"es": "p.\u00a0m." if afternoon else "a.\u00a0m.", "en": "pm" if afternoon else "am"}[spoken(language)]
    return f"{moment.hour % 12 or 12}:{moment.minute:02d}\u00a0{mark}"


def write_moment(moment: datetime, language: str, *, today: date, style: str = "plain") -> str:
    """A moment that is already in the reader's time zone.

    `plain`: `24 nov 2026, 9:12`; `near`: `hoy, 9:12` when it is within a day, else `22 nov, 9:12` (with the year when it is
    another year); `long`: `martes 24 nov 2026, 9:12 a. m.`
    """
    if style == "long":
        return f"{write_date(moment.date(), language, weekday=True)}, {write_hour(moment, language)}"
    if style == "near":
        near = NEAR[spoken(language)].get((moment.date() - today).days)
        day = near or write_date(moment.date(), language, year=moment.year != today.year)
        return f"{day}, {write_time(moment, language)}"
    return f"{write_date(moment.date(), language)}, {write_time(moment, language)}"


def write_relative_day(day: date, language: str, *, today: date) -> str:
    """`hoy`, `ayer`, `mañana`, `hace 6 días`, `en 3 días`."""
    away = (day - today).days
    tongue = spoken(language)
    if away in NEAR[tongue]:
        return NEAR[tongue][away]
    if tongue == "es":
        return f"en {away} días" if away > 0 else f"hace {-away} días"
    return f"in {away} days" if away > 0 else f"{-away} days ago"
