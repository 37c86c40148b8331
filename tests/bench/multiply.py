"""Ten thousand rows like one: copies made by the database, so that a bench need not wait for the services."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, models


def multiply(model: type[models.Model], source_id: int, count: int, **changes: str) -> None:
    """Insert `count` copies of a row. `changes` are SQL expressions by column, in which `n` runs from 1 to `count`.

    Keys of the copies follow the greatest key of the table, so that copies of two tables can point at each other by `n`.
    """
    table, pk = model._meta.db_table, model._meta.pk.column
    columns = [field.column for field in model._meta.concrete_fields]
    values: Mapping[str, str] = {pk: f"(SELECT max({pk}) FROM {table}) + n", **changes}
    names = ", ".join(f'"{column}"' for column in columns)
    picked = ", ".join(values.get(column, f'source."{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {picked} FROM {table} AS source, generate_series(1, {int(count)}) AS n "
            f'WHERE source."{pk}" = {int(source_id)}'
        )
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{pk}'), (SELECT max({pk}) FROM {table}))")


def greatest(model: type[models.Model]) -> int:
    """The greatest key of a table, 0 when it is empty."""
    return model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
