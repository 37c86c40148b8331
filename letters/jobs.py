"""Background jobs of the letters room."""

from __future__ import annotations

from django.db import Error
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from letters import services


@app.task(
    name=services.SEND_JOB,
    # 4 s, 16 s, 1 min, 4 min, 17 min, 1 h, 4.5 h: a mail server's bad morning is slept through, a database's bad moment too.
    retry=RetryStrategy(max_attempts=services.MAX_TRIES, exponential_wait=4, retry_exceptions=[services.LetterNotSent, Error]),
)
def send_letters(*, letter_ids: list[int]) -> None:
    """Send letters; those that were not sent are tried again with growing pauses."""
    services.deliver_letters(letter_ids=letter_ids)


@app.periodic(cron="*/5 * * * *")
@app.task(name="letters.jobs.requeue_forgotten", queueing_lock="letters.jobs.requeue_forgotten", pass_context=False)
def requeue_forgotten(timestamp: int) -> None:
    """Waiting letters whose job is gone get a new one."""
    services.requeue_forgotten()
