"""Background jobs of the accounts room: sweeping what is over."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from accounts.entry import sweep_tries


@app.periodic(cron="20 4 * * *")
@app.task(name="accounts.jobs.sweep_entry", queueing_lock="accounts.jobs.sweep_entry", pass_context=False)
def sweep_entry(timestamp: int) -> None:
    """Every night: counters of tries whose window is over, and sessions that have expired."""
    sweep_tries()
    SessionStore.clear_expired()
