"""Background jobs of the tickets room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tickets import services


@app.periodic(cron="* * * * *")
@app.task(name="tickets.jobs.keep_deadlines", queueing_lock="tickets.jobs.keep_deadlines", pass_context=False)
def keep_deadlines(timestamp: int) -> None:
    """Each minute: claims, questions and waiting that have run out."""
    services.expire_claims()
    services.expire_answers()
    services.wake_waiting()
