"""Whether a day's books are closed: asked, with the lock that keeps it so, before anything of that day is written.

Who writes holds the books' lock shared until the end of the transaction; who closes a month takes it alone. So a month is
closed before a line or an entry of it is written, or after, never in between. The database asks the same again by trigger.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import Merchant
from orders.dates import written


def closed_until(merchant_id: int) -> dt.date | None:
    """The last day of the closed books, None while nothing is closed. Holds the lock: call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT concilia_closed_until(%s)", [merchant_id])
        found: dt.date | None = cursor.fetchone()[0]
    return found


def require_open(merchant: Merchant | int, day: dt.date) -> None:
    """Raise `Refused(period_closed)` when the books of `day` are closed; else they stay open for this transaction."""
    until = closed_until(merchant if isinstance(merchant, int) else merchant.pk)
    if until is None or day > until:
        return
    said = _("The books are closed until %(until)s, so nothing of %(day)s can be written. Open %(month)s again first.")
    raise Refused(
        said % {"until": written(until), "day": written(day), "month": month_name(until)},
        code="period_closed",
        fields=("booked_on",),
    )


def try_to_hold_alone(merchant: Merchant) -> bool:
    """Take the books' lock alone until the end of the transaction; False when somebody is writing. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(concilia_books_lock(%s))", [merchant.pk])
        return bool(cursor.fetchone()[0])


def digest_of(merchant: Merchant, after: dt.date | None, until: dt.date) -> str:
    """The digest of all lines and entries after one day, until another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT concilia_books_digest(%s, %s, %s)", [merchant.pk, after, until])
        return str(cursor.fetchone()[0])


def month_name(day: dt.date) -> str:
    """`octubre de 2026`, `October 2026`: the month of `day` in words."""
    if (get_language() or "es").startswith("es"):
        return f"{date_format(day, 'F').lower()} de {day.year}"
    return date_format(day, "F Y")
