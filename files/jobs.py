"""Background jobs of the files room."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from files import services


@app.task(name="files.jobs.process_file", retry=RetryStrategy(max_attempts=8, wait=5, linear_wait=30))
def process_file(*, file_id: int) -> None:
    """Make the copies of one file. Tried again when the storage is away or the machine too busy; a bad file is no failure."""
    services.process_stored_file(file_id=file_id)


@app.periodic(cron="23 4 * * *")
@app.task(name="files.jobs.sweep_orphans", queueing_lock="files.jobs.sweep_orphans", pass_context=False)
def sweep_orphans(timestamp: int) -> None:
    """Nightly: raw bytes without a row."""
    services.sweep_orphans()


@app.periodic(cron="*/10 * * * *")
@app.task(name="files.jobs.requeue_forgotten", queueing_lock="files.jobs.requeue_forgotten", pass_context=False)
def requeue_forgotten(timestamp: int) -> None:
    """Files that were received and never prepared get a job again."""
    services.requeue_forgotten()
