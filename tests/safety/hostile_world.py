"""The world with a naughty string in every text that anybody can type, import or be called by, written past every form.

What forms and services would have refused stands here too: pages must bear whatever is in the tables.
"""

from __future__ import annotations

import csv
import inspect
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import Merchant
from letters import kinds
from letters.models import Letter
from orders.models import Order
from orders.services import LineDraft, issue_order
from reports.models import ReportDraft
from tests.letters.test_words import EVERYTHING
from tests.own_sheet import bring_own_sheet
from tests.safety.actors import World
from tests.safety.naughty import NAUGHTY, fitting
from tests.triggers import triggers_asleep
from tickets.models import Conversation

# Columns that are no text for people: keys, codes, states, digests, patterns and what decides which branch is taken.
STRUCTURE = {
    "slug", "country", "time_zone", "currency", "accent", "ticket_prefix", "order_prefix", "password", "key", "detected_type",
    "sha256", "perceptual_hash", "refused_code", "raw_name", "place",
    "copies_prefix", "kind", "about", "occasion", "code", "pattern",
    "method_key", "bank_code", "act", "source", "target", "team", "base", "quote", "body_digest", "identity", "source_currency",
    "target_currency", "paid_currency", "topic", "visitor", "order_number", "to_email", "reference", "html", "text_html",
}  # fmt: skip
ROOMS = ("accounts", "articles", "banking", "files", "orders", "tickets", "reports", "reconciliation")
BORROWED = {"helpdesk_followup": ("comment", "title"), "helpdesk_ticket": ("title", "description")}
FIGURES = re.compile(r"[\d.,:+TZ-]*|https?://.*|/.*|(USD|VES|es|en)")


def poison(world: World) -> None:
    """Write the strings into every row, with the triggers asleep, and many orders and movements besides."""
    _many_orders(world)
    _many_lines(world)
    with triggers_asleep(), connection.cursor() as cursor:
        for serial, (table, pk, columns) in enumerate(_texts()):
            values = {name: _value(name, serial * 7 + place, longest) for place, (name, longest) in enumerate(columns.items())}
            _write(cursor, table, pk, values, serial)
        for table, names in BORROWED.items():
            cursor.execute(f"SELECT id FROM {table}")
            for serial, (key,) in enumerate(cursor.fetchall()):
                cursor.execute(
                    f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in names)} WHERE id = %s",
                    [*(_all_of_it() if name == "comment" and serial % 5 == 0 else fitting(serial, 190) for name in names), key],
                )
    for draft in ReportDraft.objects.all():
        draft.data = {
            "note": ["</script>" + _all_of_it()],
            "payer_name": [fitting(3, 200)],
            "address": [fitting(5, 200)],
            **draft.data,
        }
        draft.save()
    _refresh(world)


def _texts() -> Iterator[tuple[type[models.Model], str, dict[str, int | None]]]:
    """(model, name of the key, column → longest) of each row."""
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            columns = {
                field.column: field.max_length
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField) and not field.choices and field.column not in STRUCTURE
            }
            if columns and not model._meta.auto_created and model._meta.model_name != "entrytries":
                for row in model._default_manager.order_by("pk"):
                    yield model, str(row.pk), columns


def _value(column: str, serial: int, longest: int | None) -> str:
    if column.endswith("email"):
        return f'"<img src=x onerror=alert({serial})>"@x5q{serial}.example'
    if longest is None:
        return fitting(serial, None) + "\n\n" + fitting(serial + 1, None)
    return fitting(serial, longest)


def _write(cursor: Any, model: type[models.Model], pk: str, values: dict[str, str], serial: int) -> None:
    meta = model._meta
    if "number" in values:
        # One of a kind, and in addresses: the key makes it so. Tickets and conversations are numbered by the house itself.
        if meta.model_name in ("ticket", "conversation"):
            del values["number"]
        else:
            values["number"] = fitting(serial, 30 - len(pk) - 1) + pk
    if meta.model_name == "invitation":
        values.pop("email", None)  # its link is signed with it
    if values:
        sets = ", ".join(f'"{name}" = %s' for name in values)
        cursor.execute(f"UPDATE {meta.db_table} SET {sets} WHERE {meta.pk.column} = %s", [*values.values(), pk])


