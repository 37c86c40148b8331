"""Sending reports through the services, against pgbench sending the very same SQL over as many connections.

The SQL is taken from one report that the services really sent. Keys that the database drew are recognised by their size (every
sequence is first set to a number of its own) and become pgbench variables, filled by `\\gset` from `RETURNING`; what must be
unique is drawn by pgbench's own statements. So pgbench sends as many statements, to the same tables, with the same locks.
"""

from __future__ import annotations

import cProfile
import datetime as dt
import os
import pstats
import re
import resource
import shutil
import subprocess
import tempfile
import time
import uuid
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.models import Contact, NumberSeries
from orders.models import Order, OrderBalance, OrderLine
from reports.content import ReportContent, TransferContent
from reports.services import submit_report
from tests.bench.multiply import greatest, multiply
from tests.bench.timing import Row, cpu_ms
from tests.cast import Cast, client_of, make_cast
from tests.factories import make_customer, make_order, make_user
from tests.portal.browsing import forms_of
from tickets.services import prepare_merchant

CONNECTIONS = 4
SECONDS = 6
ROUNDS = 3
ORDERS_EACH = 2000
FIRST_DRAWN = 5_500_000


def _payers(cast: Cast) -> list[tuple[Actor, int]]:
    """One customer a connection, each owing so many orders that no two reports meet; with the key of the first order."""
    payers = []
    for number in range(CONNECTIONS):
        customer = make_customer(cast.merchant)
        contact = Contact.objects.create(
            merchant=cast.merchant, customer=customer, user=make_user(email=f"payer{number}@example.com")
        )
        order = make_order(customer)
        first = greatest(Order)
        multiply(Order, order.pk, ORDERS_EACH - 1, number=f"'P{number}-' || n")
        multiply(OrderLine, order.lines.get().pk, ORDERS_EACH - 1, order_id=f"{first} + n")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO orders_orderbalance (order_id, merchant_id, total, paid) SELECT id, merchant_id, total, 0 "
                "FROM orders_order WHERE id > %s",
                [first],
            )
        payers.append((Actor(merchant=cast.merchant, user=contact.user, contact=contact), order.pk))
    assert OrderBalance.objects.filter(merchant=cast.merchant).count() == CONNECTIONS * ORDERS_EACH
    return payers


def _content(cast: Cast, orders: tuple[int, ...]) -> ReportContent:
    """A transfer that pays the orders, made without asking the database anything: only the service is measured."""
    transfer = TransferContent(
        method_id=cast.transfer.pk,
        account_id=cast.account.pk,
        origin_bank_id=cast.account.bank_id,
        amount=Decimal(10 * len(orders)),
        paid_on=dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2),
        reference_raw=f"{uuid.uuid4().int % 10**12:012d}",
    )
    return ReportContent(transfers=(transfer,), orders=orders)


def _send(cast: Cast, payer: Actor, first_order: int, turn: int) -> None:
    """One report that pays two orders. `turn` picks which."""
    place = turn * 2 % (ORDERS_EACH - 2)
    content = _content(cast, (first_order + place, first_order + place + 1))
    assert payer.customer is not None
    submit_report(merchant=cast.merchant, customer=payer.customer, key=uuid.uuid4(), content=content, by=payer)


def _worker(cast: Cast, payer: Actor, first_order: int, results: object) -> None:
    """Send for some seconds on a connection of one's own; tell how many and at what cost."""
    connections.close_all()
    _send(cast, payer, first_order, 0)
    before, start, turn = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter(), 1
    while time.perf_counter() - start < SECONDS:
        _send(cast, payer, first_order, turn)
        turn += 1
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    results.put((turn - 1, time.perf_counter() - start, cpu))  # type: ignore[attr-defined]
    connections.close_all()


