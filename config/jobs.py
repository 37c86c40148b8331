"""Keeping the jobs themselves alive: what a killed worker left is done again, what is long done is forgotten."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

KEEP_HOURS = 24 * 30


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Give back to the queue what a worker took that has sent no heartbeat since. So every job may run twice."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 4 * * *")
@app.task(queueing_lock="forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that finished well a month ago; failed ones stay until somebody has looked."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_HOURS, include_failed=False)
