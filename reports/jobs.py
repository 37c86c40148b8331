"""Background jobs of the reports room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from reports import services


@app.periodic(cron="20 4 * * *")
@app.task(name="reports.jobs.forget_old_drafts", queueing_lock="reports.jobs.forget_old_drafts", pass_context=False)
def forget_old_drafts(timestamp: int) -> None:
    """Each night: drafts that nobody went on with."""
    services.forget_old_drafts()
