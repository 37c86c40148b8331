"""`manage.py create_merchant SLUG NAME …`: open a house for a company, with its first administrator."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.errors import Refused
from letters.addresses import merchant_url
from reconciliation.services.houses import COUNTRIES, open_house


class Command(BaseCommand):
    """See the module. Either everything is made or nothing."""

    help = "Open a house with its usual payment methods, reasons and departments, and write to its first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        """What must be known; all the rest is set up on the staff's pages."""
        parser.add_argument("slug", help="the first part of its addresses: andina → /andina/")
        parser.add_argument("name")
        parser.add_argument("--country", required=True, help=f"two letters: {', '.join(COUNTRIES)} …")
        parser.add_argument("--admin", required=True, help="e-mail of its first administrator, who signs in with a code")
        parser.add_argument("--admin-name", default="")
        parser.add_argument("--currency", default="", help="three letters, of its orders; the country's usual one when left out")
        parser.add_argument("--time-zone", default="", help="America/Caracas; the country's usual one when left out")
        parser.add_argument("--language", default="es", choices=["es", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; says in a sentence what is wrong."""
        names = ("slug", "name", "country", "admin", "admin_name", "currency", "time_zone", "language")
        try:
            merchant = open_house(**{name: options[name] for name in names})
        except Refused as refused:
            raise CommandError(str(refused)) from None
        address = merchant_url(merchant, "desk:begin")
        self.stdout.write(
            f"{merchant.name} is open. {options['admin']} signs in with a code by e-mail and sets it up at\n  {address}"
        )
