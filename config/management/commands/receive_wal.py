"""`manage.py receive_wal`: receive what the database writes, as it writes it, into BACKUP_DIR, until it is ended.

With it a backup can be brought back as of any moment, to the last second before a disk was lost.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from config.backup.shelf import BackupFailed, Shelf
from config.backup.take import SLOT, libpq_environment, programs, system_identifier


class Command(BaseCommand):
    """Becomes PostgreSQL's own `pg_receivewal`, which waits for a server that is away."""

    help = "Stream the database's log into BACKUP_DIR; a slot keeps for it what it has not had yet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--to", type=Path, default=settings.BACKUP_DIR, help="instead of BACKUP_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the slot, and begin."""
        try:
            program = str(programs().folder / "pg_receivewal")
            folder = Shelf(options["to"]).cluster(system_identifier()) / "wal"
        except BackupFailed as failed:
            raise CommandError(str(failed)) from None
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer. {error}") from error
        os.umask(0o077)
        folder.mkdir(parents=True, exist_ok=True)
        environment = libpq_environment()
        connection.close()
        common = [program, "--no-password", f"--slot={SLOT}"]
        made = subprocess.run([*common, "--create-slot", "--if-not-exists"], env=environment, check=False)
        if made.returncode != 0:
            raise CommandError("The slot was not made (see above); the role needs REPLICATION.")
        os.execve(program, [*common, f"--directory={folder}", "--synchronous"], environment)  # noqa: S606 - no shell is wanted
