"""Tenancy in the tables: composite foreign keys, so that no row can point at another merchant's row.

Django 5.2 has no composite foreign keys, so `EnforceTenancy` adds them with SQL as the last operation of a migration that
makes or changes tables with a `merchant` column. A test walks `pg_constraint` and fails when one is missing.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython


def has_merchant(model: type[models.Model]) -> bool:
    """Whether rows of this model belong to one merchant."""
    return any(field.name == "merchant" and field.is_relation for field in model._meta.concrete_fields)


def tenant_links(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """Foreign keys of `model` to other tables that also belong to a merchant."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.name != "merchant" and has_merchant(field.related_model)
    ]


class EnforceTenancy(RunPython):
    """Migration operation: `FOREIGN KEY (merchant_id, x_id) REFERENCES x (merchant_id, id)` for one app's tables."""

    reduces_to_sql = False

    def __init__(self, app_label: str) -> None:
        self.app_label = app_label
        super().__init__(self._add_keys, RunPython.noop)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.app_label], {})

    def _add_keys(self, apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f'")
            known = {row[0] for row in cursor.fetchall()}
            for model in apps.get_app_config(self.app_label).get_models():
                if not has_merchant(model):
                    continue
                for field in tenant_links(model):
                    table, column = model._meta.db_table, field.column
                    target = field.related_model._meta.db_table
                    target_pk = str(field.related_model._meta.pk.column)
                    name = f"tenant_{table}_{column}"[:63]
                    if name in known:
                        continue
                    quote = schema_editor.quote_name
                    cursor.execute(
                        f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} "
                        f"FOREIGN KEY (merchant_id, {quote(column)}) "
                        f"REFERENCES {quote(target)} (merchant_id, {quote(target_pk)})"
                    )
