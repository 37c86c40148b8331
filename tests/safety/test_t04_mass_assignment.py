"""T4: the names of all columns that there are, added to every body that works. The act does what it does without them, no more.

Both bodies are sent to the same world, and what is in the tables afterwards must be the same but for times and random keys.

Seen to fail: with a profile that sets what the body names, and a customer's form that takes the number from the body.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from accounts.models import StaffRole
from orders.models import Order
from reports.models import Transfer
from tests.house.tree import ROOMS
from tests.safety.actors import World, tables
from tests.safety.fixtures import built_world, world
from tests.safety.mirrors import MERCHANT
from tests.safety.pages import filled

__all__ = ["built_world", "world"]

ACTS = [name for name, page in MERCHANT.items() if page.acts]
# What differs between two runs of the same act: keys drawn at random or from sequences, and texts made of them or of the time.
RANDOM = {
    "id", "key", "raw_name", "copies_prefix", "secret_key", "occasion", "about", "context", "args", "body_digest", "password",
    "lock", "queueing_lock", "identity", "evidence", "data", "submitter_email", "payload", "secret",
    "digest", "hint",
}  # fmt: skip
# Rows that no act makes anew, so that their keys are the same in both runs.
STANDING = {
    "accounts_merchant", "accounts_user", "accounts_customer", "tickets_reason", "banking_bank", "banking_paymentmethod",
    "banking_receivingaccount",
}  # fmt: skip
# Tables in which an act names by its key what it has just made. A run also keeps how long it took.
NAMES_THE_NEW = {
    "desk:account_new": {"banking_accountmethod"},
    "desk:workbench_propose": {"reconciliation_matchrun"},
    "desk:api_keys": {"accounts_user", "accounts_apikey"},
    "desk:order_import": {"orders_importedrow", "accounts_customersearch"},
    "desk:customer_new": {"accounts_customersearch"},
}
# Fields that a form really has besides those of its good body.
REAL = {
    "desk:contact_new": {"can_report", "can_use_tickets", "can_manage_services", "can_manage_contacts", "can_see_orders"},
    "portal:contact_invite": {"can_report", "can_use_tickets", "can_manage_services", "can_see_orders"},
    "portal:contact": {"can_use_tickets", "can_manage_services", "can_manage_contacts", "can_see_orders"},
    "portal:customer_data": {"email", "phone", "address", "state", "city", "reference_point"},
    "portal:profile_letters": {"gets_ticket_letters", "gets_reminders"},
    "portal:addresses": {"state", "city", "reference_point", "phone"},
    "desk:services": {"tax_name"},
    "desk:setup_services": {"name_en", "tax_name", "offer"},
    "desk:setup_policies": {"business_days_only"},
    "desk:setup_rules": {"mails_bills", "fiscal_policy", "extra_holidays", "registration", "approval_limit"},
    "desk:setup_reasons": {"advice_es", "advice_en", "staff_name_es", "staff_name_en", "names_twin"},
    "desk:order_fiscal": {"dated_on", "reason"},
    "desk:department": {"is_offered"},
    "desk:canned_reply": {"department"},
    "desk:mailbox": {"is_active"},
    "desk:webhooks": {"description"},
    "desk:api_keys": {"expires_on"},
    "desk:order_import": {"skips_bad"},
    "portal:report": {"act"},  # which button was pressed
    "portal:ticket_correct": {"act"},
    "portal:ticket_answer": {"key"},
    **dict.fromkeys(("desk:method_new", "desk:method"), {"surcharge_per_cent", "surcharge_name_es", "surcharge_name_en"}),
}
OF_TRANSFERS = ("value", "rate", "rate_date", "rate_source", "currency", "report", "position", "until_revision", "id")
OF_LINES = ("subtotal", "tax", "tax_rate", "total", "order", "position", "merchant", "id", "paid")


@cache
def columns() -> dict[str, list[str]]:
    """Table → columns that two runs of one act must fill alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attrelid::regclass::text, a.attname, (SELECT f.confrelid::regclass::text FROM pg_constraint f "
            "WHERE f.contype = 'f' AND f.conrelid = a.attrelid AND (f.conkey = ARRAY[a.attnum] OR "
            "(cardinality(f.conkey) = 2 AND a.attnum = ANY(f.conkey) AND a.attname <> 'merchant_id')) LIMIT 1) "
            "FROM pg_attribute a WHERE a.attrelid = ANY(%s::regclass[]) AND a.attnum > 0 AND NOT a.attisdropped "
            "AND a.atttypid NOT IN ('timestamptz'::regtype, 'uuid'::regtype) ORDER BY 1, 2",
            [tables()],
        )
        found: dict[str, list[str]] = {}
        for table, column, target in cursor.fetchall():
            if column not in RANDOM and (target is None or target in STANDING):
                found.setdefault(table, []).append(f'"{column}"')
    return found


