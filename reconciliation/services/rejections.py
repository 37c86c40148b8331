"""Rows of a file that ask for a person: corrected by hand, ignored with a reason, or said to be known or another movement.

While the file is a preview a decision is only kept; it takes effect when the file is brought in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.selectors import actor_of
from banking.models import ReceivingAccount
from banking.references import normalize_reference
from reconciliation.closed import require_open
from reconciliation.importing.staging import staged_of_values
from reconciliation.models import LineConfirmation, RejectedLine, StatementImport, StatementLine
from reconciliation.resuming import resume_soon
from reconciliation.services.lines import enter_line

Outcome, Kind, State = RejectedLine.Outcome, RejectedLine.Kind, StatementImport.State
DECIDABLE = (State.HELD, State.PREVIEW, State.DONE)
# Doubts whose answer "the same" ties the row to the movement, so that it is known from then on.
TIED = ("held", "printed_otherwise")
TEXTS = ("reference", "text", "payer_name", "payer_id", "origin_bank_code")
LONGEST_REASON = 200


def correct_rejected(
    *, rejected_id: int, booked_on: dt.date, amount: Decimal, texts: Mapping[str, str], by: Actor
) -> RejectedLine:
    """Write by hand what a row that could not be read says. `amount` is signed; `texts` as those of `enter_line`.

    Raises what `enter_line` raises, `Http404`, and `Stale(wrong_state)` when somebody decided it already.
    """
    by.require(by.can_decide)
    with transaction.atomic():
        row = _locked(rejected_id, by, Kind.REJECTED)
        row.values = {
            "booked_on": booked_on.isoformat(),
            "amount": str(amount),
            **{name: str(texts.get(name, "")) for name in TEXTS},
        }
        return _decide(row, Outcome.CORRECTED, "", by)


def ignore_rejected(*, rejected_id: int, reason: str, by: Actor) -> RejectedLine:
    """Say that a row is no movement, or none of ours, with a reason. Raises `Refused(reason_required)`, `Stale`, `Http404`."""
    by.require(by.can_decide)
    reason = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
    if not reason:
        raise Refused(_("Write why this row is left out."), code="reason_required", fields=("reason",))
    with transaction.atomic():
        return _decide(_locked(rejected_id, by), Outcome.IGNORED, reason, by)


def decide_held(*, rejected_id: int, is_same: bool, by: Actor) -> RejectedLine:
    """Say of a held row whether it is the movement that it looks like, or another one. Raises `Stale`, `Http404`, `Refused`."""
    by.require(by.can_decide)
    with transaction.atomic():
        return _decide(_locked(rejected_id, by, Kind.HELD), Outcome.SAME if is_same else Outcome.OTHER, "", by)


def apply_decisions(made: StatementImport, account: ReceivingAccount) -> None:
    """Let what was decided in the preview take effect; what can no longer be done is open again. In the importing transaction."""
    decided = RejectedLine.objects.filter(statement_import=made, line__isnull=True).exclude(outcome__in=("", Outcome.IGNORED))
    for row in decided.select_related("decided_by", "like_line"):
        by = actor_of(row.decided_by, made.merchant) if row.decided_by else None
        try:
            if by is None:
                raise NotAllowed
            with transaction.atomic():
                _apply(row, account, by)
                row.save()
        except (Refused, NotAllowed):
            RejectedLine.objects.filter(pk=row.pk).update(outcome="", decided_by=None, decided_at=None)


def _decide(row: RejectedLine, outcome: RejectedLine.Outcome, reason: str, by: Actor) -> RejectedLine:
    row.outcome, row.reason, row.decided_by, row.decided_at = outcome, reason, by.user, timezone.now()
    account = row.statement_import.account
    if row.statement_import.state == State.DONE and account is not None:
        _apply(row, account, by)
    row.save()
    return row


def _apply(row: RejectedLine, account: ReceivingAccount, by: Actor) -> None:
    """Make the line, or tie the row to the one that it is."""
    ReceivingAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if row.outcome == Outcome.CORRECTED:
        where = {"number": row.number, "file": row.statement_import.file_name[:120]}
        row.line = enter_line(
            merchant=account.merchant,
            account_id=account.pk,
            booked_on=dt.date.fromisoformat(row.values["booked_on"]),
            amount=Decimal(row.values["amount"]),
            **{name: row.values[name] for name in TEXTS},
            reason=_("Row %(number)d of %(file)s, corrected") % where,
            corrects=row,
            by=by,
        )
    elif row.outcome == Outcome.OTHER:
        row.line = _line_of(row, account)
        resume_soon(account)
    elif row.outcome == Outcome.SAME and row.code in TIED and row.like_line is not None:
        _tie(row, row.like_line)


def _tie(row: RejectedLine, line: StatementLine) -> None:
    """The row is that line: known from now on."""
    key = {"account_id": line.account_id, "identity": row.digest, "ordinal": row.ordinal}
    if hasattr(line, "confirmation") or LineConfirmation.objects.filter(**key).exists():
        return
    LineConfirmation.objects.create(line=line, merchant_id=line.merchant_id, statement_import=row.statement_import, **key)


def _line_of(row: RejectedLine, account: ReceivingAccount) -> StatementLine:
    """A held row as a movement of its own, with the next number among its twins."""
    staged = staged_of_values(row.number, row.values)
    read = staged.row
    require_open(account.merchant, read.booked_on)
    lines = StatementLine.objects.filter(booked_on=read.booked_on)
    taken = [
        rows.filter(account=account, identity=staged.identity).aggregate(last=Max("ordinal"))["last"]
        for rows in (lines, LineConfirmation.objects.all())
    ]
    return StatementLine.objects.create(
        merchant_id=account.merchant_id,
        account=account,
        statement_import=row.statement_import,
        source=StatementLine.Source.IMPORT,
        line_number=row.number,
        booked_on=read.booked_on,
        amount=read.amount,
        currency=account.currency,
        reference_raw=read.reference[:80],
        reference=normalize_reference(read.reference)[:80],
        text=read.text[:500],
        payer_name=read.payer_name[:200],
        payer_id=read.payer_id[:30],
        origin_bank_code=read.origin_bank[:10],
        balance_after=read.balance,
        identity=staged.identity,
        ordinal=max((last + 1 for last in taken if last is not None), default=0),
    )


def _locked(rejected_id: int, by: Actor, kind: str = "") -> RejectedLine:
    """The row under the lock of its import, still open."""
    import_id = RejectedLine.objects.filter(merchant=by.merchant, pk=rejected_id).values_list("statement_import_id").first()
    if import_id is None:
        raise Http404
    made = StatementImport.objects.select_for_update(no_key=True).get(pk=import_id[0])
    row = RejectedLine.objects.select_related("statement_import__account__merchant", "like_line").get(pk=rejected_id)
    if kind and row.kind != kind:
        raise Http404
    if made.state not in DECIDABLE or row.outcome:
        raise Stale(_("This row has been decided already."), code="wrong_state")
    return row