def _all_of_it() -> str:
    return "\n".join(NAUGHTY)[:9000]


def _many_orders(world: World) -> None:
    """An order for each string, by the service that makes them."""
    cast, today = world.andina.scene.cast, world.andina.scene.today
    for text in NAUGHTY:
        issue_order(
            merchant=cast.merchant, customer=cast.a, description=text[:200].strip() or "-", due_on=today,
            lines=[LineDraft(description=text[:200].strip() or "-", unit_price=Decimal("3.00"), tax_name=text[:20])],
            by=cast.carol,
        )  # fmt: skip


def _many_lines(world: World) -> None:
    """A movement for each string, as the bank's file brings them; and rows that the file's reader rejects."""
    cast, today = world.andina.scene.cast, world.andina.scene.today
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["date", "amount", "reference", "text", "payer_name", "payer_id"])
    for serial, text in enumerate(NAUGHTY):
        rows.writerow([today.isoformat(), f"{serial + 1}.00", f"{serial:08d}", text[:500], text[:200], text[:30]])
        rows.writerow([text, "1.00", text[:80], text[:500], text[:200], text[:30]])
    world.andina.statement = bring_own_sheet(
        merchant=cast.merchant, account_id=cast.account.pk, file_name="<img src=x onerror=alert(1)>.csv",
        content=file.getvalue().encode(), by=cast.carol,
    )  # fmt: skip


def _refresh(world: World) -> None:
    for house in (world.andina, world.litoral):
        for who in (house.alice, house.bob):
            for row in (*who.orders.values(), *who.tickets.values(), *who.lines.values(), who.customer):
                row.refresh_from_db()
            for name, order in who.orders.items():
                who.orders[name] = Order.objects.with_balance().get(pk=order.pk)
            who.conversation = Conversation.objects.get(pk=who.conversation.pk)


def hostile_letters(world: World, text: str = "") -> list[Letter]:
    """A letter of each kind with strings (or this `text`) in every fact, unsaved.

    Kinds that nobody wrote yet get the facts of the others.
    """
    asked = set(re.findall(r'facts(?:\.get\(|\[)"(\w+)"', inspect.getsource(kinds)))
    figures = {"attachments": 1, "credit": None, "applied": [], "link": "http://testserver/andina/"}
    facts: dict[str, Any] = {name: figures.get(name, "text") for name in asked if not name.endswith(("_at", "_on"))}
    facts |= {name: value for name, value in EVERYTHING.items() if name not in facts}
    found: dict[str, Letter] = {}
    merchant = Merchant.objects.get(pk=world.andina.merchant.pk)
    for letter in Letter.objects.filter(merchant=merchant).order_by("pk"):
        facts |= letter.context
        found.setdefault(letter.kind, letter)
    letters = []
    for serial, kind in enumerate(sorted(kinds.KINDS)):
        base = found.get(kind) or Letter(kind=kind, language="es", to_email="a@b.example")
        base.merchant = merchant
        said = base.context or facts
        base.context = {key: _bad(value, key, serial * 11 + place, text) for place, (key, value) in enumerate(said.items())}
        base.pk = base.pk or 900_000 + serial
        letters.append(base)
    return letters


def _bad(value: Any, key: str, serial: int, text: str) -> Any:
    """The fact with a string in place of each of its words; figures, moments and addresses stay."""
    if isinstance(value, list):
        return [_bad(each, key, serial + place, text) for place, each in enumerate(value)]
    if isinstance(value, dict):
        return {name: _bad(each, name, serial + place, text) for place, (name, each) in enumerate(value.items())}
    if not isinstance(value, str) or key.endswith(("_at", "_on", "currency", "link", "papers")) or FIGURES.fullmatch(value):
        return value
    return text or fitting(serial, None) + " " + fitting(serial + 1, None)
