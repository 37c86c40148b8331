"""`manage.py load_scale`: a house with 50,000 tickets, 100,000 customers and 1,000,000 orders, to see how pages bear it."""

import time
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from accounts.errors import Refused
from config.scale import load_house, people_of


class Command(BaseCommand):
    """See the module. Made by the database in one transaction: all of it or nothing."""

    help = "Load a large house of made-up rows. Needs a database role that may switch triggers off (its own cluster's owner)."

    def add_arguments(self, parser: CommandParser) -> None:
        """How large, and where."""
        parser.add_argument("--slug", default="escala")
        parser.add_argument("--tickets", type=int, default=50_000)
        parser.add_argument("--customers", type=int, default=100_000)
        parser.add_argument("--orders", type=int, default=1_000_000)
        parser.add_argument("--lines", type=int, default=50_000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and say how long each part took."""
        start = time.monotonic()

        def tell(said: str) -> None:
            self.stdout.write(f"{time.monotonic() - start:7.1f} s  {said}")

        sizes = {name: max(1, options[name]) for name in ("tickets", "customers", "orders", "lines")}
        try:
            merchant = load_house(options["slug"], **sizes, tell=tell)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        except ProgrammingError as error:
            raise CommandError(f"The database does not let triggers sleep: {error}") from error
        tell("done")
        people = ", ".join(f"{role} {actor.user.email}" for role, actor in people_of(merchant).items() if actor.user)
        self.stdout.write(f"/{merchant.slug}/ — sign in by code: {people}")