def _services_rate(cast: Cast, payers: list[tuple[Actor, int]]) -> tuple[float, float]:
    """Reports a second over all connections, and processor milliseconds of Python for one."""
    connections.close_all()
    context = get_context("fork")
    results = context.Queue()
    processes = [context.Process(target=_worker, args=(cast, payer, first, results)) for payer, first in payers]
    for process in processes:
        process.start()
    rows = [results.get(timeout=SECONDS * 10) for _ in processes]
    for process in processes:
        process.join()
    sent = sum(count for count, _, _ in rows)
    return sum(count / seconds for count, seconds, _ in rows), sum(cpu for _, _, cpu in rows) * 1000 / sent


def _captured(cast: Cast, payer: Actor, first_order: int) -> tuple[list[str], dict[str, int]]:
    """Every statement of one report, with its values in it, as it went to the server; and the key that each table draws next."""
    next_keys = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
        for number, (name,) in enumerate(cursor.fetchall(), start=1):
            next_keys[name.removesuffix("_id_seq")] = 70_000_000 + number * 100_000 + 1
            cursor.execute("SELECT setval(%s, %s)", [f"public.{name}", 70_000_000 + number * 100_000])
    NumberSeries.objects.filter(merchant=cast.merchant, kind="ticket").update(next_value=FIRST_DRAWN)
    content = _content(cast, (first_order + ORDERS_EACH - 2, first_order + ORDERS_EACH - 1))
    key = uuid.UUID("11111111-2222-4333-8444-555555555555")
    assert payer.customer is not None
    with CaptureQueriesContext(connection) as captured:
        submit_report(merchant=cast.merchant, customer=payer.customer, key=key, content=content, by=payer)
    return [query["sql"] for query in captured.captured_queries], next_keys


def pgbench_script(statements: list[str], next_keys: dict[str, int], payer: Actor, first_order: int) -> str:
    """The statements as a script: drawn keys become variables, unique values are drawn anew, orders are picked at random."""
    assert payer.customer is not None
    lines = [
        f"\\set place random(0, {ORDERS_EACH // 2 - 2}) * 2",
        f"\\set one {first_order} + :client_id * {ORDERS_EACH} + :place",
        "\\set two :one + 1",
        f"\\set customer {payer.customer.pk} + :client_id",
    ]
    known: dict[str, str] = {}
    one, two = str(first_order + ORDERS_EACH - 2), str(first_order + ORDERS_EACH - 1)
    if "BEGIN" not in statements:
        lines.append("BEGIN;")
    for number, statement in enumerate(statements):
        sql = statement.strip().rstrip(";")
        for literal, variable in known.items():
            sql = sql.replace(literal, f":{variable}")
        sql = re.sub(rf"\b{one}\b", ":one", sql)
        sql = re.sub(rf"\b{two}\b", ":two", sql)
        sql = re.sub(rf"(customer_id\"? = ){payer.customer.pk}\b", r"\1:customer", sql)
        sql = re.sub(r"'11111111-?2222-?4333-?8444-?555555555555'(::uuid)?", "gen_random_uuid()", sql)
        ending = ";"
        inserted = re.match(r'INSERT INTO "(\w+)"', sql)
        if "AS drawn" in sql:
            sql, ending = sql.replace("AS drawn", "AS drawn, next_value + 9999 AS shown"), " \\gset d_"
            known |= {str(FIRST_DRAWN + 10_000): "d_shown", str(FIRST_DRAWN): "d_drawn"}
        elif inserted and inserted[1] in next_keys:
            key, rows = next_keys[inserted[1]], sql.count("), (") + 1
            next_keys[inserted[1]] += rows
            if rows == 1 and "RETURNING" in sql and any(str(key) in later for later in statements[number + 1 :]):
                ending, known[str(key)] = f" \\gset k{number}_", f"k{number}_id"
        lines.append(sql + ending)
    if "COMMIT" not in statements:
        lines.append("END;")
    return "\n".join(lines) + "\n"


