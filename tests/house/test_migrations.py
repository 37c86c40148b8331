"""A migration runs while the version before still answers: it takes nothing away that that version uses (ADR 0103)."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

from tests.house.tree import ROOMS

# The last migration of each room in the first version, before which there is none that could be running.
FIRST = {
    "accounts": 5, "api": 2, "articles": 3, "banking": 3, "files": 2, "letters": 2, "orders": 4, "reconciliation": 12,
    "reports": 4, "tickets": 4, "webhooks": 3,
}  # fmt: skip
TAKES_AWAY = (
    migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable,
    migrations.AlterField, migrations.AddConstraint,
)  # fmt: skip
SQL_TAKES_AWAY = re.compile(
    r"\bDROP\s+(TABLE|COLUMN)\b|\bRENAME\b|\bSET\s+NOT\s+NULL\b|\bALTER\s+COLUMN\s+\w+\s+TYPE\b", re.IGNORECASE
)


def breaks(migration: Migration) -> list[str]:
    """What of it the version before may not live with."""
    return [said for operation in operations(migration.operations) if (said := why(operation))]


def operations(given: list[migrations.operations.base.Operation]) -> list[migrations.operations.base.Operation]:
    """Those of the database, out of their wrappings."""
    found = []
    for operation in given:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            found += operations(operation.database_operations)
        else:
            found.append(operation)
    return found


def why(operation: migrations.operations.base.Operation) -> str:
    """ "" where the version before does not notice."""
    if isinstance(operation, migrations.RunSQL):
        taken = SQL_TAKES_AWAY.search(str(operation.sql))
        return f"SQL: {taken[0]}" if taken else ""
    if isinstance(operation, migrations.AddField):
        field = operation.field
        unknown = not field.null and not field.many_to_many and field.db_default is NOT_PROVIDED
        return f"{operation.model_name}.{operation.name} without null or db_default" if unknown else ""
    if isinstance(operation, TAKES_AWAY):
        return operation.describe()
    return ""


def later() -> list[Migration]:
    """The migrations of our own rooms that came after the first version."""
    ours = {config.label for config in apps.get_app_configs() if config.label in ROOMS}
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return [
        each for (room, name), each in sorted(known.items()) if room in ours and int(name.partition("_")[0]) > FIRST.get(room, 0)
    ]


def test_the_version_before_lives_with_every_migration() -> None:
    wrong = {}
    for migration in later():
        # New tables are no matter: the version before does not know them.
        is_new = migration.app_label not in FIRST
        if not is_new and not getattr(migration, "nothing_uses_it", "") and (found := breaks(migration)):
            wrong[f"{migration.app_label}.{migration.name}"] = found
    assert not wrong, "say in `nothing_uses_it` why, or do it in two versions (docs/adr/0103)"


@pytest.mark.parametrize(
    ("operation", "is_wrong"),
    [
        (migrations.AddField("order", "note", models.TextField(default="")), True),
        (migrations.AddField("order", "note", models.TextField(db_default="")), False),
        (migrations.AddField("order", "note", models.TextField(null=True)), False),
        (migrations.CreateModel("thing", [("id", models.BigAutoField(primary_key=True))]), False),
        (migrations.RemoveField("order", "note"), True),
        (migrations.DeleteModel("order"), True),
        (migrations.RenameField("order", "note", "remark"), True),
        (migrations.RunSQL("ALTER TABLE orders_order\n DROP  COLUMN note"), True),
        (migrations.RunSQL("CREATE INDEX x ON orders_order (id)"), False),
        (migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("order", "note")]), True),
        (migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "note")]), False),
    ],
)
def test_the_rule_knows_what_takes_away(operation: migrations.operations.base.Operation, is_wrong: bool) -> None:
    made = Migration("0099_x", "orders")
    made.operations = [operation]
    assert bool(breaks(made)) == is_wrong
