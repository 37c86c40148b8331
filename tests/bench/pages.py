"""Pages: the list of 50 orders against the same signed-in page without any, and the queue of 10,000 open tickets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.db import connection

from accounts.actors import Actor
from banking.models import ReceivingAccount
from orders.models import Order, OrderBalance, OrderLine
from reports.models import Allocation, PaymentReport, ReportRevision, Transfer
from tests.bench.multiply import greatest, multiply
from tests.bench.timing import Row, cpu_ms, queries
from tests.cast import Cast, client_of, make_cast
from tests.factories import make_content, make_order, make_report
from tickets.models import Ticket
from tickets.services import prepare_merchant


def _many_orders(cast: Cast, count: int) -> None:
    """Alice owes `count` orders like one."""
    order = make_order(cast.a)
    line, first = order.lines.get(), greatest(Order)
    multiply(Order, order.pk, count - 1, number="'P-' || n", due_on="source.due_on - mod(n, 300)")
    multiply(OrderLine, line.pk, count - 1, order_id=f"{first} + n")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_orderbalance (order_id, merchant_id, total, paid) SELECT id, merchant_id, total, 0 "
            "FROM orders_order WHERE id > %s",
            [first],
        )
        cursor.execute("ANALYZE")
    assert OrderBalance.objects.filter(merchant=cast.merchant).count() == count


def _opener(actor: Actor, url: str) -> Callable[[], object]:
    """Somebody signed in who opens one page again and again."""
    client = client_of(actor)
    assert client.get(url).status_code == 200
    return lambda: client.get(url)


def measure_orders() -> list[Row]:
    """A page of 50 orders: at most 3 times the processor time of an empty one, and the same statements for 5 and 5,000."""
    pages = {}
    for count in (0, 5, 50, 5000):
        cast = make_cast()
        if count:
            _many_orders(cast, count)
        pages[count] = _opener(cast.alice, cast.url("portal:orders"))
    cpu, sent = cpu_ms(pages), {count: queries(page) for count, page in pages.items()}
    ratio = cpu[50] / cpu[0]
    return [
        Row("orders page, none", cpu[0], "ms cpu"),
        Row("orders page, 50 orders", cpu[50], "ms cpu"),
        Row("50 orders / none", ratio, "×", "≤ 3", ratio <= 3),
        Row("orders page, 50 of 5,000 orders", cpu[5000], "ms cpu"),
        Row("statements for 5 orders", sent[5], ""),
        Row("statements for 5,000 orders", sent[5000], "", "the same", sent[5] == sent[5000]),
    ]


def _many_tickets(cast: Cast, count: int) -> None:
    """`count` open tickets like one, each with its report, revision, transfer and allocation."""
    prepare_merchant(merchant=cast.merchant, by=cast.system)
    account: ReceivingAccount = cast.account
    ticket = make_report(cast.alice, make_content(account, [make_order(cast.a)]))
    report = ticket.report
    first_ticket, first_report = greatest(Ticket), greatest(PaymentReport)
    more = count - 1
    multiply(Ticket, ticket.pk, more, number="'B-' || n", deadline_at="source.deadline_at + n * interval '1 minute'")
    multiply(PaymentReport, report.pk, more, ticket_id=f"{first_ticket} + n", key="gen_random_uuid()")
    multiply(ReportRevision, report.revisions.get().pk, more, report_id=f"{first_report} + n")
    multiply(Transfer, report.transfers.get().pk, more, report_id=f"{first_report} + n", reference="(100000 + n)::text")
    multiply(Allocation, report.allocations.get().pk, more, report_id=f"{first_report} + n")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure_queue() -> list[Row]:
    """The staff's queue of 10,000 open tickets: constant statements, at most 3 times an empty queue."""
    pages = {}
    for count in (0, 50, 10_000):
        cast = make_cast()
        if count:
            _many_tickets(cast, count)
        pages[count] = _opener(cast.carol, cast.url("desk:queue"))
    cpu, sent = cpu_ms(pages), {count: queries(page) for count, page in pages.items()}
    wall = {count: _wall_ms(page) for count, page in pages.items()}
    ratio = cpu[10_000] / cpu[0]
    return [
        Row("queue, empty", cpu[0], "ms cpu"),
        Row("queue, 50 tickets", cpu[50], "ms cpu"),
        Row("queue, 10,000 tickets", cpu[10_000], "ms cpu"),
        Row("10,000 tickets / empty", ratio, "×", "≤ 3", ratio <= 3),
        Row("10,000 tickets / 50 tickets", cpu[10_000] / cpu[50], "×"),
        Row("queue, empty, database included", wall[0], "ms"),
        Row("queue, 10,000 tickets, database included", wall[10_000], "ms"),
        Row("statements for 50 tickets", sent[50], ""),
        Row("statements for 10,000 tickets", sent[10_000], "", "the same", sent[50] == sent[10_000]),
    ]


def _wall_ms(act: Callable[[], object]) -> float:
    """Milliseconds on the clock: what the database does counts too."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
