"""`manage.py backup`: copy database and private files to BACKUP_DIR; `--files` only the files that came since."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from config.backup.shelf import BackupFailed, Shelf
from config.backup.take import fetch_files, take_backup


class Command(BaseCommand):
    """See the module. A file that is missing or altered is named, and the exit code is 1; the rest is copied all the same."""

    help = "Copy the database and every file that it names to BACKUP_DIR, and delete the copies that are too many."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, how many stay, and whether the database comes along."""
        parser.add_argument("--to", type=Path, default=settings.BACKUP_DIR, help="instead of BACKUP_DIR")
        parser.add_argument("--keep", type=int, default=settings.BACKUP_KEEP, help="instead of BACKUP_KEEP")
        parser.add_argument("--files", action="store_true", help="fetch the files that came since, between two backups")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; says in a sentence what is wrong."""
        if options["keep"] < 1:
            raise CommandError("At least one backup must be kept.")
        shelf = Shelf(options["to"])
        try:
            if options["files"]:
                with shelf.hold():
                    amiss = fetch_files(shelf)[1]
            else:
                amiss = take_backup(shelf, keep=options["keep"], say=self.stdout.write)[1]
        except BackupFailed as failed:
            raise CommandError(str(failed)) from None
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer; no backup was made. {error}") from error
        for sentence in amiss:
            self.stdout.write(sentence)
        if amiss:
            self.stderr.write(f"{len(amiss)} file(s) are not as their rows say, and were not copied.")
            sys.exit(1)
