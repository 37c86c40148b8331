"""`manage.py audit_books [--merchant SLUG]`: proves the books, or names the rows that disagree and ends with 1.

Without a database that answers it says so in one sentence and ends with 2: nothing was proved.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection, transaction

from accounts.models import Merchant
from reconciliation.audit import CHECKS, audit_books


class Command(BaseCommand):
    """Reads everything on one snapshot, so that work in progress is no difference."""

    help = "Prove that balances, entries, matches and tickets agree; list what does not and exit with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", help="slug of one merchant; all of them without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            where = f"{connection.settings_dict['HOST'] or 'this machine'}:{connection.settings_dict['PORT'] or 5432}"
            said = f"The database at {where} does not answer, so nothing was proved. Start it (`make run` does) and try again."
            raise CommandError(said, returncode=2) from error
        self._prove(options)

    def _prove(self, options: dict[str, Any]) -> None:
        merchants = Merchant.objects.order_by("slug")
        if options["merchant"]:
            merchants = merchants.filter(slug=options["merchant"])
            if not merchants:
                raise CommandError(f"There is no merchant {options['merchant']!r}.")
        found = 0
        with transaction.atomic():
            if len(connection.savepoint_ids) == 0:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for merchant in merchants:
                for finding in audit_books(merchant):
                    found += 1
                    self.stdout.write(f"{finding.merchant}: {finding.check}: {finding.text}")
        if found:
            self.stderr.write(f"The books disagree in {found} place(s).")
            sys.exit(1)
        self.stdout.write(f"The books agree: {len(merchants)} merchant(s), {len(CHECKS)} checks.")
