"""Matching and settling whole accounts: proposals against the bare join in the same database, bulk acceptance against matching,
and both against the same done through the ORM, a line at a time.

Rows are copies made by the database of one report that the services really sent, so that everything around a payment is there:
order, balance, allocation, revision, conversation, helpdesk's ticket. Everything is measured on processor time of this process
and of the database's together.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from django.db import connection
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.actors import Actor
from orders.models import Order, OrderBalance
from reconciliation.candidates import candidates_for
from reconciliation.models import MatchRun, Proposal, Settlement, StatementLine
from reconciliation.services import MatchChoice, accept_proposals, enter_line, propose_matches, verify_report
from reports.models import Allocation, PaymentReport, ReportRevision, Transfer
from tests.bench.multiply import greatest, multiply
from tests.bench.timing import Row
from tests.cast import Cast, make_cast
from tests.factories import make_content, make_order, make_report
from tickets.models import Conversation, State, Ticket
from tickets.services import prepare_merchant

SIZE = 10_000
BY_HAND = 40
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")
JOIN = """
SELECT count(*) FROM reports_transfer t JOIN reconciliation_statementline l
    ON l.account_id = t.account_id AND l.reference = t.reference AND l.amount = t.amount
 WHERE t.merchant_id = %s
"""


def cpu_s() -> float:
    """Processor seconds of this process and of its database connection together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / TICKS


def spent(act: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = cpu_s()
    act()
    return cpu_s() - start


def furnish(size: int) -> Cast:
    """A merchant with `size` reports, each of one order with its deposit in the statement, amounts as price lists repeat them."""
    cast = make_cast()
    prepare_merchant(merchant=cast.merchant, by=Actor.system(cast.merchant))
    order = make_order(cast.a, "10.00")
    content = make_content(cast.account, [order], transfer={"reference_raw": "900000001"})
    ticket = make_report(cast.alice, content)
    report = PaymentReport.objects.get(ticket=ticket)
    transfer = report.transfers.get()
    line = enter_line(
        merchant=cast.merchant, account_id=cast.account.pk, booked_on=transfer.paid_on, amount=Decimal("10.00"),
        reference="900000001", reason="-", by=cast.ada,
    )  # fmt: skip
    count = size - 1
    first = {model: greatest(model) for model in (Order, Ticket, HelpdeskTicket, PaymentReport, Transfer)}
    amount = "(10 + n % 97)"
    reference = "(900000001 + n * 7919)::text"
    day = f"DATE '{transfer.paid_on}' - (n % 20)::int"
    multiply(Order, order.pk, count, number="'B-' || n", subtotal=amount, total=amount)
    # The balance has the order's key.
    multiply(OrderBalance, order.pk, count, order_id=f"{first[Order]} + n", total=amount)
    multiply(Ticket, ticket.pk, count, number="'B-' || n")
    multiply(HelpdeskTicket, ticket.conversation.helpdesk_ticket_id, count, secret_key="md5(n::text)")
    multiply(
        Conversation, ticket.conversation.pk, count, number="'B-' || n", ticket_id=f"{first[Ticket]} + n",
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
    multiply(
        StatementLine, line.pk, count, amount=amount, reference=reference, reference_raw=reference, booked_on=day,
        identity="md5(n::text) || md5(n::text)",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def _by_hand(cast: Cast, tickets: list[Ticket]) -> None:
    """A line at a time, as a program without the runs would do it: candidates of one ticket, the best of them settled."""
    system = Actor.system(cast.merchant)
    reader = cast.carol
    for ticket in tickets:
        best = candidates_for(reader, ticket)[0]
        choice = MatchChoice(transfer_id=best.transfer.pk, line_id=best.line.pk)
        verify_report(ticket_id=ticket.pk, choices=[choice], by=system)


def measure(size: int = SIZE) -> list[Row]:
    """Medians of `ROUNDS` for matching; settling is done once, for it uses its rows up."""
    cast = furnish(size)

    def join() -> None:
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [cast.merchant.pk])
            assert cursor.fetchone()[0] >= size

    def match() -> None:
        propose_matches(merchant=cast.merchant, account_id=cast.account.pk, by=cast.carol)

    joined = statistics.median(spent(join) for _ in range(ROUNDS))
    matched = statistics.median(spent(match) for _ in range(ROUNDS))
    few = list(Ticket.objects.filter(merchant=cast.merchant, state=State.SUBMITTED).order_by("pk")[:BY_HAND])
    hand = spent(lambda: _by_hand(cast, few)) / len(few)
    match()
    run = MatchRun.objects.filter(merchant=cast.merchant).latest("pk")
    certain = list(Proposal.objects.filter(run=run, is_automatic=True, state="open").order_by("pk").values_list("pk", flat=True))
    settled = spent(lambda: accept_proposals(proposal_ids=certain, by=cast.carol))
    done = Settlement.objects.filter(merchant=cast.merchant).count() - len(few)
    both = (matched / size) + (settled / max(1, done))
    return [
        Row("lines and reports", size, ""),
        Row("count of the exact join", joined, "s cpu"),
        Row("matching, proposals stored", matched, "s cpu"),
        Row("  certain of 100", 100 * len(certain) / size, "%"),
        Row("  against the join", matched / joined, "×", "≤ 15", matched / joined <= 15),
        Row(f"settling {done} of them in bulk", settled, "s cpu"),
        Row("  against matching as many", settled / matched * size / max(1, done), "×", "≤ 5", settled / matched <= 5),
        Row("through the ORM, a line at a time", hand * 1000, "ms cpu/line"),
        Row("in a run: matched", matched / size * 1000, "ms cpu/line"),
        Row("  better than a line at a time", hand / (matched / size), "×", "≥ 200", hand >= 200 * matched / size),
        Row("in a run: matched and settled", both * 1000, "ms cpu/line"),
        Row("  better than a line at a time", hand / both, "×", "≥ 50", hand >= 50 * both),
    ]
