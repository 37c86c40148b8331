"""Background jobs of the reconciliation room."""

from __future__ import annotations

import datetime as dt

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from accounts.actors import Actor
from accounts.models import Merchant
from banking.models import ReceivingAccount
from files.storage import storage_errors
from orders.dates import today_at
from reconciliation.books.days import add_up_days
from reconciliation.importing.under_lock import READ_JOB, WRITE_JOB
from reconciliation.resuming import RESUME_JOB, resume_waiting_tickets
from reconciliation.runs.soon import MATCH_REPORTS_JOB, PROPOSE_JOB, accounts_to_match, propose_soon
from reconciliation.services import exports, imports
from reconciliation.services.nightly import PROVE_JOB, close_days, prove_books
from reconciliation.services.offers import expire_offers
from reconciliation.services.runs import propose_matches

MOST_TRIES = 5
# A database or a storage that was away for a moment. What these jobs do can be done twice.
AGAIN = RetryStrategy(max_attempts=8, wait=5, linear_wait=30)


@app.task(name=RESUME_JOB, retry=AGAIN)
def resume_waiting(*, account_id: int) -> None:
    """Lines arrived in this account: what is certain is settled, and tickets that wait for one come back into review."""
    account = ReceivingAccount.objects.select_related("merchant").filter(pk=account_id).first()
    if account is not None:
        propose_matches(merchant=account.merchant, account_id=account.pk, by=Actor.system(account.merchant))
        resume_waiting_tickets(account)


@app.task(name=PROPOSE_JOB, retry=AGAIN)
def propose_for_account(*, account_id: int) -> None:
    """Match this account now."""
    account = ReceivingAccount.objects.select_related("merchant").filter(pk=account_id).first()
    if account is not None:
        propose_matches(merchant=account.merchant, account_id=account.pk, by=Actor.system(account.merchant))


@app.periodic(cron="*/5 * * * *")
@app.task(name=MATCH_REPORTS_JOB, queueing_lock=MATCH_REPORTS_JOB, pass_context=False)
def propose_for_reports(timestamp: int) -> None:
    """Reports that came since an account was last matched are matched too."""
    for account in accounts_to_match():
        propose_soon(account)


@app.periodic(cron="* * * * *")
@app.task(name="reconciliation.jobs.add_up", queueing_lock="reconciliation.jobs.add_up", pass_context=False)
def add_up(timestamp: int) -> None:
    """Days whose lines changed are added up, so that pages need not."""
    add_up_days()


@app.periodic(cron="30 8 * * *")
@app.task(name="reconciliation.jobs.end_the_day", queueing_lock="reconciliation.jobs.end_the_day", pass_context=False)
def end_the_day(timestamp: int) -> None:
    """Each night, when it is night from Mexico to Buenos Aires: the books of every merchant, each in a job of its own."""
    for merchant_id in Merchant.objects.order_by("pk").values_list("pk", flat=True):
        app.configure_task("reconciliation.jobs.close_books_of_the_day", lock=f"books/{merchant_id}").defer(
            merchant_id=merchant_id
        )


@app.task(name=exports.WRITE_JOB, retry=RetryStrategy(max_attempts=MOST_TRIES, wait=5, linear_wait=30), pass_context=True)
def write_export(context: JobContext, *, export_id: int) -> None:
    """Write a large table that somebody asked for. Tried again when the storage is away; the last failure is told."""
    try:
        exports.write_export(export_id=export_id)
    except storage_errors():
        if context.job is not None and context.job.attempts + 1 >= MOST_TRIES:
            exports.give_up(export_id=export_id)
        raise


@app.periodic(cron="40 * * * *")
@app.task(name="reconciliation.jobs.forget_exports", queueing_lock="reconciliation.jobs.forget_exports", pass_context=False)
def forget_exports(timestamp: int) -> None:
    """Files of tables whose days are over are deleted."""
    exports.forget_exports()


@app.task(name="reconciliation.jobs.close_books_of_the_day", retry=AGAIN)
def close_books_of_the_day(*, merchant_id: int) -> None:
    """Count the last days of one merchant's accounts and prove its books."""
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is None:
        return
    by = Actor.system(merchant)
    expire_offers(merchant=merchant)
    close_days(until=today_at(merchant) - dt.timedelta(days=1), by=by)
    prove_books(by=by)


@app.task(name=PROVE_JOB, retry=AGAIN)
def prove_books_of(*, merchant_id: int) -> None:
    """Prove one merchant's books now, because somebody asked."""
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is not None:
        prove_books(by=Actor.system(merchant))


@app.task(name=READ_JOB, retry=AGAIN)
def read_statement(*, import_id: int) -> None:
    """Read a bank's file for its preview. Tried again when the storage is away; a bad file is no failure."""
    imports.read_statement(import_id=import_id)


@app.task(name=WRITE_JOB, retry=AGAIN)
def write_statement(*, import_id: int) -> None:
    """Bring in the lines of a bank's file, all or none."""
    imports.write_statement(import_id=import_id)
