"""`manage.py import_statement FILE… --merchant SLUG --account NUMBER`: bring in files of the bank without the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Merchant
from banking.models import ReceivingAccount
from reconciliation.import_words import problem_in_words, rejection_of_row
from reconciliation.models import StatementImport
from reconciliation.selectors.profiles import current_profile
from reconciliation.services import import_statement


class Command(BaseCommand):
    """Prints for each file what it brought, and every row that asks for a person. Ends with an error when a file waits."""

    help = "Import bank statements into one receiving account, read with the account's profile (the house's CSV without one)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="as the bank gives them")
        parser.add_argument("--merchant", required=True, help="address of the merchant, for example andina")
        parser.add_argument("--account", required=True, help="number of the receiving account, or its last digits")
        parser.add_argument("--accept", default="", metavar="NOTE", help="accept totals that differ, with this note")
        parser.add_argument("--language", choices=("es", "en"), help="language of the messages; the merchant's own when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']}.")
        account = self._account(merchant, options["account"])
        waiting = 0
        with translation.override(options["language"] or merchant.default_language):
            for path in options["files"]:
                waiting += self._bring(merchant, account, path, options["accept"])
        if waiting:
            raise CommandError(f"{waiting} of {len(options['files'])} files did not come in.")

    def _account(self, merchant: Merchant, number: str) -> ReceivingAccount:
        found = list(ReceivingAccount.objects.filter(merchant=merchant, number__endswith=number)[:2])
        if len(found) != 1:
            raise CommandError(f"{'Several accounts end' if found else 'No account ends'} with {number}.")
        return found[0]

    def _bring(self, merchant: Merchant, account: ReceivingAccount, path: Path, note: str) -> bool:
        """Whether the file waits or was refused."""
        try:
            made = import_statement(
                merchant=merchant, account_id=account.pk, file_name=path.name, content=path.read_bytes(),
                profile=current_profile(account), accept_note=note, by=Actor.system(merchant),
            )  # fmt: skip
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return True
        except (Refused, Http404) as error:
            self.stderr.write(f"{path.name}: {error}")
            return True
        counts = {
            "file": path.name, "all": made.lines_in_file, "new": made.lines_new, "known": made.lines_known,
            "rejected": made.lines_rejected, "held": made.lines_held,
        }  # fmt: skip
        said = _("%(file)s: %(all)d lines = %(new)d new + %(known)d known + %(rejected)d rejected + %(held)d held")
        self.stdout.write(said % counts)
        for problem in made.problems:
            self.stdout.write("  " + problem_in_words(problem, account.currency))
        for row in made.rejected_lines.filter(outcome=""):
            data = {"line": row.number, "code": row.code, "column": row.column, "date": row.values.get("day", "")}
            self.stdout.write("  " + rejection_of_row(data))
        return made.state == StatementImport.State.HELD
