"""Reads of the differences that are allowed."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.errors import NotAllowed
from banking.models import ReceivingAccount
from reconciliation.models import StatementLine, Tolerance
from reconciliation.tolerances import Difference, difference_of, live_tolerances
from reports.models import Transfer


def tolerances_for(actor: Actor, account: ReceivingAccount) -> QuerySet[Tolerance]:
    """What is allowed now for an account: what holds for all methods first. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    found = Tolerance.objects.filter(merchant=actor.merchant, account=account, ended_at__isnull=True)
    return found.select_related("method", "made_by").order_by("method__position", "method__pk", "pk")


def differences_for(actor: Actor, currency: str, pairs: Mapping[Transfer, StatementLine]) -> dict[Transfer, Difference]:
    """What lies between each transfer and its line, where it is allowed; `currency` is the report's. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    uneven = {transfer: line for transfer, line in pairs.items() if transfer.amount != line.balance.free}
    if not uneven:
        return {}
    allowed = live_tolerances(actor.merchant, {transfer.account_id for transfer in uneven})
    found = {each: difference_of(each, line.balance.free, currency, allowed) for each, line in uneven.items()}
    return {transfer: difference for transfer, difference in found.items() if difference is not None}
