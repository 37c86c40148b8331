"""Take what was read of a file: count it for the preview, or bring it in. One transaction, a constant number of statements."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from banking.models import ReceivingAccount
from reconciliation.copying import copy_rows
from reconciliation.importing import staging
from reconciliation.importing.facts import facts_of, neighbours_of, period_of
from reconciliation.importing.sorting import HeldRow, Sorted, sort_incoming
from reconciliation.importing.staging import Staged, values_of
from reconciliation.models import RejectedLine, StatementImport
from reconciliation.resuming import resume_soon
from reconciliation.statements.rows import Problem, RejectedRow, Statement

State = StatementImport.State

# In the file's order, which is the one that they were staged in: a row that is still new was never written again.
NEW_LINES = """
INSERT INTO reconciliation_statementline
    (merchant_id, account_id, statement_import_id, source, line_number, booked_on, amount, currency, reference_raw, reference,
     text, payer_name, payer_id, origin_bank_code, balance_after, identity, ordinal, entry_reason, created_at)
SELECT %(merchant)s, %(account)s, %(import)s, 'import', number, booked_on, amount, %(currency)s, reference_raw, reference,
       text, payer_name, payer_id, origin_bank, balance, identity, ordinal, '', %(now)s
  FROM incoming WHERE fate = 'new'
"""
# Whoever matches these lines, or takes them back, asks a moment later: the planner must know by then that they are there.
LEARN = """
ANALYZE reconciliation_statementline (id, merchant_id, account_id, statement_import_id, amount, booked_on),
        reconciliation_linebalance (line_id, merchant_id)
"""
MANY = 5000
CONFIRMED = ("line_id", "merchant_id", "account_id", "statement_import_id", "identity", "ordinal")
ASKED = (
    "merchant_id", "statement_import_id", "kind", "number", "code", "column", "raw", "digest", "ordinal", "values",
    "like_line_id", "outcome", "reason",
)  # fmt: skip
LONGEST_RAW = 400
SETTLED_BEFORE = (RejectedLine.Outcome.CORRECTED, RejectedLine.Outcome.IGNORED)


def take(made: StatementImport, account: ReceivingAccount, statement: Statement, *, writes: bool) -> None:
    """Sort the rows against the account and store what came out; with `writes` the new lines too.

    Inside a transaction that holds the import, and with `writes` the account. The caller sets the state and saves.
    """
    rows = staging.with_identities(statement)
    staging.stage(rows)
    try:
        decided = _decided_before(made, rows)
        staging.take_out(decided)
        period = period_of(statement)
        found = sort_incoming(account, rows, period=period, is_same_file=made.same_as_id is not None)
        rejected, settled = _rejected_rows(made, account, statement.rejected)
        _ask(made, rejected, found.held)
        if writes:
            _write(made, account, found)
    finally:
        if not connection.needs_rollback:
            staging.unstage()
    made.first_day, made.last_day = period
    made.opening, made.closing = statement.opening, statement.closing
    made.lines_new = found.new
    made.lines_known = found.known + settled
    made.lines_confirming = len(found.confirming)
    made.lines_held = len(found.held) + len(decided)
    made.lines_rejected = len(statement.rejected) - settled
    made.lines_in_file = len(rows) + len(statement.rejected)
    first, last = period
    before, shared = neighbours_of(account, first, last) if first and last else (None, [])
    made.facts, more = facts_of(statement, made.lines_known, before, [each for each in shared if each.pk != made.pk])
    made.problems = [
        {"code": each.code, "expected": each.expected, "found": each.found, "line": each.line}
        for each in (*statement.problems, *more, *_elsewhere(made, account))
    ]


def _elsewhere(made: StatementImport, account: ReceivingAccount) -> list[Problem]:
    """The very same file stands in another account: a statement is of one, and a deposit must not count in both."""
    twins = StatementImport.objects.filter(merchant=account.merchant_id, sha256=made.sha256, state=StatementImport.State.DONE)
    twin = twins.exclude(account=account).select_related("account__bank").order_by("pk").first()
    return [] if twin is None else [Problem(code="elsewhere", found=str(twin.account))]


def _decided_before(made: StatementImport, rows: Sequence[Staged]) -> list[int]:
    """Positions of held rows of this import that a person decided while it was a preview."""
    decided = set(
        RejectedLine.objects.filter(statement_import=made, kind=RejectedLine.Kind.HELD)
        .exclude(outcome="")
        .values_list("digest", "ordinal")
    )
    return [staged.position for staged in rows if (staged.identity, staged.ordinal) in decided] if decided else []


def _write(made: StatementImport, account: ReceivingAccount, found: Sorted) -> None:
    params: dict[str, Any] = {
        "merchant": account.merchant_id,
        "account": account.pk,
        "import": made.pk,
        "currency": account.currency,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEW_LINES, params)
        if found.new > MANY:
            cursor.execute(LEARN)
    copy_rows(
        "reconciliation_lineconfirmation",
        CONFIRMED,
        ((hand, account.merchant_id, account.pk, made.pk, staged.identity, staged.ordinal) for staged, hand in found.confirming),
    )
    if found.new:
        resume_soon(account)


def _rejected_rows(
    made: StatementImport, account: ReceivingAccount, rows: Sequence[RejectedRow]
) -> tuple[list[tuple[RejectedRow, str, int]], int]:
    """Rows that could not be read, with what finds them again; and how many of the file's a person has settled before."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        digest = digest_of_raw(row.raw)
        found.append((row, digest, seen[digest]))
        seen[digest] += 1
    if not found:
        return [], 0
    settled = set(
        RejectedLine.objects.filter(
            merchant_id=made.merchant_id,
            statement_import__account=account,
            statement_import__state=State.DONE,
            kind=RejectedLine.Kind.REJECTED,
            outcome__in=SETTLED_BEFORE,
            digest__in=list(seen),
        )
        .exclude(statement_import=made)
        .values_list("digest", "ordinal")
    )
    left = [each for each in found if (each[1], each[2]) not in settled]
    return left, len(found) - len(left)


