"""Facts about countries, kept as data with their sources in `banking/data/`: banks, shapes of references, ways of paying."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models

DATA = Path(__file__).resolve().parent / "data"
BANK_FIELDS = ("name", "short_name", "is_offered", "former_names", "sources")
FORMAT_FIELDS = ("hint_es", "hint_en", "enough_digits", "sources")


@cache
def read_facts(name: str) -> list[dict[str, Any]]:
    """The rows of `banking/data/<name>.json`."""
    rows: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))[name.rpartition("_")[2]]
    return rows


def method_templates(country: str) -> list[dict[str, Any]]:
    """Ways of paying with which a merchant of this country starts, as fields of `PaymentMethod`, in order."""
    found = [row for row in read_facts("methods") if row["country"] == country] or [
        row for row in read_facts("methods") if row["country"] == "EC" and row["key"] in {"transfer", "deposit", "cheque", "cash"}
    ]
    return [
        {**{key: value for key, value in row.items() if key not in {"country", "sources"}}, "position": position}
        for position, row in enumerate(found, start=1)
    ]


def load_banks(bank: type[models.Model], reference_format: type[models.Model]) -> tuple[int, int]:
    """Write banks and shapes of references into their tables; what is there is brought up to date, nothing is removed.

    Takes the models, so that a migration can call it too. Gives back how many of each the data hold.
    """
    banks = [
        bank(country=row["country"], code=row["code"], **{field: row[field] for field in BANK_FIELDS})
        for row in read_facts("banks")
    ]
    bank._default_manager.bulk_create(banks, update_conflicts=True, unique_fields=["country", "code"], update_fields=BANK_FIELDS)
    formats = [
        reference_format(
            country=row["country"], method_key=row["method_key"], bank_code=row["bank_code"], pattern=row["pattern"],
            **{field: row[field] for field in FORMAT_FIELDS},
        )
        for row in read_facts("reference_formats")
    ]  # fmt: skip
    reference_format._default_manager.bulk_create(
        formats, update_conflicts=True,
        unique_fields=["country", "method_key", "bank_code", "pattern"], update_fields=FORMAT_FIELDS,
    )  # fmt: skip
    return len(banks), len(formats)