def plain_picture() -> dict[str, str]:
    """Table → digest of its rows without what is random."""
    each = "SELECT '{0}', md5(coalesce(string_agg(r, '' ORDER BY r), '')) FROM (SELECT md5(ROW({1})::text) AS r FROM {0}) t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table, ", ".join(names)) for table, names in columns().items()))
        return dict(cursor.fetchall())


@cache
def every_name() -> dict[str, models.Field[Any, Any]]:
    """Name of a field → one field of ours that has it."""
    return {
        name: field
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


def wished(world: World, name: str, field: models.Field[Any, Any]) -> str:
    """The worst value for a field."""
    if isinstance(field, models.ForeignKey):
        wished_for: dict[str, object] = {
            "merchant": world.litoral.merchant.pk,
            "customer": world.andina.bob.customer.pk,
            "user": world.user_key("far_ada"),
            "by": world.user_key("dan"),
            "signed_by": world.user_key("dan"),
        }
        return str(wished_for.get(field.name, world.user_key("dan")))
    named = {"state": "verified", "role": "administrator", "kind": "reversal", "channel": "counter", "currency": "VES"}
    if name in named:
        return named[name]
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01T00:00:00Z"
    if isinstance(field, models.DateField):
        return "2020-01-01"
    if isinstance(field, models.DecimalField | models.IntegerField):
        return "99999"
    return "mass-assigned"


def burdened(world: World, name: str, good: dict[str, Any]) -> dict[str, Any]:
    """The good body with the names of all columns beside its own."""
    spared = set(good) | REAL.get(name, set())
    more = {each: wished(world, each, field) for each, field in every_name().items() if each not in spared}
    if any(each.startswith("t-0-") for each in good):
        more |= {f"t-0-{each}": "99999" for each in OF_TRANSFERS}
    if any(each.startswith("line-0-") for each in good):
        more |= {f"line-0-{each}": "99999" for each in OF_LINES}
    return {**more, **good}


def test_what_money_and_power_hang_on_is_among_the_names() -> None:
    assert {
        "state", "paid", "paid_on", "total", "merchant", "merchant_id", "customer", "customer_id", "role", "signed_by",
        "prepared_by", "is_staff", "is_superuser", "is_active", "can_report", "balance", "allocated", "amount", "verified_at",
        "user", "claimed_by", "is_internal", "session_epoch", "approval_limit",
    } <= set(every_name())  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_names_of_columns_in_a_body_change_nothing(world: World, name: str) -> None:
    page = MERCHANT[name]
    url, good = filled(world, name, page), dict(page.data(world))
    with world.undone():
        plain = world.ask(page.by, "post", url, good)
        wanted = plain_picture()
    for each in good.values():
        for file in each if isinstance(each, list) else [each]:
            if hasattr(file, "seek"):
                file.seek(0)
    with world.undone():
        answer = world.ask(page.by, "post", url, burdened(world, name, good))
        found = plain_picture()
    assert answer.status_code == plain.status_code
    assert {table for table in found if found[table] != wanted[table]} <= NAMES_THE_NEW.get(name, set())


def test_a_column_that_did_move_would_be_seen(world: World) -> None:
    """The comparison itself: one figure, one state, one role is enough."""
    moves: tuple[tuple[type[models.Model], dict[str, object]], ...] = (
        (Order, {"description": "mass-assigned"}), (Transfer, {"value": 1}), (StaffRole, {"role": "administrator"})
    )  # fmt: skip
    for model, change in moves:
        with world.undone():
            before = plain_picture()
            row = model._default_manager.exclude(**change).earliest("pk")
            model._default_manager.filter(pk=row.pk).update(**change)
            after = plain_picture()
            assert before[model._meta.db_table] != after[model._meta.db_table]
