"""Every list and dashboard in a large house against the same page of a house with a hundred rows of each kind."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch

from accounts.actors import Actor
from accounts.models import Merchant
from banking.models import ReceivingAccount
from config.scale import Size, load_house, people_of
from tests.bench.timing import Row, queries
from tests.cast import client_of, house_url

MOST_RATIO = 2
# A list whose parts follow one another (what is owed, what is settled) reads each part that its page shows.
MORE_PARTS = 2
ROUNDS = 7
SMALL: Size = {"tickets": 100, "customers": 100, "orders": 100, "lines": 100}
LARGE: Size = {"tickets": 50_000, "customers": 100_000, "orders": 1_000_000, "lines": 50_000}
# Whose page, its name, and its query. A page that is not there (yet) is left out.
PAGES = (
    ("customer", "portal:home", ""),
    ("customer", "portal:orders", ""),
    ("customer", "portal:tickets", ""),
    ("customer", "portal:letters", ""),
    ("customer", "portal:documents", ""),
    ("customer", "portal:services", ""),
    ("customer", "portal:report", ""),
    ("customer", "portal:account_statement", ""),
    ("accountant", "desk:queue", ""),
    ("accountant", "desk:queue", "?view=new"),
    ("accountant", "desk:workbench", ""),
    ("accountant", "desk:lines", ""),
    ("accountant", "desk:orders", ""),
    ("accountant", "desk:orders", "?state=overdue"),
    ("accountant", "desk:orders", "?q=E-77"),
    ("accountant", "desk:orders", "?q=fibra"),
    ("accountant", "desk:customers", ""),
    ("accountant", "desk:customers", "?q=77"),
    ("accountant", "desk:customers", "?q=cliente"),
    ("accountant", "desk:conversations", ""),
    ("accountant", "desk:conversations", "?kind=all"),
    ("accountant", "desk:letters", ""),
    ("accountant", "desk:books", ""),
    ("accountant", "desk:books_account", ""),
    ("accountant", "desk:dashboard", ""),
    ("accountant", "desk:support", ""),
    ("accountant", "desk:documents", ""),
    ("accountant", "desk:shipments", ""),
    ("accountant", "desk:services", ""),
    ("admin", "desk:fiscal", ""),
    ("admin", "desk:rates", ""),
    ("admin", "desk:articles", ""),
    ("accountant", "desk:imports", ""),
    ("accountant", "desk:runs", ""),
    ("accountant", "desk:search", "?q=E-77"),
    ("accountant", "desk:search", "?q=cliente"),
    ("admin", "desk:setup", ""),
    ("admin", "desk:setup_history", ""),
    ("admin", "desk:staff", ""),
    ("admin", "desk:orders_import", ""),
)
# A search that fills its page in the large house finds one row of a hundred: the small one is asked for as many as a page holds.
FILLS_SMALL = {"?q=E-77": "?q=E-", "?q=77": "?q=E-"}


def measure() -> list[Row]:
    """Both houses made, then every page of both, turn by turn. `SCALE=0.1` makes the large one a tenth."""
    share = float(os.environ.get("SCALE", "1"))
    call_command("load_banks", verbosity=0)
    small = load_house("escala-a", **SMALL)
    start = time.monotonic()
    size: Size = {
        "tickets": max(100, int(LARGE["tickets"] * share)), "customers": max(100, int(LARGE["customers"] * share)),
        "orders": max(100, int(LARGE["orders"] * share)), "lines": max(100, int(LARGE["lines"] * share)),
    }  # fmt: skip
    large = load_house("escala-b", **size)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")  # as the database does by itself, soon after such a day
    loading = Row("loading the large house", time.monotonic() - start, "s")
    return [loading, *compare(small, large)]


def compare(small: Merchant, large: Merchant) -> list[Row]:
    """Milliseconds on the clock of each page in both houses, their ratio, and whether they send as many statements."""
    rows: list[Row] = []
    people = {house: people_of(house) for house in (small, large)}
    for who, name, query in PAGES:
        try:
            asked = {small: FILLS_SMALL.get(query, query), large: query}
            openers = {house: _opener(people[house][who], house, name, asked[house]) for house in (small, large)}
        except NoReverseMatch:
            continue
        spent = _wall_ms(openers)
        sent = {house: queries(page) for house, page in openers.items()}
        ratio = spent[large] / spent[small]
        title = f"{name}{query}"
        rows.append(Row(title, spent[large], "ms"))
        rows.append(
            Row(f"  against {spent[small]:.1f} ms in the small house", ratio, "×", f"≤ {MOST_RATIO}", ratio <= MOST_RATIO)
        )
        goal = f"{sent[small]}, as there"
        rows.append(Row("  statements", sent[large], "", goal, abs(sent[small] - sent[large]) <= MORE_PARTS))
    return rows


def _opener(actor: Actor, house: Merchant, name: str, query: str) -> Callable[[], object]:
    keys = [ReceivingAccount.objects.get(merchant=house).pk] if name == "desk:books_account" else []
    url = house_url(house, name, *keys) + query
    client: Client = client_of(actor)
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return lambda: client.get(url)


def _wall_ms(openers: Mapping[Merchant, Callable[[], object]]) -> dict[Merchant, float]:
    """Medians, the houses taking turns, the database included."""
    for act in openers.values():
        act()
    times: dict[Merchant, list[float]] = {house: [] for house in openers}
    for _round in range(ROUNDS):
        for house, act in openers.items():
            start = time.perf_counter()
            act()
            times[house].append((time.perf_counter() - start) * 1000)
    return {house: statistics.median(each) for house, each in times.items()}
