"""Large tables of the books, written by a job and kept privately for some days: `exports/<merchant>/<day>/<random>`."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO

import structlog
from django.db import transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import User
from accounts.selectors import actor_of
from banking.models import ReceivingAccount
from files.storage import drop, keep, storage_errors
from orders.dates import today_at
from reconciliation.exports import MOST_IN_A_SHEET, Cell, Export, Format, Table, csv_lines, export_for, write_xlsx
from reconciliation.models import ExportFile

log = structlog.get_logger(__name__)

WRITE_JOB = "reconciliation.jobs.write_export"
# Up to so many rows the answer to the request is the file itself.
MOST_AT_ONCE = 5_000
MOST_UNDER_WAY = 3
KEPT_FOR = dt.timedelta(days=7)
NOTED_EVERY = 2_000
State = ExportFile.State


def request_export(
    *, table: Table, since: dt.date, until: dt.date, account_id: int | None, kind: str, language: str, by: Actor
) -> ExportFile:
    """Have a job write a table; what the same person asked for already and is under way is answered with that.

    Raises `Refused`: `too_many_rows` (of a sheet), `too_many_exports`; `NotAllowed`, `Http404` for an account of somebody else.
    """
    by.require(by.can_export)
    if by.user is None:
        raise NotAllowed
    if account_id is not None and not ReceivingAccount.objects.filter(merchant=by.merchant, pk=account_id).exists():
        raise Http404
    count = export_for(by, table, since, until, account_id).count
    if kind == Format.XLSX and count > MOST_IN_A_SHEET:
        said = _("This would be %(count)d rows; a sheet takes %(most)d. Choose CSV, or fewer days.")
        raise Refused(said % {"count": count, "most": MOST_IN_A_SHEET}, code="too_many_rows", fields=("format",))
    asked = {
        "table": str(table), "format": str(kind), "since": since, "until": until, "account_id": account_id, "language": language,
    }  # fmt: skip
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.user.pk)  # two clicks at once ask for one file
        own = ExportFile.objects.filter(merchant=by.merchant, asked_by=by.user, state__in=(State.WAITING, State.WRITING))
        same = own.filter(**asked).first()
        if same is not None:
            return same
        if own.count() >= MOST_UNDER_WAY:
            said = _("You asked for %(most)d files that are still being written. Wait until one is ready.")
            raise Refused(said % {"most": MOST_UNDER_WAY}, code="too_many_exports")
        made = ExportFile.objects.create(merchant=by.merchant, asked_by=by.user, rows=count, **asked)
        app.configure_task(WRITE_JOB, lock=f"export/{by.merchant.pk}").defer(export_id=made.pk)
    return made


def write_export(*, export_id: int) -> None:
    """The job: write the table and keep its file. Again after it was killed it begins anew; done, it does nothing.

    Raises one of `storage_errors()`, to be tried again; `give_up` says so on the row after the last try.
    """
    made = ExportFile.objects.select_related("merchant", "asked_by").filter(pk=export_id).first()
    if made is None or not made.is_under_way:
        return
    actor = actor_of(made.asked_by, made.merchant) if made.asked_by.is_active else None
    if actor is None or not actor.can_export:
        _fail(made, "not_allowed")
        return
    try:
        with translation.override(made.language), tempfile.TemporaryFile() as file:
            rows = _write(made, actor, file)
            size = file.tell()
            file.seek(0)
            place = f"exports/{made.merchant_id}/{today_at(made.merchant).isoformat()}/{secrets.token_urlsafe(24)}"
            keep(place, file)
    except Refused as refused:
        _fail(made, refused.code)
        return
    except storage_errors():
        raise
    except Exception:
        log.exception("export_failed", export=made.pk)
        _fail(made, "unexpected")
        return
    now = timezone.now()
    under_way = ExportFile.objects.filter(pk=made.pk, state=State.WRITING)
    done = under_way.update(
        state=State.READY, rows=rows, done=rows, size=size, place=place, finished_at=now, expires_at=now + KEPT_FOR
    )
    if not done:
        drop(place)


def give_up(*, export_id: int) -> None:
    """The storage was away at every try: say so on the row."""
    made = ExportFile.objects.filter(pk=export_id).first()
    if made is not None and made.is_under_way:
        _fail(made, "storage")


def forget_exports() -> int:
    """Delete the files whose days are over; how many. The rows stay, and say who took what."""
    late = list(ExportFile.objects.filter(state=State.READY, expires_at__lt=timezone.now()).values_list("pk", "place"))
    for pk, place in late:
        drop(place)
        ExportFile.objects.filter(pk=pk).update(state=State.GONE, place="")
    return len(late)


def _write(made: ExportFile, actor: Actor, file: IO[bytes]) -> int:
    """Write the whole table into `file`; how many rows there were."""
    export = export_for(actor, Table(made.table), made.since, made.until, made.account_id)
    ExportFile.objects.filter(pk=made.pk).update(state=State.WRITING, rows=export.count, done=0)
    counted = _Counted(export.rows, made.pk)
    export = replace(export, rows=counted)
    if made.format == Format.XLSX:
        write_xlsx(export, file)
        file.seek(0, 2)
    else:
        _write_csv(export, file)
    return counted.done


def _write_csv(export: Export, file: IO[bytes]) -> None:
    for line in csv_lines(export):
        file.write(line.encode())


class _Counted:
    """Rows that note on the export how far they are, now and then."""

    def __init__(self, rows: Iterable[Sequence[Cell]], export_id: int) -> None:
        self.rows, self.export_id, self.done = rows, export_id, 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self.rows:
            yield row
            self.done += 1
            if self.done % NOTED_EVERY == 0:
                ExportFile.objects.filter(pk=self.export_id).update(done=self.done)


def _fail(made: ExportFile, code: str) -> None:
    ExportFile.objects.filter(pk=made.pk).update(state=State.FAILED, failure=code[:20], finished_at=timezone.now())
