"""Background jobs of the tickets room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from accounts.searching import mend_words
from tickets import services


@app.periodic(cron="* * * * *")
@app.task(name="tickets.jobs.keep_deadlines", queueing_lock="tickets.jobs.keep_deadlines", pass_context=False)
def keep_deadlines(timestamp: int) -> None:
    """Each minute: claims, questions and waiting that have run out."""
    services.expire_claims()
    services.expire_answers()
    services.wake_waiting()


@app.periodic(cron="46 4 * * *")
@app.task(name="tickets.jobs.mend_search", queueing_lock="tickets.jobs.mend_search", pass_context=False)
def mend_search(timestamp: int) -> None:
    """Each night: tickets that were opened in the moment in which their customer was renamed are found by the new name too."""
    mend_words("tickets_ticket", "ticket_id", ("number",), made="opened_at")
