"""The state of a ticket (and of a shipment) moves by the transitions of its model alone, called by its services: nothing walks
round them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, project_files, shown

# What writes rows without asking the machine.
BULK = {"update", "bulk_update", "bulk_create", "create", "get_or_create", "update_or_create", "delete", "raw", "abulk_create"}
SMUGGLING = {"_base_manager", "_raw_delete", "save_base", "_do_update", "from_db", "construct_instance"}
ACTS = {
    "claim", "release", "wait_for_bank", "resume", "ask_information", "answer", "take_back", "request_approval", "send_back",
    "verify", "reject", "resubmit", "reopen", "withdraw", "reverse", "prepare", "hand_over", "deliver", "come_back",
}  # fmt: skip
OF_TICKETS = re.compile(r"(\bTicket\b|\bShipment\b|\bshipments_for\b|\btickets_for\b|\.tickets\b|\btickets\b)(?!\.services)")
RAW_SQL = re.compile(r"\b(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+\"?(tickets_ticket|reports_shipment)\b", re.IGNORECASE)
INSIDE = ROOT / "tickets"
# Where machines are written down, and what calls the transitions of the shipments' one.
MACHINES = {ROOT / "tickets" / "models" / "tickets.py", ROOT / "reports" / "shipment_models.py"}
SHIPPING = {ROOT / "reports" / "shipment_models.py", ROOT / "reports" / "services" / "shipments.py"}
# The one place that may write states in bulk: `verify_all` asks the machine before, once a state. Reviewed, and held to the
# tests of `verify`.
REVIEWED = {("tickets/services/decisions.py", "_write_verified")}


def bypasses(source: str, *, inside: bool = False, in_model: bool = False) -> Iterator[str]:
    """What in `source` goes round the machine. `inside`: a file of the tickets room; `in_model`: its models."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=name), keywords=keywords):
                on_tickets = bool(OF_TICKETS.search(ast.unparse(receiver)))
                sets_state = any(each.arg == "state" for each in keywords)
                if name in BULK and on_tickets and (sets_state or not inside):
                    yield f"{node.lineno}: .{name}() on tickets"
                if name in ACTS and not inside and re.search(r"\bticket$|\bshipment$|\blocked$", ast.unparse(receiver)):
                    yield f"{node.lineno}: the transition {name} called without its service"
            case ast.Call(func=ast.Name(id="Ticket" | "Shipment"), keywords=keywords):
                if not inside or any(each.arg == "state" for each in keywords):
                    yield f"{node.lineno}: a ticket made by hand"
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
                yield f"{node.lineno}: setattr of a state"
            case ast.Subscript(value=ast.Attribute(attr="__dict__"), slice=ast.Constant(value="state")):
                yield f"{node.lineno}: the state in __dict__"
            case ast.Attribute(attr=name) if name in SMUGGLING:
                yield f"{node.lineno}: {name}"
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                if not inside and any("loading_state" in each.name or each.name == "transition" for each in names):
                    yield f"{node.lineno}: the machine's own tools"
            case ast.Name(id="transition") if not in_model and isinstance(node.ctx, ast.Load):
                if "django_fsm" in source:
                    yield f"{node.lineno}: a transition outside the model"
            case ast.Constant(value=str(text)) if RAW_SQL.search(text):
                yield f"{node.lineno}: SQL that writes tickets"


def without_reviewed(path: Path) -> str:
    """The source of a file, its reviewed exceptions left out (as blank lines, so that line numbers stay)."""
    source = path.read_text()
    names = {name for file, name in REVIEWED if path == ROOT / file}
    lines = source.split("\n")
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            names.discard(node.name)
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    assert not names, f"{shown(path)}: {names} is reviewed, but not there"
    return "\n".join(lines)


def our_files() -> list[Path]:
    return [
        path
        for path in project_files(".py")
        if path.relative_to(ROOT).parts[0] in ROOMS and "migrations" not in path.parts and path.exists()
    ]


def test_nothing_walks_round_the_state_machine() -> None:
    found = [
        f"{shown(path)}:{each}"
        for path in our_files()
        for each in bypasses(
            without_reviewed(path), inside=path.is_relative_to(INSIDE) or path in SHIPPING, in_model=path in MACHINES
        )
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "Ticket.objects.filter(pk=1).update(state='verified')",
        "Ticket.objects.create(merchant=m, state='verified')",
        "Ticket.objects.bulk_update(rows, ['state'])",
        "customer.tickets.update(state='verified')",
        "tickets_for(actor).update(claimed_by=None)",
        "Ticket(merchant=m).save()",
        "Ticket._base_manager.filter(pk=1)",
        "ticket.__dict__['state'] = 'verified'",
        "setattr(ticket, 'state', 'verified')",
        "self.ticket.verify(now=now, signer=None)",
        "Shipment.objects.filter(pk=1).update(state='delivered')",
        "shipment.deliver(now=now)",
        "from tickets.machine import loading_state",
        "from django_fsm import transition",
        "cursor.execute('UPDATE tickets_ticket SET state = %s')",
        "cursor.execute(f'''\nupdate \"tickets_ticket\" set state = {x}''')",
    ],
)
def test_the_rule_sees_the_usual_ways_round(source: str) -> None:
    assert list(bypasses(source))


@pytest.mark.parametrize(
    "source",
    [
        "StoredFile.objects.filter(pk=1).update(state='ready')",
        "TicketEvent.objects.create(ticket=ticket)",
        "tickets.services.verify(ticket_id=1, by=by)",
        "Ticket.objects.filter(state='verified').count()",
        "cursor.execute('UPDATE tickets_ticketevent SET note = 1')",
    ],
)
def test_the_rule_lets_the_rest_alone(source: str) -> None:
    assert not list(bypasses(source))
