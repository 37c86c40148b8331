"""A migration runs while the version before still answers: it takes nothing away that that version uses (ADR 0103)."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

from tests.house.tree import ROOT

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


def released() -> set[str]:
    """Files of the newest version that was tagged. Before there is one, nothing runs that could be hurt."""
    tag = git("describe", "--tags", "--abbrev=0", "--match", "v*")
    return set(git("ls-tree", "-r", "--name-only", tag[0])) if tag else set()


def git(*command: str) -> list[str]:
    """Lines that git says; none where it has nothing to say."""
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def later(before: set[str]) -> list[Migration]:
    """The migrations of our own rooms that came after a version with these files. Rooms that are new to it are no matter."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    rooms = {name.partition("/")[0] for name in before if "/migrations/" in name}
    return [
        each for (room, name), each in sorted(known.items()) if room in rooms and f"{room}/migrations/{name}.py" not in before
    ]


def test_the_version_before_lives_with_every_migration() -> None:
    wrong = {
        f"{migration.app_label}.{migration.name}": found
        for migration in later(released())
        if not getattr(migration, "nothing_uses_it", "") and (found := breaks(migration))
    }
    assert not wrong, "say in `nothing_uses_it` why, or do it in two versions (docs/adr/0103)"


def test_what_came_after_a_version_is_found() -> None:
    first = {"files/migrations/0001_initial.py", "orders/models.py"}
    assert [(each.app_label, each.name) for each in later(first)][0] == ("files", "0002_tenancy")
    assert later(set()) == []


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
