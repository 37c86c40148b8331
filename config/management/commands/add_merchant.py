"""`manage.py add_merchant SLUG NAME …`: open a house for a company, with its first administrator."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

import accounts.services
import banking.services
import tickets.services.merchants
from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Role


class Command(BaseCommand):
    """See the module. Either everything is made or nothing."""

    help = "Add a merchant with its usual payment methods, reasons and queues, and make somebody its administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        """What must be known; all the rest is changed later on the staff's pages."""
        parser.add_argument("slug", help="the first part of its addresses: andina → /andina/")
        parser.add_argument("name")
        parser.add_argument("--country", required=True, help="two letters: VE, EC, CO …")
        parser.add_argument("--currency", required=True, help="three letters, of its orders: USD, VES …")
        parser.add_argument("--time-zone", required=True, help="America/Caracas")
        parser.add_argument("--language", default="es", choices=["es", "en"])
        parser.add_argument("--admin", required=True, help="e-mail of its first administrator")
        parser.add_argument("--admin-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; says in a sentence what is wrong."""
        try:
            with transaction.atomic():
                self._add(options)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"/{options['slug']}/ is open; {options['admin']} signs in at /{options['slug']}/staff/")

    def _add(self, options: dict[str, Any]) -> None:
        merchant = accounts.services.create_merchant(
            slug=options["slug"],
            name=options["name"],
            country=options["country"].upper(),
            currency=options["currency"].upper(),
            time_zone=options["time_zone"],
            default_language=options["language"],
        )
        system = Actor.system(merchant)
        banking.services.prepare_merchant(merchant=merchant)
        tickets.services.merchants.prepare_merchant(merchant=merchant, by=system)
        name = options["admin_name"] or options["admin"].partition("@")[0]
        accounts.services.set_role(merchant=merchant, email=options["admin"], name=name, role=Role.ADMINISTRATOR, by=system)
