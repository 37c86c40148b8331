"""`manage.py restore`: bring a backup back into an empty database and prove it; `--rehearse` proves it beside everything else."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import OperationalError, connection

from config.backup import restore
from config.backup.scratch import brought_up
from config.backup.shelf import BackupFailed, Copy, Shelf
from config.backup.take import libpq_environment
from config.environment import BASE_DIR


class Command(BaseCommand):
    """Ends with 1 and the rows that disagree when what was brought back is not whole."""

    help = (
        "Bring the newest backup (or the state of a moment) into the empty database of DATABASE_URL; books and files are proved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """From where, as of when, and whether in earnest."""
        parser.add_argument("--from", dest="folder", type=Path, default=settings.BACKUP_DIR, help="instead of BACKUP_DIR")
        parser.add_argument("--until", help="as it was at 2026-11-22T14:05:00Z; else all that there is")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--rehearse", action="store_true", help="change nothing: bring it up beside, prove it, throw it away")
        how.add_argument("--files", action="store_true", help="only files that the database names and the storage lacks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; says in a sentence what is wrong."""
        shelf = Shelf(options["folder"])
        until = _moment(options["until"])
        try:
            if options["files"]:
                self._bring_files(shelf)
                proved = self._prove("audit_files")
            elif options["rehearse"]:
                proved = self._rehearse(shelf, restore.choose_copy(shelf, until), until)
            else:
                proved = self._restore(shelf, restore.choose_copy(shelf, until), until)
        except BackupFailed as failed:
            raise CommandError(str(failed)) from None
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer; nothing was changed. {error}") from error
        if not proved:
            self.stderr.write("What the backup brings back is not whole; what is amiss stands above.")
            sys.exit(1)

    def _restore(self, shelf: Shelf, copy: Copy, until: dt.datetime | None) -> bool:
        restore.refuse_data()
        restore.note_other_key(copy, self.stdout.write)
        with brought_up(copy, home=settings.CONCILIA_HOME, until=until) as scratch:
            restore.move_database(scratch.binaries.folder, source=scratch.libpq(), target=libpq_environment())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.stdout.write(f"The database is back, from {copy.folder}" + (f" as of {until.isoformat()}." if until else "."))
        call_command("prepare", stdout=self.stdout)  # it may be of an earlier version
        self._bring_files(shelf)
        return self._prove("audit_books") & self._prove("audit_files")

    def _prove(self, command: str) -> bool:
        try:
            call_command(command, stdout=self.stdout, stderr=self.stderr)
        except SystemExit as ended:
            return not ended.code
        return True

    def _bring_files(self, shelf: Shelf) -> None:
        self.stdout.write(f"{restore.bring_files(shelf)} files were put in their places.")

    def _rehearse(self, shelf: Shelf, copy: Copy, until: dt.datetime | None) -> bool:
        with brought_up(copy, home=settings.CONCILIA_HOME, until=until) as scratch:
            there = {"DATABASE_URL": scratch.url()}
            self.stdout.write(f"{copy.folder} is up beside everything else.")
            self.stdout.flush()
            migrated = _prove_there(there, "migrate", "--no-input", "--verbosity=0")
            files = ("--folder", str(shelf.files.location))
            return migrated and _prove_there(there, "audit_books") & _prove_there(there, "audit_files", *files)


def _moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no moment; write it like 2026-11-22T14:05:00Z or 2026-11-22T10:05:00-04:00.") from None
    if moment.tzinfo is None:
        raise CommandError(f"{text!r} does not say its time zone, like 2026-11-22T14:05:00Z or 2026-11-22T10:05:00-04:00.")
    return moment


def _prove_there(environment: dict[str, str], *command: str) -> bool:
    """In a process of its own, which knows only the database that it is told of."""
    done = subprocess.run([sys.executable, "manage.py", *command], cwd=BASE_DIR, env={**os.environ, **environment}, check=False)
    return done.returncode == 0
