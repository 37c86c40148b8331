"""Background jobs of the API."""

from __future__ import annotations

from procrastinate.contrib.django import app

from api.idempotency import forget_old_calls


@app.periodic(cron="30 4 * * *")
@app.task(name="api.jobs.forget_old_calls", queueing_lock="api.jobs.forget_old_calls", pass_context=False)
def forget_old(timestamp: int) -> None:
    """Each night: answers that nobody will ask for again."""
    forget_old_calls()
