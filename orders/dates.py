"""Today, at the merchant's house: payment, due and booking dates are plain dates in its time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from accounts.models import Merchant


def today_at(merchant: Merchant) -> dt.date:
    """The date on the merchant's calendar now."""
    return timezone.localdate(timezone=ZoneInfo(merchant.time_zone))


def written(day: dt.date) -> str:
    """`24 nov 2026` in the language of the screen: a date that nobody can misread."""
    month = date_format(day, "M")
    # Django writes Spanish months with a capital; Spanish does not.
    return f"{day.day} {month.lower() if (get_language() or 'es').startswith('es') else month} {day.year}"
