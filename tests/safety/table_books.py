"""The addresses of the books."""

from __future__ import annotations

import datetime as dt

from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table


def account(world: World) -> tuple[int]:
    return (world.andina.scene.cast.account.pk,)


def span(world: World) -> Data:
    today = world.andina.scene.today
    return {"since": (today - dt.timedelta(days=30)).isoformat(), "until": today.isoformat(), "format": "csv"}


def exported(world: World) -> Data:
    return {"table": "entries", "account": str(account(world)[0]), **span(world)}


def one_day(world: World) -> Data:
    return {"day": world.andina.scene.today.isoformat(), "part": "deposits", "page": "1"}


def next_month(world: World) -> Data:
    """The month after the closed one of the world."""
    until = world.andina.reopening.period.until
    return {"month": f"{until + dt.timedelta(days=1):%Y-%m}", "note": "Revisado"}


def period(world: World) -> tuple[int]:
    return (world.andina.reopening.period_id,)


def request(world: World) -> tuple[int]:
    return (world.andina.reopening.pk,)


BOOKS: Table = {
    "desk:books": Page(who="staff", query=lambda world: {"account": str(account(world)[0])}),
    "desk:books_prove": Page(who="staff:decide", get=NO_WAY, post=302, by="carol", writes=False),
    "desk:books_account": Page(who="staff", args=account, query=one_day),
    "desk:periods": Page(who="staff"),
    "desk:period_close": Page(who="staff:sign", get=NO_WAY, post=302, by="dan", data=next_month),
    # A request waits already: it stands, and no second one is made.
    "desk:period_reopen": Page(
        who="staff:decide", args=period, get=NO_WAY, post=409, by="carol", data=lambda _: {"reason": "Falta"}, writes=False
    ),
    "desk:period_sign": Page(who="staff:sign", args=request, get=NO_WAY, post=302, by="ada"),
    "desk:period_refuse": Page(who="staff:decide", args=request, get=NO_WAY, post=302, by="ada"),
    "desk:exports": Page(who="staff:export", query=exported, post=200, by="otto", data=exported, writes=False),
    "desk:export_file": Page(who="staff:export", args=lambda world: (world.andina.bench.export.pk,)),
    "desk:account_statement": Page(who="staff", args=lambda world: (world.andina.alice.customer.pk,), query=span),
}
