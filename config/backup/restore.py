"""Bring a backup back into an empty database, or only try whether it could be."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connection

from config.backup.shelf import BackupFailed, Copy, Shelf
from config.backup.stored import named_files
from config.backup.take import key_mark
from files.storage import keep, storage_errors


def choose_copy(shelf: Shelf, until: dt.datetime | None) -> Copy:
    """The newest copy, or the newest that was complete at that moment. Raises `BackupFailed`."""
    copies = shelf.copies()
    if not copies:
        raise BackupFailed(f"There is no complete backup in {shelf.folder}.")
    fitting = [copy for copy in copies if until is None or copy.finished_at <= until]
    if not fitting:
        raise BackupFailed(
            f"The oldest backup in {shelf.folder} is of {copies[0].finished_at:%Y-%m-%d %H:%M:%S %Z}, after that moment."
        )
    return fitting[-1]


def refuse_data() -> None:
    """Raise `BackupFailed` where the database of the settings holds anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            " AND n.nspname NOT LIKE 'pg\\_t%' ORDER BY 1 LIMIT 3"
        )
        found = [name for (name,) in cursor.fetchall()]
    if found:
        raise BackupFailed(
            f"The database {connection.settings_dict['NAME']} is not empty ({', '.join(found)} …). Nothing was changed."
            " A backup is brought back into an empty database alone: make a new one and name it in DATABASE_URL."
        )


def note_other_key(copy: Copy, say: Callable[[str], None]) -> None:
    """Say so when this installation has another SECRET_KEY than the one whose backup it is."""
    if copy.facts.key not in map(key_mark, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)):
        say(
            "This SECRET_KEY is not the one of the backup: everybody signs in anew, and second factors, passwords"
            " of mailboxes and secrets of webhooks cannot be read. Put the former key into SECRET_KEY or SECRET_KEY_FALLBACKS."
        )


def move_database(programs: Path, *, source: Mapping[str, str], target: Mapping[str, str]) -> None:
    """All tables of one database into another, or nothing; the target's role owns them. Both as libpq's variables.

    Raises `BackupFailed`.
    """
    dump = [str(programs / "pg_dump"), "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-password"]
    bring = [str(programs / "pg_restore"), "--no-owner", "--single-transaction", "--exit-on-error", "--no-password"]
    bring += ["--dbname", target["PGDATABASE"]]
    with subprocess.Popen(dump, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(source)) as dumping:
        done = subprocess.run(bring, stdin=dumping.stdout, env=dict(target), capture_output=True, text=True, check=False)
        said = dumping.stderr.read().decode(errors="replace") if dumping.stderr else ""
    if done.returncode != 0 or dumping.returncode != 0:
        raise BackupFailed(f"The database was not brought back, and is as empty as before:\n{said}{done.stderr}")


def bring_files(shelf: Shelf, storage: Storage = default_storage) -> int:
    """Put every file that a row names and the storage lacks in its place; how many. What is there is left alone."""
    brought = 0
    for named in named_files():
        if storage.exists(named.name):
            continue
        try:
            with shelf.files.open(named.name) as kept:
                keep(named.name, kept)
        except FileNotFoundError:
            continue  # the audit that follows names it
        except storage_errors() as error:
            raise BackupFailed(f"The storage does not take the files ({error}). Try again: restore --files.") from error
        brought += 1
    return brought