def digest_of_raw(raw: str) -> str:
    """What finds a row that could not be read again in another file of the account."""
    return hashlib.sha256(("raw\x1f" + raw).encode()).hexdigest()


def _ask(made: StatementImport, rejected: Sequence[tuple[RejectedRow, str, int]], held: Sequence[HeldRow]) -> None:
    """Store the rows for a person, in place of those of an earlier reading that nobody has decided."""
    RejectedLine.objects.filter(statement_import=made, outcome="").delete()
    decided = set(RejectedLine.objects.filter(statement_import=made).values_list("kind", "digest", "ordinal"))
    rows = [
        _row(made, "rejected", row.number, row.code, row.column, row.raw, digest, ordinal, {}, None)
        for row, digest, ordinal in rejected
        if ("rejected", digest, ordinal) not in decided
    ]
    for each in held:
        row, values = each.staged.row, values_of(each.staged)
        if each.day:
            values["day"] = each.day.isoformat()
        raw = " · ".join(filter(None, (row.booked_on.isoformat(), f"{row.amount:f}", row.reference, row.text)))
        rows.append(
            _row(
                made, "held", row.number, each.code, "", raw, each.staged.identity, each.staged.ordinal, values, each.like_line_id
            )
        )
    if rows:
        copy_rows("reconciliation_rejectedline", ASKED, rows)


def _row(
    made: StatementImport,
    kind: str,
    number: int,
    code: str,
    column: str,
    raw: str,
    digest: str,
    ordinal: int,
    values: dict[str, Any],
    like_line_id: int | None,
) -> tuple[Any, ...]:
    clean = raw.replace("\x00", "")[:LONGEST_RAW]
    data = json.dumps(values, ensure_ascii=False).replace("\\u0000", "")
    return (
        made.merchant_id, made.pk, kind, number, code[:30], column[:30], clean, digest, ordinal, data, like_line_id, "", "",
    )  # fmt: skip


def is_all_known(made: StatementImport) -> bool:
    """Whether there is nothing to write and nothing to decide: the file only repeats what stands."""
    return made.lines_known > 0 and not (made.lines_new or made.lines_confirming or made.lines_held or made.lines_rejected)
