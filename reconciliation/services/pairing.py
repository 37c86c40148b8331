"""What becomes of a deposit and the debit that takes it back: the pair takes effect, or is undone. Callers hold both lines."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from orders.dates import today_at
from reconciliation.closed import require_open
from reconciliation.locks import lock_lines
from reconciliation.models import ReturnedDeposit, ReversalRequest

State = ReturnedDeposit.State


def lock_pair(pair_id: int) -> ReturnedDeposit:
    """Lock the lines of a pair, then the pair, and read it as it is now."""
    lines = ReturnedDeposit.objects.values_list("debit_line_id", "deposit_line_id").get(pk=pair_id)
    lock_lines(lines)
    return ReturnedDeposit.objects.select_for_update(no_key=True).get(pk=pair_id)


def take_effect(pair: ReturnedDeposit) -> bool:
    """The deposit is returned as soon as nothing of it stands and no signature is missing; whether it is now."""
    balance = lock_lines([pair.deposit_line_id])[pair.deposit_line_id]
    waits = ReversalRequest.objects.filter(returns=pair, decided_at__isnull=True).exists()
    if pair.state != State.WAITING or waits or balance.allocated or balance.reserved:
        return False
    today = today_at(pair.merchant)
    require_open(pair.merchant, today)
    pair.state, pair.effective_on = State.RETURNED, today
    pair.save(update_fields=["state", "effective_on"])
    return True


def undo_pair(pair: ReturnedDeposit, person: User) -> None:
    """Part the two lines: the debit is unexplained again, and the deposit free unless it was marked before the debit came."""
    pair.state, pair.undone_at, pair.undone_on = State.UNDONE, timezone.now(), today_at(pair.merchant)
    pair.undone_by = person
    pair.save(update_fields=["state", "undone_at", "undone_on", "undone_by"])
