"""Files of the bank in every state that an act asks for. Read without a child, as the program's own bytes, to save time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.actors import Actor
from accounts.models import Merchant
from banking.models import ReceivingAccount
from reconciliation import services as money
from reconciliation.models import RejectedLine, StatementImport
from tests.own_sheet import bring_own_sheet


def files_of(merchant: Merchant, account: ReceivingAccount, day: dt.date, by: Actor) -> dict[str, StatementImport]:
    """`held`, `preview` (with a row that cannot be read), `ready` (asks nothing) and `asking`; their texts are canaries."""
    # First, for what waits is read again when another file comes in.
    _decide_odd_rows(merchant, account, day, by)
    word = f"zq{merchant.slug}"
    head = "date,amount,reference,text,balance\n"
    odd = f"{day},41.00,5577{merchant.pk},{word},141.00\n{day},42.00,5578{merchant.pk},{word},190.00\n{day},abc,1,{word},200.00\n"
    broken = f"{day},43.00,5579{merchant.pk},{word},143.00\n{day},44.00,5580{merchant.pk},{word},180.00\n"
    held, preview = (
        money.import_statement(
            merchant=merchant, account_id=account.pk, file_name=f"{word}.csv", content=(head + rows).encode(), profile=None,
            is_trusted=True, by=by,
        )
        for rows in (broken, odd)
    )  # fmt: skip
    assert (held.state, preview.state) == ("held", "held"), (held.state, preview.problems)
    money.release_held(import_id=preview.pk, note=word, by=by)
    asking = money.receive_statement(
        merchant=merchant, account_id=None, file_name=f"{word}.csv", content=(head + odd + "\n").encode(), by=by
    )
    money.fetch_original(import_id=held.pk, by=by)
    return {"held": held, "preview": preview, "ready": _ready(merchant, account, by), "asking": asking}


def _ready(merchant: Merchant, account: ReceivingAccount, by: Actor) -> StatementImport:
    """A preview that asks nothing, of no days that another file has; as its reading would have left it."""
    made = money.receive_statement(
        merchant=merchant, account_id=account.pk, file_name=f"zq{merchant.slug}.csv", content=b"date,amount,reference,text\n",
        by=by,
    )  # fmt: skip
    made.state = StatementImport.State.PREVIEW
    made.save()
    return made


def _decide_odd_rows(merchant: Merchant, account: ReceivingAccount, day: dt.date, by: Actor) -> None:
    """A file with a row that was corrected by hand, and one that waits because it looks like a line typed by hand."""
    word = f"zq{merchant.slug}"
    money.enter_line(
        merchant=merchant, account_id=account.pk, booked_on=day, amount=Decimal("45.00"), reference=f"558100{merchant.pk}",
        text=word, reason=word, by=by,
    )  # fmt: skip
    rows = f"{day},45.00,77558100{merchant.pk},{word}\n{day},x,2,{word}\n"
    made = bring_own_sheet(
        merchant=merchant, account_id=account.pk, file_name=f"{word}.csv",
        content=f"date,amount,reference,text\n{rows}".encode(), by=by,
    )  # fmt: skip
    texts = {"reference": f"5582{merchant.pk}", "text": word}
    money.correct_rejected(rejected_id=odd_row(made).pk, booked_on=day, amount=Decimal("46.00"), texts=texts, by=by)


def odd_row(made: StatementImport) -> RejectedLine:
    """The row of the preview that cannot be read."""
    return RejectedLine.objects.get(statement_import=made, kind="rejected")
