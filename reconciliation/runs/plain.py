"""Proposals about which there is nothing to think: one deposit for one transfer, which is the whole report, to the cent.

Most proposals of a run are such, so they are picked, checked and written by SQL for thousands at once, without a row of theirs
in Python. What is plain here would be settled just so by `verify_report`; whatever is not goes the way of `drawing`, where the
sentences are. No two plain ones touch the same ticket, deposit or order, so that their order does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.keys import as_array
from banking.money import minor_units
from orders.dates import today_at
from orders.services import note_payments
from reconciliation.candidates import evidence_of_pairs
from reconciliation.closed import require_open
from reconciliation.limits import in_merchant_currency
from reconciliation.runs import plain_sql as sql
from tickets.services import verify_all


def pick_plain(*, proposal_ids: Sequence[int], by: Actor) -> list[int]:
    """Those of the proposals that may be plain, in the order given: nothing of theirs is another's. Locks nothing."""
    return [row[0] for row in _fetch(sql.PICK, {"ids": as_array(proposal_ids), "merchant": by.merchant.pk})]


def lock_plain(*, proposal_ids: Sequence[int], by: Actor) -> None:
    """Lock what these proposals touch, in the house's order."""
    asked = {"ids": as_array(proposal_ids), "merchant": by.merchant.pk}
    for statement in (sql.CHECK_NOW, sql.FORGET, sql.PARTS, sql.LEARN_PARTS, *sql.LOCKS):
        _run(statement, asked)


def draw_plain(*, by: Actor) -> int:
    """Put those of the locked ones that are plain now into tables of this transaction; how many."""
    asked = {
        "merchant": by.merchant.pk,
        "user": by.user.pk if by.user is not None else None,
        "program": by.is_system,
        "now": timezone.now(),
    }
    for statement in sql.DRAW:
        _run(statement, asked)
    for currency, units in _units().items():
        _run(sql.LEAVE_FRACTIONS, {"currency": currency, "units": units})
    _leave_above_limits(by)
    # A table of this moment has no statistics, and the planner would guess.
    _run(sql.LEARN, {})
    return int(_fetch(sql.COUNT, {})[0][0])


def write_plain(*, note: str, by: Actor) -> tuple[list[int], list[int]]:
    """Settle what was drawn; keys of its proposals and tickets, in the order the proposals were given."""
    today = today_at(by.merchant)
    require_open(by.merchant, today)
    asked = {
        "merchant": by.merchant.pk, "user": by.user.pk if by.user is not None else None, "note": note, "today": today,
        "now": timezone.now(), "told": _told_now(by),
    }  # fmt: skip
    for statement in sql.WRITE:
        _run(statement, asked)
    note_payments(paid_on=dict(_fetch(sql.PAID_ON, {})), by=by)
    done = _fetch(sql.DONE, {"units": json.dumps(_units())})
    verify_all(
        ticket_ids=[row[1] for row in done],
        notes=[note.strip()] * len(done),
        applied=[row[2] for row in done],
        credit=["null"] * len(done),
        by=by,
    )
    for statement in sql.ACCEPT:
        _run(statement, asked)
    return [row[0] for row in done], [row[1] for row in done]


def _leave_above_limits(by: Actor) -> None:
    """Take out what one person, or the program, may not decide alone: compared as `limits` does, the dearest of a day for all."""
    limit = by.merchant.approval_limit
    if by.is_system:
        limit = min(limit, by.merchant.auto_accept_limit)
    _run(sql.LEAVE_DEAR, {"currency": by.merchant.currency, "limit": limit})
    foreign: list[tuple[str, Any, Decimal]] = _fetch(sql.FOREIGN, {"currency": by.merchant.currency})
    for currency, day, value in foreign:
        worth = in_merchant_currency(by.merchant, value, currency, day)
        if worth is None or worth > limit:
            _run(sql.LEAVE_FOREIGN, {"currency": currency, "day": day})


def _told_now(by: Actor) -> str:
    """Large runs store no facts: those are told now, as they stand before the money moves. JSON of (transfer, facts)."""
    pairs = _fetch(sql.UNTOLD, {})
    told = evidence_of_pairs(by.merchant, pairs) if pairs else {}
    return json.dumps([(transfer, told.get((transfer, line), [])) for transfer, line in pairs])


def _units() -> dict[str, int]:
    return {currency: minor_units(currency) for (currency,) in _fetch(sql.CURRENCIES, {})}


def _run(statement: str, asked: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)


def _fetch(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
