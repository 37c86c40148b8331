"""Background jobs of the webhooks room."""

from __future__ import annotations

from django.db import Error
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from webhooks import services
from webhooks.services.announcing import DELIVER_JOB


@app.task(name=DELIVER_JOB, retry=RetryStrategy(max_attempts=6, exponential_wait=4, retry_exceptions=[Error]))
def deliver(*, endpoint_id: int) -> None:
    """Send what is due at one endpoint; a database's bad moment is slept through."""
    services.deliver_waiting(endpoint_id=endpoint_id)


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.jobs.wake_endpoints", queueing_lock="webhooks.jobs.wake_endpoints", pass_context=False)
def wake_endpoints(timestamp: int) -> None:
    """Each minute: pauses that have ended, and what has no job (any more)."""
    services.wake_endpoints()


@app.periodic(cron="40 4 * * *")
@app.task(name="webhooks.jobs.forget_old_news", queueing_lock="webhooks.jobs.forget_old_news", pass_context=False)
def forget_old_news(timestamp: int) -> None:
    """Each night: news of a month ago."""
    services.forget_old_news()
