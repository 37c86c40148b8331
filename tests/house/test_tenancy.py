"""T3: no row of ours can point at another merchant's row, whoever writes it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from accounts.tenancy import has_merchant, tenant_links
from tests.house.tree import ROOMS

# The installation's own data: banks and formats of countries, people and merchants themselves.
SHARED = {"Bank", "ReferenceFormat", "User", "Merchant"}
# Rows of an installation-wide kind that no merchant's page shows by key.
EXEMPT: set[str] = {"EntryTries"}


def our_models() -> list[type[models.Model]]:
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models() if not model._meta.auto_created]


def constraints_of(table: str, kind: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = %s", [table, kind]
        )
        return {row[0].replace('"', "") for row in cursor.fetchall()}


def test_every_table_belongs_to_a_merchant_or_says_why_not() -> None:
    lost = {model.__name__ for model in our_models() if not has_merchant(model)} - SHARED - EXEMPT
    assert not lost


@pytest.mark.django_db
def test_every_tenant_table_has_its_composite_keys() -> None:
    missing = []
    for model in our_models():
        if not has_merchant(model):
            continue
        keys = constraints_of(model._meta.db_table, "f")
        for field in tenant_links(model):
            target = field.related_model._meta
            wanted = f"FOREIGN KEY (merchant_id, {field.column}) REFERENCES {target.db_table}(merchant_id, {target.pk.column})"
            if wanted not in keys:
                missing.append(f"{model._meta.db_table}.{field.column}")
        pk = model._meta.pk
        if pk.name == "id" and "UNIQUE (merchant_id, id)" not in constraints_of(model._meta.db_table, "u"):
            missing.append(f"{model._meta.db_table} UNIQUE (merchant_id, id)")
    assert not missing


@pytest.mark.django_db
def test_many_to_many_fields_carry_no_untenanted_table() -> None:
    """An automatic through table has no merchant: links between tenants' rows are models of their own."""
    automatic = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.many_to_many
        if field.remote_field.through._meta.auto_created and model.__name__ not in SHARED
    ]
    assert not automatic


@pytest.mark.django_db
def test_the_database_refuses_a_row_that_crosses_merchants() -> None:
    from tests.factories import make_customer, make_merchant

    one, other = make_merchant(), make_merchant()
    customer = make_customer(merchant=one)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_order (merchant_id, customer_id, number, kind, description, currency, subtotal, tax, total, "
            "issued_on, due_on, void_reason, created_at) "
            "VALUES (%s, %s, 'X-1', 'service_order', 'x', 'USD', 1, 0, 1, now(), now(), '', now())",
            [other.pk, customer.pk],
        )
