"""Background jobs of the orders room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from orders.service_acts import renew_everywhere


@app.periodic(cron="25 * * * *")
@app.task(name="orders.jobs.renew_services", queueing_lock="orders.jobs.renew_services", pass_context=False)
def renew_services(timestamp: int) -> None:
    """Each hour, as houses' days begin at different ones: bill renewals that are near, end what was cancelled for today."""
    renew_everywhere()
