"""The world seen from another's place: the same rows of the tables then name what is theirs. And what must stay apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.db import connection

from accounts.models import Customer, Merchant
from tests.house.tree import ROOMS
from tests.safety.actors import World
from tests.safety.pages import Data, Page
from tests.safety.table_desk import DESK
from tests.safety.table_house import MERCHANT_ENTRY
from tests.safety.table_portal import PORTAL

MERCHANT = MERCHANT_ENTRY | PORTAL | DESK

# Two ways from a row to the customer whose it is; where they disagree, something of one customer hangs on another.
TWO_WAYS = {
    "allocation → order": "reports_allocation a JOIN reports_paymentreport r ON r.id = a.report_id "
    "JOIN orders_order o ON o.id = a.order_id WHERE o.customer_id <> r.customer_id",
    "receipt → file": "reports_receipt a JOIN reports_paymentreport r ON r.id = a.report_id "
    "JOIN files_storedfile f ON f.id = a.file_id WHERE f.customer_id IS DISTINCT FROM r.customer_id",
    "draft → file": "reports_draftfile a JOIN reports_reportdraft d ON d.id = a.draft_id "
    "JOIN files_storedfile f ON f.id = a.file_id WHERE f.customer_id IS DISTINCT FROM d.customer_id",
    "report → ticket": "reports_paymentreport r JOIN tickets_ticket t ON t.id = r.ticket_id WHERE t.customer_id <> r.customer_id",
    "wish → order": "reports_shippingwish w JOIN reports_paymentreport r ON r.id = w.report_id "
    "JOIN orders_orderline l ON l.id = w.order_line_id JOIN orders_order o ON o.id = l.order_id "
    "WHERE o.customer_id <> r.customer_id",
    "conversation → ticket": "tickets_conversation c JOIN tickets_ticket t ON t.id = c.ticket_id "
    "WHERE t.customer_id <> c.customer_id",
    "attachment → file": "tickets_attachment a JOIN tickets_message m ON m.id = a.message_id "
    "JOIN tickets_conversation c ON c.id = m.conversation_id JOIN files_storedfile f ON f.id = a.file_id "
    "WHERE f.customer_id IS NOT NULL AND f.customer_id <> c.customer_id",
    "settlement → ticket": "reconciliation_settlement s JOIN tickets_ticket t ON t.id = s.ticket_id "
    "WHERE t.customer_id <> s.customer_id",
    "entry → order": "reconciliation_ledgerentry e JOIN orders_order o ON o.id = e.target_order_id "
    "WHERE o.customer_id <> e.customer_id",
    "twin": "tickets_ticket t JOIN tickets_ticket d ON d.id = t.duplicate_of_id WHERE d.merchant_id <> t.merchant_id",
}


def as_bob(world: World) -> World:
    """Andina with Bob in Alice's place."""
    house = world.andina
    return replace(world, andina=replace(house, alice=house.bob, bob=house.alice))


def as_far(world: World) -> World:
    """Litoral in Andina's place."""
    return replace(world, andina=world.litoral, litoral=world.andina)


def mixed() -> list[str]:
    """Ways on which rows of two customers hang together."""
    with connection.cursor() as cursor:
        parts = [f"SELECT '{name}', count(*) FROM {rest}" for name, rest in TWO_WAYS.items()]
        cursor.execute(" UNION ALL ".join(parts))
        return [name for name, count in cursor.fetchall() if count]


def picture_of(owner: Customer | Merchant) -> dict[str, str]:
    """Table → digest of the rows that say they are this customer's or merchant's."""
    column = "customer_id" if isinstance(owner, Customer) else "merchant_id"
    each = "SELECT '{0}', md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {0} t WHERE {1} = {2}"
    tables = [
        model._meta.db_table
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if column in {field.column for field in model._meta.concrete_fields}
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table, column, owner.pk) for table in tables))
        return dict(cursor.fetchall())


def sayings(page: Page, world: World, kind: str) -> Data | None:
    """The good body or query of a page as this world has it; None when its people have nothing of the kind."""
    try:
        return (page.data if kind == "data" else page.query)(world)
    except KeyError:
        return None


DAY = re.compile(r"\d{4}-\d\d-\d\d")


def swapped(mine: Data, theirs: Mapping[str, Any], spared: frozenset[str]) -> dict[str, dict[str, Any]]:
    """What is changed → my body with that one thing of theirs; and all of it at once."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in theirs.items():
        # A day is nobody's: two houses in two time zones have different ones at midnight.
        if name in spared or value in ("", []) or DAY.fullmatch(str(value)):
            continue
        if name not in mine:  # a key stands in the name: beside mine, and in place of mine
            found[f"+{name}"] = {**mine, name: value}
            found[f"{name} alone"] = {each: text for each, text in mine.items() if each in theirs} | {name: value}
        elif mine[name] != value:
            found[name] = {**mine, name: value}
    return found
