"""Background jobs of the reports room."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from reports import services
from reports.reminders import remind_everybody
from reports.retention import erase_old_receipts


@app.periodic(cron="20 4 * * *")
@app.task(name="reports.jobs.forget_old_drafts", queueing_lock="reports.jobs.forget_old_drafts", pass_context=False)
def forget_old_drafts(timestamp: int) -> None:
    """Each night: drafts that nobody went on with."""
    services.forget_old_drafts()


@app.periodic(cron="* * * * *")
@app.task(name="reports.jobs.read_mailboxes", queueing_lock="reports.jobs.read_mailboxes", pass_context=False)
def read_mailboxes(timestamp: int) -> None:
    """Each minute: one job a mailbox, so that a slow server keeps nobody else waiting."""
    for mailbox_id in services.mailboxes_to_read():
        lock = f"reports.jobs.read_mailbox/{mailbox_id}"
        with suppress(AlreadyEnqueued), transaction.atomic():
            read_mailbox.configure(lock=lock, queueing_lock=lock).defer(mailbox_id=mailbox_id)


@app.task(name="reports.jobs.read_mailbox")
def read_mailbox(*, mailbox_id: int) -> None:
    """Take in the mails of one mailbox."""
    services.read_mailbox(mailbox_id=mailbox_id)


@app.periodic(cron="*/15 * * * *")
@app.task(name="reports.jobs.remind", queueing_lock="reports.jobs.remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Every quarter of an hour: customers whose time of the day has come are reminded of what they owe."""
    remind_everybody()


@app.periodic(cron="40 3 * * *")
@app.task(name="reports.jobs.erase_old_receipts", queueing_lock="reports.jobs.erase_old_receipts", pass_context=False)
def erase_receipts(timestamp: int) -> None:
    """Each night: receipts whose time is over."""
    erase_old_receipts()
