"""Matching and settling: proposals against the bare join in the same database, bulk acceptance against matching, and all of it
from the bank's file to the paid order against the same done through the ORM, a line at a time.

Everything is measured on processor time of this process, its children and the database's process together.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import statistics
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from banking.references import normalize_reference
from reconciliation.candidates import candidates_for
from reconciliation.models import MatchRun, Proposal, Settlement, StatementLine
from reconciliation.services import MatchChoice, accept_proposals, import_statement, propose_matches, verify_report
from reports.models import Transfer
from tests.bench.months import file_of, furnish, spent, with_children_s
from tests.bench.timing import Row
from tests.cast import Cast
from tickets.models import State, Ticket

BY_HAND = 40
ROUNDS = 3
JOIN = """
SELECT count(*) FROM reports_transfer t JOIN reconciliation_statementline l
    ON l.account_id = t.account_id AND l.reference = t.reference AND l.amount = t.amount
 WHERE t.merchant_id = %s
"""


def match(cast: Cast) -> None:
    """One run over the account, its proposals stored."""
    propose_matches(merchant=cast.merchant, account_id=cast.account.pk, by=cast.carol)


def certain_of(cast: Cast) -> list[int]:
    """Automatic proposals of the newest run."""
    run = MatchRun.objects.filter(merchant=cast.merchant).latest("pk")
    return list(Proposal.objects.filter(run=run, is_automatic=True, state="open").order_by("pk").values_list("pk", flat=True))


def measure_matching(size: int = 100_000) -> list[Row]:
    """A run against the count of the exact join, medians of `ROUNDS` each, in turns."""
    cast = furnish(size)

    def join() -> None:
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [cast.merchant.pk])
            assert cursor.fetchone()[0] >= size

    both = [(spent(join), spent(lambda: match(cast))) for _ in range(ROUNDS)]
    joined, matched = (statistics.median(each) for each in zip(*both, strict=True))
    return [
        Row("lines and reports", size, ""),
        Row("count of the exact join", joined, "s cpu"),
        Row("matching, proposals stored", matched, "s cpu"),
        Row("  certain of 100", 100 * len(certain_of(cast)) / size, "%"),
        Row("  against the join", matched / joined, "×", "≤ 15", matched / joined <= 15),
    ]


def measure_settling(size: int = 10_000) -> list[Row]:
    """Settling what a run found against that run: medians for the run; settling is done once, for it uses its rows up.

    The program settles what is certain by itself; a person takes each ticket up first, and is named with all that is written.
    """
    cast = furnish(size)
    few = list(Ticket.objects.filter(merchant=cast.merchant, state=State.SUBMITTED).order_by("pk")[:BY_HAND])
    hand = spent(lambda: _settle_by_hand(cast, few)) / len(few)
    matched, settled, done = _match_and_settle(cast, cast.carol)
    own = furnish(size)
    matched_own, settled_own, done_own = _match_and_settle(own, Actor.system(own.merchant))
    ratio, ratio_own = settled / done / (matched / size), settled_own / done_own / (matched_own / size)
    return [
        Row("lines and reports", size, ""),
        Row("matched and settled through the ORM, a report at a time", hand * 1000, "ms cpu/line"),
        Row("in a run: matched", matched / size * 1000, "ms cpu/line"),
        Row("  better than a report at a time", hand / (matched / size), "×", "≥ 200", hand >= 200 * matched / size),
        Row("settling them in bulk, by the program", settled_own / done_own * 1000, "ms cpu/line"),
        Row("  against matching as many", ratio_own, "×", "≤ 5", ratio_own <= 5),
        Row("settling them in bulk, by a person", settled / done * 1000, "ms cpu/line"),
        Row("  against matching as many", ratio, "×", "≤ 5", ratio <= 5),
    ]


def _match_and_settle(cast: Cast, by: Actor) -> tuple[float, float, int]:
    """Seconds of a run (a median), seconds of settling all that is certain in it, and how many those are."""
    matched = statistics.median(spent(lambda: match(cast)) for _ in range(ROUNDS))
    certain = certain_of(cast)
    before = Settlement.objects.filter(merchant=cast.merchant).count()
    settled = spent(lambda: accept_proposals(proposal_ids=certain, by=by))
    done = Settlement.objects.filter(merchant=cast.merchant).count() - before
    assert done == len(certain)
    return matched, settled, done


def _settle_by_hand(cast: Cast, tickets: Sequence[Ticket]) -> None:
    """A report at a time, as a program without the runs would do it: candidates of one ticket, the best of them settled."""
    for ticket in tickets:
        best = candidates_for(cast.carol, ticket)[0]
        choice = MatchChoice(transfer_id=best.transfer.pk, line_id=best.line.pk)
        verify_report(ticket_id=ticket.pk, choices=[choice], by=Actor.system(cast.merchant))


def measure_ends(size: int = 1_000, *, goal: int = 50, sample: int = BY_HAND) -> list[Row]:
    """From the bank's file to paid orders, against the same a line at a time: `sample` lines of it, settled before the rest."""
    cast = furnish(size, lines=False)
    content = file_of(cast)
    lines = content.decode().splitlines()
    few = ["\n".join([lines[0], line]) for line in lines[1 : 1 + sample]]
    with CaptureQueriesContext(connection) as asked:
        hand = spent(lambda: [_line_by_hand(cast, each) for each in few]) / sample
    by_hand = len(asked) / sample
    rest = "\n".join([lines[0], *lines[1 + sample :]]).encode()
    start, marks = with_children_s(), []
    with CaptureQueriesContext(connection) as asked:
        import_statement(
            merchant=cast.merchant, account_id=cast.account.pk, file_name="b.csv", content=rest, profile=None, by=cast.carol
        )
        marks.append(with_children_s())
        match(cast)
        marks.append(with_children_s())
        accept_proposals(proposal_ids=certain_of(cast), by=cast.carol)
        marks.append(with_children_s())
    done = Settlement.objects.filter(merchant=cast.merchant).count() - sample
    assert done >= 0.95 * (size - sample)
    whole = (marks[-1] - start) / done
    steps = [(after - before) / (size - sample) * 1000 for before, after in zip([start, *marks], marks, strict=False)]
    return [
        Row("lines of the bank's file", size, ""),
        Row(f"a line at a time through the ORM ({sample} of them)", hand * 1000, "ms cpu/line"),
        Row("  statements", by_hand, "a line"),
        Row("imported, matched and settled", whole * 1000, "ms cpu/line"),
        *(Row(f"  of it: {name}", step, "ms cpu/line") for name, step in zip(("import", "match", "settle"), steps, strict=True)),
        Row("  statements", len(asked) / done, "a line"),
        Row("  better than a line at a time", hand / whole, "×", f"≥ {goal}", hand / whole >= goal),
    ]


def _line_by_hand(cast: Cast, text: str) -> None:
    """One row of the file, as a job without any of our columns would do it: read, kept unless known, looked for, settled."""
    row = next(csv.DictReader(io.StringIO(text)))
    amount, day = Decimal(row["amount"]), dt.date.fromisoformat(row["date"])
    reference = normalize_reference(row["reference"])
    with transaction.atomic():
        known = StatementLine.objects.filter(account=cast.account, booked_on=day, amount=amount, reference=reference)
        if known.exists():
            return
        line = StatementLine.objects.create(
            merchant=cast.merchant, account=cast.account, source="import", booked_on=day, amount=amount,
            currency=cast.account.currency, reference=reference, reference_raw=row["reference"], text=row["text"],
            identity=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip
        transfer = Transfer.objects.select_related("report__ticket").get(
            account=cast.account, reference=reference, amount=amount, until_revision__isnull=True
        )
        choice = MatchChoice(transfer_id=transfer.pk, line_id=line.pk)
        ticket_id = transfer.report.ticket_id
        verify_report(ticket_id=ticket_id, choices=[choice], by=Actor.system(cast.merchant))
