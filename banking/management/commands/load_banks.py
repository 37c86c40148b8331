"""Bring banks and reference formats up to date after `banking/data/` was edited."""

from typing import Any

from django.core.management.base import BaseCommand

from banking.facts import load_banks
from banking.models import Bank, ReferenceFormat


class Command(BaseCommand):
    """Idempotent; adds and changes, never removes."""

    help = "Load banks and reference formats from banking/data/ (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        banks, formats = load_banks(Bank, ReferenceFormat)
        self.stdout.write(f"{banks} banks, {formats} reference formats")
