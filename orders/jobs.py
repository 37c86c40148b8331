"""Background jobs of the orders room."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from orders.import_files import BRING_JOB, write_queued


@app.task(name=BRING_JOB, retry=RetryStrategy(max_attempts=5, wait=5, linear_wait=30))
def bring_in(*, import_id: int, user_id: int | None, language: str) -> None:
    """Write the customers and orders of a large file."""
    write_queued(import_id=import_id, user_id=user_id, language=language)
