"""Background jobs of the orders room."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.searching import mend_words
from orders.import_files import BRING_JOB, write_queued
from orders.service_acts import renew_everywhere


@app.task(name=BRING_JOB, retry=RetryStrategy(max_attempts=5, wait=5, linear_wait=30))
def bring_in(*, import_id: int, user_id: int | None, language: str) -> None:
    """Write the customers and orders of a large file."""
    write_queued(import_id=import_id, user_id=user_id, language=language)


@app.periodic(cron="25 * * * *")
@app.task(name="orders.jobs.renew_services", queueing_lock="orders.jobs.renew_services", pass_context=False)
def renew_services(timestamp: int) -> None:
    """Each hour, as houses' days begin at different ones: bill renewals that are near, end what was cancelled for today."""
    renew_everywhere()


@app.periodic(cron="45 4 * * *")
@app.task(name="orders.jobs.mend_search", queueing_lock="orders.jobs.mend_search", pass_context=False)
def mend_search(timestamp: int) -> None:
    """Each night: orders that were issued in the moment in which their customer was renamed are found by the new name too."""
    mend_words("orders_order", "order_id", ("number", "description"), made="created_at")
