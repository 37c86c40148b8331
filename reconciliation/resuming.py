"""What follows when money arrives: certain matches are settled where that is allowed, and tickets that wait for the bank come
back into review."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app

from accounts.actors import Actor
from accounts.errors import Refused
from banking.models import ReceivingAccount
from tickets import services as tickets
from tickets.models import State, Ticket

RESUME_JOB = "reconciliation.jobs.resume_waiting"
OPEN = (State.SUBMITTED, State.IN_REVIEW, State.WAITING_FOR_BANK)

# A line that came after the waiting began, with the exact amount or the last six digits, and money left.
ARRIVED = """
SELECT DISTINCT tk.id
  FROM tickets_ticket tk
  JOIN reports_paymentreport r ON r.ticket_id = tk.id
  JOIN reports_transfer t ON t.report_id = r.id AND t.until_revision IS NULL AND t.account_id = %s
 WHERE tk.merchant_id = %s AND tk.state = %s
   AND EXISTS (
     SELECT 1 FROM reconciliation_statementline l JOIN reconciliation_linebalance b ON b.line_id = l.id
      WHERE l.account_id = t.account_id AND l.amount > 0 AND l.created_at >= tk.waiting_since
        AND l.booked_on BETWEEN t.paid_on - 7 AND t.paid_on + 21
        AND b.returned_at IS NULL AND b.allocated + b.reserved < b.amount
        AND (l.amount = t.amount
             OR (length(t.reference) >= 6 AND right(l.reference, 4) = right(t.reference, 4)
                 AND right(l.reference, 6) = right(t.reference, 6))))
 ORDER BY tk.id
"""


def resume_soon(account: ReceivingAccount) -> None:
    """Have a job match the open tickets of an account, in the transaction that brought lines; none when nothing is open."""
    if Ticket.objects.filter(merchant_id=account.merchant_id, state__in=OPEN).exists():
        app.configure_task(RESUME_JOB, lock=f"resume/{account.pk}").defer(account_id=account.pk)


def resume_waiting_tickets(account: ReceivingAccount) -> list[Ticket]:
    """Bring tickets back into review for which a candidate deposit arrived in this account, each in its own transaction."""
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED, [account.pk, account.merchant_id, State.WAITING_FOR_BANK])
        found = [row[0] for row in cursor.fetchall()]
    resumed = []
    for ticket_id in found:
        try:
            resumed.append(tickets.resume(ticket_id=ticket_id, by=Actor.system(account.merchant)))
        except Refused:
            # Somebody was faster; the ticket stands where they put it.
            continue
    return resumed