def _pgbench_rate(script: str) -> float:
    """Transactions a second, over as many connections as the services had."""
    # As Django connects: a cluster of our own is reached by a socket that the address names as an option.
    where = connection.get_connection_params()
    program = shutil.which("pgbench", path=os.environ.get("PG_BIN")) or shutil.which("pgbench")
    if program is None:
        raise FileNotFoundError("pgbench is not on this machine (apt: postgresql-contrib)")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [program, "-n", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS), "-f", file.name]
            + (["-h", str(where["host"])] if where.get("host") else [])
            + (["-p", str(where["port"])] if where.get("port") else [])
            + ["-U", str(where["user"]), str(where["dbname"])],
            capture_output=True, text=True, check=False, env={**os.environ, "PGPASSWORD": str(where.get("password") or "")},
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    if done.returncode != 0 or found is None or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
    return float(found[1])


def _profile(cast: Cast, payer: Actor, first_order: int) -> list[str]:
    """Where the services' processor time goes, by package."""
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for turn in range(100, 200):
        _send(cast, payer, first_order, turn)
    profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    by_package: dict[str, float] = {}
    for (path, _line, _name), (_calls, _primitive, own, _total, _callers) in stats.items():
        parts = Path(path).parts
        package = parts[parts.index("site-packages") + 1] if "site-packages" in parts else _own(path)
        by_package[package] = by_package.get(package, 0.0) + own
    whole = sum(by_package.values())
    return [f"{share / whole:5.1%}  {name}" for name, share in sorted(by_package.items(), key=lambda row: -row[1])[:8]]


def _own(path: str) -> str:
    """Python's own modules apart from the project's."""
    return "built in" if path.startswith(("~", "<")) else "python" if "/lib/python" in path else "concilia"


def _http_cpu_ms(cast: Cast) -> float:
    """Processor milliseconds of the last POST, test client included: the draft is there, the customer presses the button."""
    client, url = client_of(cast.alice), cast.url("portal:report")
    pages = []
    for _ in range(60):
        order = make_order(cast.a)
        form = next(each for each in forms_of(client.get(f"{url}?orders={order.pk}")) if "t-0-amount" in each.names)
        filled = form.data(t_0_reference=str(uuid.uuid4().int)[:12], t_0_origin_bank=_first_bank(form))
        answer = client.post(url, filled, follow=True)
        send = next((each for each in forms_of(answer) if "key" in each.names and "check" in str(each.action)), None)
        assert send is not None, answer.content.decode()[:2000]
        pages.append((answer.redirect_chain[-1][0] if answer.redirect_chain else url, send))

    def post() -> None:
        address, send = pages.pop()
        answer = client.post(send.action or address, send.data())
        assert answer.status_code == 302, answer.status_code

    return cpu_ms({0: post})[0]


def _first_bank(form: object) -> str:
    from banking.selectors import banks_offered

    return str(banks_offered("VE").values_list("pk", flat=True)[0])


def measure() -> tuple[list[Row], list[str]]:
    """Rows, and the profile of the services' side in lines."""
    cast = make_cast()
    prepare_merchant(merchant=cast.merchant, by=cast.system)
    payers = _payers(cast)
    payer, first = payers[0]
    _send(cast, payer, first, 1)
    statements, next_keys = _captured(cast, payer, first)
    script = pgbench_script(statements, next_keys, payer, first)
    transaction.get_connection().close()
    services, bench, cpu = [], [], 0.0
    for _ in range(ROUNDS):
        rate, cpu = _services_rate(cast, payers)
        services.append(rate)
        bench.append(_pgbench_rate(script))
    middle = ROUNDS // 2
    ratio = sorted(services)[middle] / sorted(bench)[middle]
    rows = [
        Row("statements in one report", len(statements), ""),
        Row(f"pgbench, the same SQL, {CONNECTIONS} connections", sorted(bench)[middle], "reports/s"),
        Row(f"services, {CONNECTIONS} connections", sorted(services)[middle], "reports/s"),
        Row("services / pgbench", ratio, "×", "≥ 0.25", ratio >= 0.25),
        Row("Python's processor time of one report", cpu, "ms cpu"),
    ]
    rows.append(Row("the POST that sends it, pages and test client included", _http_cpu_ms(cast), "ms cpu"))
    return rows, _profile(cast, payer, first)
