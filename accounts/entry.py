"""Tries at the door, counted so that many at once are many; and when a session was last used.

allauth's own limits read a counter and write it back, so requests that arrive together can share one try. Here one statement
adds and answers, and the row is locked while it does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.utils import timezone

from accounts.models import EntryTries

USE_NOTED_EVERY = dt.timedelta(minutes=10)
MOST_NOTED = 10_000
_noted: dict[str, float] = {}  # session → when its use is written again


def count_try(kind: str, who: str, *, most: int, window: dt.timedelta) -> bool:
    """Count one try of `kind` by `who` (an account, an address); whether it is still among the `most` allowed in this window.

    Must not run inside a transaction that may be rolled back, or the try was never made.
    """
    now = timezone.now()
    table = EntryTries._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS t (key, tries, until) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608
            "tries = CASE WHEN t.until <= %s THEN 1 ELSE LEAST(t.tries, 1000000) + 1 END, "
            "until = CASE WHEN t.until <= %s THEN EXCLUDED.until ELSE t.until END RETURNING tries",
            [_key(kind, who), now + window, now, now],
        )
        return int(cursor.fetchone()[0]) <= most


def forget_tries(kind: str, who: str) -> None:
    """Start again at none, after a success."""
    EntryTries.objects.filter(key=_key(kind, who)).delete()


def sweep_tries() -> int:
    """Remove counters whose window is over; gives back how many."""
    return EntryTries.objects.filter(until__lte=timezone.now()).delete()[0]


def note_use(session: SessionBase) -> None:
    """Keep when a session was last used, to ten minutes: for the list from which people end their sessions.

    Each process remembers what it wrote, so that a page costs no statement for this.
    """
    key, now = session.session_key or "", time.monotonic()
    if "account_authentication_methods" not in session or _noted.get(key, 0.0) > now:
        return
    if len(_noted) > MOST_NOTED:
        _noted.clear()
    _noted[key] = now + USE_NOTED_EVERY.total_seconds()
    moment = timezone.now()
    UserSession.objects.filter(session_key=key, last_seen_at__lt=moment - USE_NOTED_EVERY).update(last_seen_at=moment)


def _key(kind: str, who: str) -> str:
    return hashlib.sha256(f"{kind}\x00{who.strip().lower()}".encode()).hexdigest()
