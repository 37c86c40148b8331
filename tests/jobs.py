"""Running background jobs in a test without a worker: the same rows, the same functions, one thread."""

import asyncio
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

MOST = 1000


def run_due_jobs() -> int:
    """Run the jobs whose time has come until none is left; returns their number. Errors are raised.

    Periodic jobs are not among them: nothing defers those without a worker.
    """
    ran = 0
    while ran < MOST:
        row = _next_job()
        if row is None:
            return ran
        job_id, name, args = row
        task = app.tasks[name]
        result: Any = task.func(**args)
        if asyncio.iscoroutine(result):
            asyncio.run(result)
        _finish(job_id)
        ran += 1
    raise AssertionError(f"Jobs keep deferring jobs: {MOST} ran and more are waiting.")


def _next_job() -> tuple[int, str, dict[str, Any]] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo'"
            " AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY priority DESC, id LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job_id, name, args = row
    if isinstance(args, str):
        import json

        args = json.loads(args)
    return job_id, name, args


def _finish(job_id: int) -> None:
    # The row goes through "doing", as procrastinate's own trigger on the state demands.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job_id])
