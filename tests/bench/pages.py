"""Pages: the list of 50 orders against the same signed-in page without any, and the queue of 10,000 open tickets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.db import connection

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


def measure_orders() -> list[Row]:
    """A page of 50 orders: at most 3 times the processor time of an empty one, and the same statements for 5 and 5,000."""
    found = {}
    for count in (0, 5, 50, 5000):
        cast = make_cast()
        if count:
            _many_orders(cast, count)
        client, url = client_of(cast.alice), cast.url("portal:orders")
        assert client.get(url).status_code == 200

        def page(client: object = client, url: str = url) -> None:
            client.get(url)  # type: ignore[attr-defined]

        found[count] = (cpu_ms(page), queries(page))
    ratio = found[50][0] / found[0][0]
    return [
        Row("orders page, none", found[0][0], "ms cpu"),
        Row("orders page, 50 orders", found[50][0], "ms cpu"),
        Row("50 orders / none", ratio, "×", "≤ 3", ratio <= 3),
        Row("orders page, 50 of 5,000 orders", found[5000][0], "ms cpu"),
        Row("statements for 5 orders", found[5][1], ""),
        Row("statements for 5,000 orders", found[5000][1], "", "the same", found[5][1] == found[5000][1]),
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
    found = {}
    for count in (0, 50, 10_000):
        cast = make_cast()
        if count:
            _many_tickets(cast, count)
        client, url = client_of(cast.carol), cast.url("desk:queue")
        assert client.get(url).status_code == 200

        def page(client: object = client, url: str = url) -> None:
            client.get(url)  # type: ignore[attr-defined]

        found[count] = (cpu_ms(page, times=5), queries(page), _wall_ms(page))
    ratio = found[10_000][0] / found[0][0]
    return [
        Row("queue, empty", found[0][0], "ms cpu"),
        Row("queue, 50 tickets", found[50][0], "ms cpu"),
        Row("queue, 10,000 tickets", found[10_000][0], "ms cpu"),
        Row("10,000 tickets / empty", ratio, "×", "≤ 3", ratio <= 3),
        Row("queue, empty, database included", found[0][2], "ms"),
        Row("queue, 10,000 tickets, database included", found[10_000][2], "ms"),
        Row("statements for 50 tickets", found[50][1], ""),
        Row("statements for 10,000 tickets", found[10_000][1], "", "the same", found[50][1] == found[10_000][1]),
    ]


def _wall_ms(act: Callable[[], object]) -> float:
    """Milliseconds on the clock: what the database does counts too."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
