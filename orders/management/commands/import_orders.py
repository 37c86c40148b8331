"""`manage.py import_orders FILE.csv --merchant SLUG`: bring customers and orders from another system."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.models import Merchant
from files.tables import UnreadableTable
from orders.csv_layout import COLUMNS
from orders.import_words import problem_in_words
from orders.imports import ImportOutcome, import_orders


class Command(BaseCommand):
    """Prints what was written and, for each bad row, its line and what is wrong with it."""

    help = "Import customers and orders from a CSV file. Each row is one line of an order. Columns:\n" + "\n".join(
        f"  {name:<18} {meaning}" for name, meaning in COLUMNS.items()
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="CSV file, UTF-8, with the names of its columns in the first row")
        parser.add_argument("--merchant", required=True, help="address of the merchant, for example andina")
        parser.add_argument("--dry-run", action="store_true", help="try everything and keep nothing")
        parser.add_argument("--skip-bad", action="store_true", help="leave out what has errors and import the rest")
        parser.add_argument("--language", choices=("es", "en"), help="language of the messages; the merchant's own when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        with translation.override(options["language"] or merchant.default_language):
            try:
                outcome = import_orders(
                    merchant=merchant, content=content, dry_run=options["dry_run"], skip_bad=options["skip_bad"],
                    by=Actor.system(merchant),
                )  # fmt: skip
            except UnreadableTable as error:
                raise CommandError(str(error)) from error
            self._tell(outcome, options["dry_run"])
        if outcome.errors and not options["skip_bad"]:
            raise CommandError(
                ngettext("%(count)d error: nothing was imported.", "%(count)d errors: nothing was imported.", len(outcome.errors))
                % {"count": len(outcome.errors)}
            )

    def _tell(self, outcome: ImportOutcome, dry_run: bool) -> None:
        for problem in outcome.errors:
            self.stderr.write(_("Line %(line)d: %(problem)s") % {"line": problem.row, "problem": problem_in_words(problem)})
        self.stdout.write(
            _("Customers: %(new)d new, %(known)d known.") % {"new": outcome.customers_new, "known": outcome.customers_known}
        )
        self.stdout.write(_("Orders: %(new)d new, %(known)d known.") % {"new": outcome.orders_new, "known": outcome.orders_known})
        if dry_run:
            self.stdout.write(_("This was a trial: nothing was kept."))
