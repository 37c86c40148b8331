"""`manage.py audit_files`: compares every stored file with the row that names it; ends with 1 and the rows that disagree."""

import sys
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import BaseCommand, CommandParser

from config.backup.stored import audit_files, named_files


class Command(BaseCommand):
    """Reads every byte: on a large installation a matter of the night."""

    help = "Prove that every file that the database names is stored, with the SHA-256 that its row says; else exit 1."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the files are, when not in the storage."""
        parser.add_argument("--folder", type=Path, help="look in this folder (a backup's) and not in the storage")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, and say."""
        storage = FileSystemStorage(options["folder"]) if options["folder"] else default_storage
        found = 0
        for sentence in audit_files(storage):
            found += 1
            self.stdout.write(sentence)
        if found:
            self.stderr.write(f"{found} file(s) are not as their rows say.")
            sys.exit(1)
        self.stdout.write(f"The files agree: {sum(1 for _ in named_files())} files.")
