"""A merchant's account of any size: reports that wait, and their deposits, in the statement or in a file that is still to come.

Rows are copies made by the database of one report that the services really sent, so that everything around a payment is there:
order, balance, allocation, revision, conversation, helpdesk's ticket. Amounts repeat as price lists do.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from django.db import connection
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from orders.models import Order, OrderBalance
from reconciliation.models import LineBalance, StatementLine
from reconciliation.services import enter_line
from reports.models import Allocation, PaymentReport, ReportRevision, Transfer
from tests.bench.multiply import greatest, multiply
from tests.cast import Cast, make_cast
from tests.factories import make_content, make_order, make_report
from tickets.models import Conversation, Ticket
from tickets.services import prepare_merchant

TICKS = os.sysconf("SC_CLK_TCK")
FILE = """
SELECT paid_on || ',' || round(amount, 2) || ',' || reference || ',TRF CLIENTE' FROM reports_transfer
 WHERE account_id = %s ORDER BY id
"""


def cpu_s() -> float:
    """Processor seconds of this process and of its database connection together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return time.process_time() + _of_process_s(pid)


def _of_process_s(pid: int) -> float:
    """Where the kernel counts nanoseconds they are told; its ticks of 10 ms are a twentieth of what a bare COPY takes."""
    exact = Path(f"/proc/{pid}/schedstat")
    if exact.exists():
        return int(exact.read_text().split()[0]) / 10**9
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def with_children_s() -> float:
    """The same with the children that this process waited for: files are read by one."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_s() + children.ru_utime + children.ru_stime


def spent(act: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = cpu_s()
    act()
    return cpu_s() - start


def furnish(size: int, *, lines: bool = True) -> Cast:
    """A merchant with `size` reports of one order each, and (`lines`) the deposit of each in the statement."""
    with connection.cursor() as cursor:
        # Helpers of the database would work on other processors, whose seconds nobody counts.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    cast = make_cast()
    prepare_merchant(merchant=cast.merchant, by=Actor.system(cast.merchant))
    order = make_order(cast.a, "10.00")
    content = make_content(cast.account, [order], transfer={"reference_raw": "900000001"})
    ticket = make_report(cast.alice, content)
    report = PaymentReport.objects.get(ticket=ticket)
    transfer = report.transfers.get()
    tag = f"B{cast.merchant.pk}-"
    count = size - 1
    first = {model: greatest(model) for model in (Order, Ticket, HelpdeskTicket, PaymentReport, Transfer, StatementLine)}
    amount = "(10 + n % 97)"
    reference = "(900000001 + n * 7919::bigint)::text"
    day = f"DATE '{transfer.paid_on}' - (n % 20)::int"
    with _unchecked():
        multiply(Order, order.pk, count, number=f"'{tag}' || n", subtotal=amount, total=amount)
        # The balance has the order's key.
        multiply(OrderBalance, order.pk, count, order_id=f"{first[Order]} + n", total=amount)
        multiply(Ticket, ticket.pk, count, number=f"'{tag}' || n")
        multiply(HelpdeskTicket, ticket.conversation.helpdesk_ticket_id, count, secret_key="md5(n::text)")
        multiply(
            Conversation, ticket.conversation.pk, count, number=f"'{tag}' || n", ticket_id=f"{first[Ticket]} + n",
            helpdesk_ticket_id=f"{first[HelpdeskTicket]} + n",
        )  # fmt: skip
        multiply(PaymentReport, report.pk, count, ticket_id=f"{first[Ticket]} + n", key="gen_random_uuid()")
        multiply(ReportRevision, report.revisions.get().pk, count, report_id=f"{first[PaymentReport]} + n")
        multiply(
            Transfer, transfer.pk, count, report_id=f"{first[PaymentReport]} + n", amount=amount, value=amount,
            reference=reference, reference_raw=reference, paid_on=day,
        )  # fmt: skip
        multiply(
            Allocation, report.allocations.get().pk, count, report_id=f"{first[PaymentReport]} + n",
            order_id=f"{first[Order]} + n", amount=amount,
        )  # fmt: skip
    if lines:
        _add_lines(cast, transfer, count, amount=amount, reference=reference, booked_on=day)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def _add_lines(cast: Cast, transfer: Transfer, count: int, *, amount: str, reference: str, booked_on: str) -> None:
    line = enter_line(
        merchant=cast.merchant, account_id=cast.account.pk, booked_on=transfer.paid_on, amount=Decimal("10.00"),
        reference="900000001", reason="-", by=cast.ada,
    )  # fmt: skip
    first = greatest(StatementLine)
    with _unchecked():
        multiply(
            StatementLine, line.pk, count, amount=amount, reference=reference, reference_raw=reference, booked_on=booked_on,
            identity="md5(n::text) || md5(n::text)",
        )  # fmt: skip
        multiply(LineBalance, line.pk, count, line_id=f"{first} + n", amount=amount)


@contextmanager
def _unchecked() -> Iterator[None]:
    """Copies of what was checked need no checks: triggers and keys sleep meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def file_of(cast: Cast) -> bytes:
    """The bank's file with the deposit of every report, in the house's own layout."""
    with connection.cursor() as cursor:
        cursor.execute(FILE, [cast.account.pk])
        rows = [row[0] for row in cursor.fetchall()]
    return ("\n".join(["date,amount,reference,text", *rows]) + "\n").encode()
