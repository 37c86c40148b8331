"""Movements of the bank: entered by hand with a reason, or from a file. A file sent twice adds nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from accounts.models import Merchant
from banking.models import ReceivingAccount
from banking.money import AMOUNT_LIMIT, quantize
from banking.references import normalize_reference
from orders.dates import today_at
from reconciliation.adoption import Numbered, adopt
from reconciliation.closed import require_open
from reconciliation.models import LineConfirmation, StatementImport, StatementLine
from reconciliation.resuming import resume_soon
from reconciliation.statements import simple_csv
from reconciliation.statements.rows import Row, StatementRejected
from reconciliation.words import rejection_of_file

BATCH = 2000
OLDEST_YEAR = 2000
LONGEST = {
    "reference_raw": 80,
    "text": 500,
    "payer_name": 200,
    "payer_id": 30,
    "origin_bank_code": 10,
    "entry_reason": 200,
}


def enter_line(
    *,
    merchant: Merchant,
    account_id: int,
    booked_on: dt.date,
    amount: Decimal,
    reference: str = "",
    text: str = "",
    payer_name: str = "",
    payer_id: str = "",
    origin_bank_code: str = "",
    reason: str,
    source: str = StatementLine.Source.MANUAL,
    by: Actor,
) -> StatementLine:
    """Enter one movement that no file brought. `amount` is signed, in the account's currency.

    By a person of accounting. Raises `NotAllowed`, `Http404`, `Refused`: `reason_required`, `amount_invalid`, `date_invalid`,
    `source_invalid`, `too_long`, `period_closed`, and `line_known` when the account has this movement already.
    """
    by.require(by.can_decide)
    account = _account(merchant, account_id, by)
    reason = reason.strip()
    _refuse_bad_line(account, booked_on, amount, reason, source, by)
    texts = {
        "reference_raw": reference.strip(),
        "text": text.strip(),
        "payer_name": payer_name.strip(),
        "payer_id": payer_id.strip(),
        "origin_bank_code": origin_bank_code.strip(),
        "entry_reason": reason,
    }
    for name, value in texts.items():
        if "\x00" in value or len(value) > LONGEST[name]:
            raise Refused(_("One of the texts is too long."), code="too_long", fields=(name,))
    normal = normalize_reference(reference)
    known = StatementLine.objects.filter(account=account, booked_on=booked_on, amount=amount)
    known = known.filter(reference=normal) if normal else known.filter(reference="", text=texts["text"])
    identity = "\x1f".join(("hand", booked_on.isoformat(), f"{amount:.4f}", normal or texts["text"]))
    try:
        with transaction.atomic():
            # A file that holds this very movement is either all in, and seen below, or waits and will see this line.
            _lock(account)
            require_open(merchant, booked_on)
            if known.exists():
                raise Refused(_known_sentence(), code="line_known")
            line = StatementLine.objects.create(
                merchant=merchant,
                account=account,
                source=source,
                booked_on=booked_on,
                amount=amount,
                currency=account.currency,
                reference=normal,
                identity=hashlib.sha256(identity.encode()).hexdigest(),
                entered_by=by.user,
                **texts,
            )
            resume_soon(account)
            return line
    except IntegrityError as error:
        # Somebody else entered the same a moment ago: the UNIQUE decides.
        if "statementline_once" not in str(error):
            raise
        raise Refused(_known_sentence(), code="line_known") from error


def import_simple_csv(*, merchant: Merchant, account_id: int, file_name: str, content: bytes, by: Actor) -> StatementImport:
    """Bring in the house's own CSV layout. Good rows are kept, bad ones listed in `rejected`: `line`, `code`, `column`, `raw`.

    A row that is a line typed by hand confirms it and is known; one that may be one is held, and listed in `rejected` too.
    `lines_new + lines_known + len(rejected)` is what the file holds. Raises `Refused(statement_rejected)` for a file that
    cannot be read at all, `NotAllowed`, `Http404`.
    """
    by.require(by.can_decide)
    account = _account(merchant, account_id, by)
    try:
        statement = simple_csv.parse(content, account.currency)
    except StatementRejected as error:
        raise Refused(rejection_of_file(error.code, error.detail), code="statement_rejected", fields=("file",)) from error
    with transaction.atomic():
        # One import at a time for an account, so that what is new can be counted and two never wait for each other crosswise.
        _lock(account)
        numbered = statement.with_ordinals()
        known = _known_among(account, {row.identity for row, _ordinal in numbered})
        unknown = [(row, ordinal) for row, ordinal in numbered if (row.identity, ordinal) not in known]
        adopted, held, fresh = adopt(account, unknown)
        if fresh:
            require_open(merchant, min(row.booked_on for row, _ordinal in fresh))
        rejected = [{"line": row.number, "code": row.code, "column": row.column, "raw": row.raw} for row in statement.rejected]
        rejected += [_held(row, hand) for (row, _ordinal), hand in held]
        made = StatementImport.objects.create(
            merchant=merchant,
            account=account,
            file_name=file_name.replace("\x00", "")[-200:] or "-",
            sha256=hashlib.sha256(content).hexdigest(),
            lines_new=len(fresh),
            lines_known=len(numbered) - len(fresh) - len(held),
            rejected=sorted(rejected, key=lambda row: row["line"]),
            created_by=by.user,
        )
        LineConfirmation.objects.bulk_create((_confirmation(made, hand, each) for each, hand in adopted), batch_size=BATCH)
        StatementLine.objects.bulk_create((_line(made, account, row, ordinal) for row, ordinal in fresh), batch_size=BATCH)
        if fresh:
            resume_soon(account)
        return made


def _known_sentence() -> str:
    return _("This account has a movement of that date, amount and reference already.")


def _lock(account: ReceivingAccount) -> None:
    ReceivingAccount.objects.select_for_update(no_key=True).get(pk=account.pk)


def _account(merchant: Merchant, account_id: int, by: Actor) -> ReceivingAccount:
    found = ReceivingAccount.objects.filter(merchant=by.merchant, pk=account_id).first()
    if found is None or merchant.pk != by.merchant.pk:
        raise Http404
    return found


def _refuse_bad_line(account: ReceivingAccount, booked_on: dt.date, amount: Decimal, reason: str, source: str, by: Actor) -> None:
    if by.user is None:
        raise NotAllowed
    if source not in (StatementLine.Source.MANUAL, StatementLine.Source.CASH):
        raise Refused(_("A movement is entered by hand or at the cash desk."), code="source_invalid")
    if not reason:
        raise Refused(_("Write why this movement is entered by hand."), code="reason_required", fields=("reason",))
    if not amount.is_finite() or amount == 0 or abs(amount) >= AMOUNT_LIMIT or amount != quantize(amount, account.currency):
        raise Refused(_("The amount must not be zero, and in whole cents."), code="amount_invalid", fields=("amount",))
    if booked_on.year < OLDEST_YEAR:
        raise Refused(_("The date of a movement cannot lie before the year 2000."), code="date_invalid", fields=("booked_on",))
    if booked_on > today_at(by.merchant):
        raise Refused(_("The date of a movement cannot lie in the future."), code="date_invalid", fields=("booked_on",))


def _known_among(account: ReceivingAccount, identities: set[str]) -> set[tuple[str, int]]:
    """Rows of earlier files: those that became lines, and those that confirmed one."""
    lines = StatementLine.objects.filter(account=account, identity__in=identities).values_list("identity", "ordinal")
    confirmations = LineConfirmation.objects.filter(account=account, identity__in=identities).values_list("identity", "ordinal")
    return set(lines.union(confirmations))


def _confirmation(made: StatementImport, hand: StatementLine, each: Numbered) -> LineConfirmation:
    row, ordinal = each
    return LineConfirmation(
        line=hand,
        merchant_id=hand.merchant_id,
        account_id=hand.account_id,
        statement_import=made,
        identity=row.identity,
        ordinal=ordinal,
    )


def _held(row: Row, hand: StatementLine) -> dict[str, Any]:
    """A row that a person must look at, as `rejected` lists it."""
    raw = " · ".join(filter(None, (row.booked_on.isoformat(), str(row.amount), row.reference, row.text)))
    return {"line": row.number, "code": "held", "column": "", "raw": raw, "line_id": hand.pk, "date": hand.booked_on.isoformat()}


def _line(made: StatementImport, account: ReceivingAccount, row: Row, ordinal: int) -> StatementLine:
    return StatementLine(
        merchant_id=account.merchant_id,
        account=account,
        statement_import=made,
        source=StatementLine.Source.IMPORT,
        line_number=row.number,
        booked_on=row.booked_on,
        amount=row.amount,
        currency=account.currency,
        reference_raw=row.reference,
        reference=normalize_reference(row.reference),
        text=row.text,
        payer_name=row.payer_name,
        payer_id=row.payer_id,
        origin_bank_code=row.origin_bank,
        balance_after=row.balance,
        identity=row.identity,
        ordinal=ordinal,
    )
