"""T3: a row of one merchant that points at another merchant's row, tried with raw SQL for every link that our tables have.

`tests/house/test_tenancy.py` sees that each link has its composite key; here the database is asked. Everything else that might
refuse first (append-only triggers, CHECKs, UNIQUEs) is taken away before, so that the key alone answers.

Seen to fail: with `EnforceTenancy` passing over one kind of link, for each table that has it.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from accounts.tenancy import has_merchant, tenant_links
from tests.house.tree import ROOMS
from tests.safety.actors import World
from tests.safety.fixtures import built_world, world

__all__ = ["built_world", "world"]

TENANT_MODELS = [
    model
    for room in ROOMS
    for model in apps.get_app_config(room).get_models()
    if has_merchant(model) and not model._meta.auto_created
]
LINKS = [(model, field) for model in TENANT_MODELS for field in tenant_links(model)]


def run(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


def take_other_guards_away(table: str) -> None:
    """Leave foreign keys alone to guard the table, for the rest of the transaction."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    constraints = run(
        "SELECT conname FROM pg_constraint c WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'c', 'x') AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND c.conindid <> 0 AND f.conindid = c.conindid)",
        table,
    )
    for (name,) in constraints:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = run(
        "SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        table,
    )
    for (name,) in indexes:
        run(f"DROP INDEX {name}")


def row_of(model: type[models.Model], merchant_id: int, *, with_link: str = "") -> object:
    """The key of a row of that merchant (in which the link is set), or None."""
    meta = model._meta
    where = f"AND {with_link} IS NOT NULL" if with_link else ""
    found = run(f"SELECT {meta.pk.column} FROM {meta.db_table} WHERE merchant_id = %s {where} ORDER BY 1 LIMIT 1", merchant_id)
    return found[0][0] if found else None


def refused_by(sql: str, *params: object) -> str:
    """The constraint that refuses the statement; empty when none does."""
    try:
        with transaction.atomic():
            run(sql, *params)
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    return ""


def test_the_world_has_a_row_of_every_kind_at_both_merchants(world: World) -> None:
    """A new table gets a row in `tests.safety.world`, or what follows would try nothing."""
    lacking = [
        f"{model.__name__} at {house.merchant.slug}"
        for model in TENANT_MODELS
        for house in (world.andina, world.litoral)
        if row_of(model, house.merchant.pk) is None
    ]
    assert not lacking


@pytest.mark.parametrize(("model", "field"), LINKS, ids=[f"{model.__name__}.{field.name}" for model, field in LINKS])
def test_no_row_can_point_at_another_merchants_row(
    world: World, model: type[models.Model], field: models.ForeignKey[object, object]
) -> None:
    table, pk = model._meta.db_table, model._meta.pk.column
    mine = row_of(model, world.andina.merchant.pk, with_link=field.column) or row_of(model, world.andina.merchant.pk)
    theirs = row_of(field.related_model, world.litoral.merchant.pk)  # type: ignore[arg-type]
    take_other_guards_away(table)
    name = refused_by(f"UPDATE {table} SET {field.column} = %s WHERE {pk} = %s", theirs, mine)
    assert name.startswith("tenant_"), name or "the row was taken"


@pytest.mark.parametrize("model", sorted({model for model, _field in LINKS}, key=lambda each: each.__name__))
def test_no_row_that_has_links_can_be_moved_to_another_merchant(world: World, model: type[models.Model]) -> None:
    table, pk = model._meta.db_table, model._meta.pk.column
    linked = next(
        (each for field in tenant_links(model) if (each := row_of(model, world.andina.merchant.pk, with_link=field.column))), None
    )
    assert linked is not None
    take_other_guards_away(table)
    name = refused_by(f"UPDATE {table} SET merchant_id = %s WHERE {pk} = %s", world.litoral.merchant.pk, linked)
    assert name.startswith("tenant_"), name or "the row was moved"


def test_tables_of_helpdesk_are_reached_through_ours_alone(world: World) -> None:
    """Every row of helpdesk's that carries business belongs to exactly one row of ours, which says whose it is."""
    through = {
        "helpdesk_queue": ("tickets_department", "queue_id"),
        "helpdesk_ticket": ("tickets_conversation", "helpdesk_ticket_id"),
        "helpdesk_followup": ("tickets_message", "followup_id"),
    }
    for table, (ours, column) in through.items():
        assert run(f"SELECT count(*) FROM {table}") != [(0,)]
        assert run(f"SELECT count(*) FROM {table} t LEFT JOIN {ours} o ON o.{column} = t.id WHERE o.id IS NULL") == [(0,)]
