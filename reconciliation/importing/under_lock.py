"""A file of the bank under its lock, and the jobs that read it and bring it in."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.actors import Actor
from accounts.errors import Stale
from reconciliation.models import RejectedLine, StatementImport

State = StatementImport.State
READ_JOB = "reconciliation.jobs.read_statement"
WRITE_JOB = "reconciliation.jobs.write_statement"


def locked_import(import_id: int, by: Actor, *states: str) -> StatementImport:
    """The import under its lock, in one of these states. Raises `Http404`, `Stale(wrong_state)`."""
    found = (
        StatementImport.objects.select_for_update(no_key=True, of=("self",)).filter(merchant=by.merchant, pk=import_id).first()
    )
    if found is None:
        raise Http404
    if found.state not in states:
        raise stale(found)
    return found


def stale(made: StatementImport) -> Stale:
    """The answer to who comes too late."""
    return Stale(
        _("This file is no longer waiting for that: %(state)s.") % {"state": made.get_state_display()}, code="wrong_state"
    )


def read_soon(made: StatementImport) -> None:
    """Have a job read the file; one job a file at a time, in the transaction that asks for it."""
    app.configure_task(READ_JOB, lock=f"statement/{made.pk}").defer(import_id=made.pk)


def write_soon(made: StatementImport, by: Actor) -> None:
    """Have a job bring the file in, in the transaction that asks for it.

    Files of an account come in one after another in the order in which they were asked for, so that each finds the one before it.
    """
    made.state, made.committed_by, made.refusal = State.COMMITTING, by.user, {}
    made.progress_done, made.progress_total = 0, made.lines_in_file
    made.save()
    app.configure_task(WRITE_JOB, lock=f"statements-of/{made.account_id}").defer(import_id=made.pk)


def renew_previews(made: StatementImport) -> None:
    """Have what waits of the account read again after a file came in or went away: what they counted and missed is another now.

    Those that end before it are what they were; those with rows for a person or accepted by name are left to their person. Nobody
    is waited for: what somebody has in hand just now is sorted anew when it is written.
    """
    if made.first_day is None:
        return
    waiting = StatementImport.objects.filter(account_id=made.account_id, state__in=(State.PREVIEW, State.HELD))
    waiting = waiting.filter(last_day__gte=made.first_day, released_at=None)
    waiting = waiting.exclude(Exists(RejectedLine.objects.filter(statement_import=OuterRef("pk"))))
    for each in waiting.select_for_update(no_key=True, of=("self",), skip_locked=True).order_by("pk"):
        each.state = State.READING
        each.progress_done = each.progress_total = 0
        each.save()
        read_soon(each)
