"""Movements of the bank that no file brought: entered by hand, with a reason."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

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
from reconciliation.closed import require_open
from reconciliation.models import RejectedLine, StatementLine
from reconciliation.resuming import resume_soon

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
    is_another: bool = False,
    corrects: RejectedLine | None = None,
    by: Actor,
) -> StatementLine:
    """Enter one movement that no file brought, or (`corrects`) a row of one that could not be read. `amount` is signed, in the
    account's currency.

    By a person of accounting. Raises `NotAllowed`, `Http404`, `Refused`: `reason_required`, `amount_invalid`, `date_invalid`,
    `source_invalid`, `too_long`, `period_closed`, `line_known` when the account has this movement already, and `line_maybe_known`
    when it has one of that date and amount and a blank reference leaves open which (unless a person says that it `is_another`).
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
            if source == StatementLine.Source.MANUAL and not (is_another or corrects):
                _refuse_what_may_be_known(account, booked_on, amount, normal)
            line = StatementLine.objects.create(
                merchant=merchant,
                account=account,
                statement_import_id=corrects.statement_import_id if corrects else None,
                line_number=corrects.number if corrects else 1,
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


def _known_sentence() -> str:
    return _("This account has a movement of that date, amount and reference already.")


def _refuse_what_may_be_known(account: ReceivingAccount, booked_on: dt.date, amount: Decimal, reference: str) -> None:
    """Blank never equals blank, and it tells nothing apart either: one deposit must not become two lines by lacking a number."""
    alike = StatementLine.objects.filter(account=account, booked_on=booked_on, amount=amount)
    if reference:
        alike = alike.filter(reference="")
    found = alike.order_by("pk").first()
    if found is not None:
        raise Refused(
            _("This account has a movement of that date and amount already: %(text)s. If this is another one, tick it below.")
            % {"text": " ".join(filter(None, (found.reference_raw, found.text)))[:80] or _("without reference")},
            code="line_maybe_known",
            fields=("is_another",),
        )


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
