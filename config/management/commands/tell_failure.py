"""`manage.py tell_failure UNIT`: write to OPERATOR_EMAIL that a unit of systemd failed (deploy/concilia-failed@.service)."""

import socket
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """See the module. Straight to the mail server: the outbox is in the database, which may be what failed."""

    help = "Tell OPERATOR_EMAIL that a unit failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("unit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send it."""
        if not settings.OPERATOR_EMAIL:
            raise CommandError("OPERATOR_EMAIL is not set: nobody hears of it.")
        unit, machine = options["unit"], socket.gethostname()
        said = f"{unit} failed on {machine}. Why it did stands in its log:\n\n  journalctl -u {unit}\n  systemctl status {unit}\n"
        send_mail(f"[Concilia] {unit} failed on {machine}", said, None, [settings.OPERATOR_EMAIL])
