"""Background jobs of the reconciliation room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from banking.models import ReceivingAccount
from reconciliation.resuming import RESUME_JOB, resume_waiting_tickets


@app.task(name=RESUME_JOB)
def resume_waiting(*, account_id: int) -> None:
    """Lines arrived in this account: tickets that wait for one come back into review."""
    account = ReceivingAccount.objects.select_related("merchant").filter(pk=account_id).first()
    if account is not None:
        resume_waiting_tickets(account)
